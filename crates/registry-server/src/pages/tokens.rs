//! A user's tokens: what there is, and a form for a new one.

use jiff::Timestamp;

use super::address::Page;
use super::frame::Frame;
use super::markup::{Html, html};
use super::quantities::{time_ago, time_day};
use super::sign_in::failure;

/// What the page of tokens shows. Not `Debug`: a token may be in it.
#[derive(Clone, Default)]
pub struct TokensPage {
    pub tokens: Vec<TokenRow>,
    /// The token that was just made: shown this once.
    pub created: Option<String>,
    /// Why one could not be made.
    pub failure: Option<String>,
}

/// A token, without what makes it one.
#[derive(Clone, Debug)]
pub struct TokenRow {
    /// What names it in requests.
    pub key: String,
    /// What its owner calls it; may be empty.
    pub name: String,
    pub read_only: bool,
    /// Packages and scopes it is limited to; all where empty.
    pub packages: Vec<String>,
    /// Ranges of addresses it may be used from; all where empty.
    pub addresses: Vec<String>,
    pub created: Timestamp,
    pub expires: Option<Timestamp>,
    pub used: Option<Timestamp>,
}

impl TokensPage {
    /// The page. A form sends `revoke` with a key, the other `name`, `access` (`read-only` or `read-write`),
    /// `packages`, `addresses`, `days` and `password`.
    pub fn render(&self, frame: &Frame) -> Html {
        let created = self.created.as_ref().map(|token| {
            html!(
                r#"<div class="notice" role="status"><p>The new token. It is shown only now:</p>
<pre data-copy><code>{}</code></pre></div>"#,
                token
            )
        });
        let content = html!(
            r#"<h1>Tokens</h1>
{created}{failure}
{table}
<section class="card">
<h2>New token</h2>
{form}
</section>"#,
            created = created,
            failure = failure(self.failure.as_deref()),
            table = self.table(frame),
            form = form(frame),
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
<thead><tr><th scope="col">Name</th><th scope="col">May</th><th scope="col">Made</th><th scope="col">Last used</th><th scope="col">Expires</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead>
<tbody>{}</tbody>
</table></div>"#,
            rows
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
        r#"<tr><th scope="row">{name}<br><code class="quiet">{key}</code></th>
<td>{access}{packages}{addresses}</td><td>{created}</td><td>{used}</td><td>{expires}</td>
<td><form method="post" action="{action}"><button class="danger" name="revoke" value="{full_key}" aria-label="Revoke {name}">Revoke</button></form></td></tr>
"#,
        name = name,
        key = token.key.chars().take(8).collect::<String>(),
        access = if token.read_only { "read" } else { "read and publish" },
        packages = limit("only", &token.packages),
        addresses = limit("from", &token.addresses),
        created = time_ago(token.created, frame.now),
        used = token.used.map_or_else(|| html!("never"), |used| time_ago(used, frame.now)),
        expires = expires,
        action = frame.at(&Page::Tokens),
        full_key = token.key,
    )
}

fn form(frame: &Frame) -> Html {
    html!(
        r#"<form method="post" action="{}">
<label for="name">Name</label>
<input id="name" name="name" required maxlength="100" autocomplete="off">
<fieldset><legend>May</legend>
<label class="choice"><input type="radio" name="access" value="read-only" checked> read</label>
<label class="choice"><input type="radio" name="access" value="read-write"> read and publish</label>
</fieldset>
<label for="packages">Only these packages or scopes <span class="quiet">(separated by commas; empty: all)</span></label>
<input id="packages" name="packages" placeholder="@acme, tool" autocomplete="off" maxlength="2000">
<label for="addresses">Only from these addresses <span class="quiet">(CIDR; empty: all)</span></label>
<input id="addresses" name="addresses" placeholder="10.0.0.0/8" autocomplete="off" maxlength="2000">
<label for="days">Expires</label>
<select id="days" name="days">
<option value="7">after 7 days</option>
<option value="30" selected>after 30 days</option>
<option value="90">after 90 days</option>
<option value="365">after a year</option>
<option value="">never</option>
</select>
<label for="password">Your password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024">
<button>Make token</button>
</form>"#,
        frame.at(&Page::Tokens)
    )
}
