//! A user's tokens: what there is, and a form for a new one.

use jiff::Timestamp;

use super::address::Page;
use super::frame::Frame;
use super::listing::{self, Part};
use super::markup::{Html, html};
use super::quantities::{time_ago, time_day};
use super::sign_in::{code_field, failure, password_field, success};
use crate::Secret;

/// What the page of tokens shows.
#[derive(Clone, Debug, Default)]
pub struct TokensPage {
    /// All tokens of the user.
    pub total: u64,
    /// The first that is shown, counted from 0.
    pub from: u64,
    /// Tokens in a page.
    pub size: u64,
    pub tokens: Vec<TokenRow>,
    /// The token that was just made: shown this once.
    pub created: Option<Secret>,
    /// What was done else.
    pub done: Option<String>,
    /// Why one could not be made, and what was asked for.
    pub failure: Option<String>,
    pub asked: TokenForm,
    /// Whether a one-time password is asked for.
    pub asks_for_code: bool,
}

/// What was written in the form for a new token.
#[derive(Clone, Debug, Default)]
pub struct TokenForm {
    pub name: String,
    /// `read-only`, `read-write` or `automation`.
    pub kind: String,
    pub packages: String,
    pub addresses: String,
    pub days: String,
}

/// A token, without what makes it one.
#[derive(Clone, Debug)]
pub struct TokenRow {
    /// What names it in requests.
    pub key: String,
    /// The beginning of the token itself.
    pub shown: String,
    /// What its owner calls it; may be empty.
    pub name: String,
    pub power: TokenPower,
    /// Packages and scopes it is limited to; all where empty.
    pub packages: Vec<String>,
    /// Ranges of addresses it may be used from; all where empty.
    pub addresses: Vec<String>,
    pub created: Timestamp,
    pub expires: Option<Timestamp>,
}

/// What a token lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPower {
    Read,
    ReadAndPublish,
    /// Without a one-time password, whatever its user or the package asks for.
    PublishUnattended,
    /// Whatever its user may, which is what a login gives.
    Everything,
}

impl TokenPower {
    fn told(self) -> &'static str {
        match self {
            TokenPower::Read => "read",
            TokenPower::ReadAndPublish => "read and publish",
            TokenPower::PublishUnattended => "read and publish unattended",
            TokenPower::Everything => "everything you may",
        }
    }
}

impl TokensPage {
    /// The page. A form sends `revoke` with a key, the other the fields of [`TokenForm`], `password`, and `otp` where
    /// one is asked for.
    pub fn render(&self, frame: &Frame) -> Html {
        let created = self.created.as_ref().map(|token| {
            html!(
                r#"<div class="notice" role="status"><p>The new token. It is shown only now:</p>
<pre data-copy><code>{}</code></pre></div>"#,
                token.reveal()
            )
        });
        let part = Part { total: self.total, from: self.from, size: self.size };
        let pager = listing::pager(&part, |from| frame.at(&Page::Tokens { from }));
        let content = html!(
            r#"<h1>Tokens</h1>
{created}{done}{failure}
{table}{pager}
<section class="card">
<h2>New token</h2>
{form}
</section>"#,
            created = created,
            done = success(self.done.as_deref()),
            failure = failure(self.failure.as_deref()),
            table = self.table(frame),
            pager = pager,
            form = self.form(frame),
        );
        frame.document("Tokens", "", &content)
    }

    fn table(&self, frame: &Frame) -> Html {
        if self.tokens.is_empty() {
            return html!(r#"<p class="quiet">You have no tokens.</p>"#);
        }
        let rows: Html = self.tokens.iter().map(|token| row(frame, token)).collect();
        html!(
            r#"<div class="scroll" role="region" aria-label="Tokens" tabindex="0"><table>
<thead><tr><th scope="col">Name</th><th scope="col">May</th><th scope="col">Made</th><th scope="col">Expires</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead>
<tbody>{}</tbody>
</table></div>"#,
            rows
        )
    }

    fn form(&self, frame: &Frame) -> Html {
        let asked = &self.asked;
        let kinds = [
            ("read-only", "read"),
            ("read-write", "read and publish"),
            ("automation", "read and publish without a one-time password, for machines"),
        ];
        let kinds: Html = (kinds.iter().enumerate())
            .map(|(index, (value, label))| {
                let is_chosen = asked.kind == *value || (asked.kind.is_empty() && index == 0);
                html!(
                    r#"<label class="choice"><input type="radio" name="kind" value="{}"{}> {}</label>
"#,
                    value,
                    is_chosen.then(|| html!(" checked")),
                    label
                )
            })
            .collect();
        let spans = [
            ("7", "after 7 days"),
            ("30", "after 30 days"),
            ("90", "after 90 days"),
            ("365", "after a year"),
            ("never", "never"),
        ];
        let chosen = if asked.days.is_empty() { "30" } else { &asked.days };
        let spans: Html = (spans.iter())
            .map(|(value, label)| {
                let selected = (*value == chosen).then(|| html!(" selected"));
                html!("<option value=\"{}\"{}>{}</option>\n", value, selected, label)
            })
            .collect();
        html!(
            r#"<form method="post" action="{action}">{seal}
<label for="name">Name</label>
<input id="name" name="name" value="{name}" required maxlength="100" autocomplete="off">
<fieldset><legend>May</legend>
{kinds}</fieldset>
<label for="packages">Only these packages or scopes <span class="quiet">(separated by commas; empty: all)</span></label>
<input id="packages" name="packages" value="{packages}" placeholder="@acme, tool" autocomplete="off" maxlength="2000">
<label for="addresses">Only from these addresses <span class="quiet">(CIDR; empty: all)</span></label>
<input id="addresses" name="addresses" value="{addresses}" placeholder="10.0.0.0/8" autocomplete="off" maxlength="2000">
<label for="days">Expires</label>
<select id="days" name="days">
{spans}</select>
{password}{code}<button>Make token</button>
</form>"#,
            action = frame.at(&Page::Tokens { from: 0 }),
            seal = frame.seal(),
            name = asked.name,
            kinds = kinds,
            packages = asked.packages,
            addresses = asked.addresses,
            spans = spans,
            password = password_field("password"),
            code = self.asks_for_code.then(|| code_field("otp")),
        )
    }
}

fn row(frame: &Frame, token: &TokenRow) -> Html {
    let name = if token.name.is_empty() { "unnamed" } else { &token.name };
    let limit = |label: &str, values: &[String]| {
        (!values.is_empty())
            .then(|| html!(r#"<br><span class="quiet">{} {}</span>"#, label, values.join(", ")))
    };
    let expires = match token.expires {
        Some(expires) if expires <= frame.now => html!(r#"<span class="badge warning">expired</span>"#),
        Some(expires) => time_day(expires),
        None => html!("never"),
    };
    html!(
        r#"<tr><th scope="row">{name}<br><code class="quiet">{shown}…</code></th>
<td>{power}{packages}{addresses}</td><td>{created}</td><td>{expires}</td>
<td><form method="post" action="{action}">{seal}<button class="danger" name="revoke" value="{full_key}" aria-label="Revoke {name}">Revoke</button></form></td></tr>
"#,
        name = name,
        shown = token.shown,
        power = token.power.told(),
        packages = limit("only", &token.packages),
        addresses = limit("from", &token.addresses),
        created = time_ago(token.created, frame.now),
        expires = expires,
        action = frame.at(&Page::Tokens { from: 0 }),
        seal = frame.seal(),
        full_key = token.key,
    )
}
