//! A user's own account: profile, password, second factor.

use super::address::{Href, Page};
use super::frame::Frame;
use super::markup::{Html, html};
use super::sign_in::{code_field, failure, password_field, success};
use crate::Secret;

/// What the page of one's own account shows.
#[derive(Clone, Debug, Default)]
pub struct AccountPage {
    pub email: String,
    /// What users may say of themselves: a field's name, its label and its value.
    pub profile: Vec<(&'static str, &'static str, String)>,
    pub second_factor: SecondFactorUse,
    /// What was done.
    pub done: Option<String>,
    /// Why something was not.
    pub failure: Option<String>,
}

/// When a one-time password is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecondFactorUse {
    #[default]
    Never,
    Logins,
    LoginsAndWrites,
}

impl SecondFactorUse {
    /// As forms send it, which is as npm does.
    fn value(self) -> &'static str {
        match self {
            SecondFactorUse::Never => "disable",
            SecondFactorUse::Logins => "auth-only",
            SecondFactorUse::LoginsAndWrites => "auth-and-writes",
        }
    }

    fn told(self) -> &'static str {
        match self {
            SecondFactorUse::Never => "never",
            SecondFactorUse::Logins => "when signing in and changing the account",
            SecondFactorUse::LoginsAndWrites => "also when packages are published or changed",
        }
    }
}

impl AccountPage {
    /// The page. Each form has a field `form` that names it: `profile`, `password`, `second-factor` or `recovery-codes`.
    pub fn render(&self, frame: &Frame) -> Html {
        let content = html!(
            "<h1>Account</h1>\n{}{}{}{}{}",
            success(self.done.as_deref()),
            failure(self.failure.as_deref()),
            self.profile(frame),
            self.password(frame),
            self.second_factor(frame)
        );
        frame.document("Account", "", &content)
    }

    fn has_authenticator(&self) -> bool {
        self.second_factor != SecondFactorUse::Never
    }

    fn profile(&self, frame: &Frame) -> Html {
        let fields: Html = (self.profile.iter())
            .map(|(name, label, value)| {
                html!(
                    r#"<label for="{name}">{label}</label>
<input id="{name}" name="{name}" value="{value}" maxlength="1024">
"#,
                    name = name,
                    label = label,
                    value = value,
                )
            })
            .collect();
        let asks = self.second_factor == SecondFactorUse::LoginsAndWrites;
        let fields = html!(
            r#"<label for="email">Email</label>
<input id="email" name="email" type="email" value="{}" autocomplete="email" maxlength="254">
{}{}"#,
            self.email,
            fields,
            asks.then(|| code_field("profile-otp"))
        );
        section(frame, "Profile", "profile", &fields, "Save")
    }

    fn password(&self, frame: &Frame) -> Html {
        let fields = html!(
            r#"<p class="quiet">Your other browsers are signed out and your tokens revoked.</p>
{}<label for="new">New password</label>
<input id="new" name="new" type="password" autocomplete="new-password" required minlength="10" maxlength="1024">
<label for="again">New password, again</label>
<input id="again" name="again" type="password" autocomplete="new-password" required minlength="10" maxlength="1024">
{}"#,
            password_field("old-password"),
            self.has_authenticator().then(|| code_field("password-otp"))
        );
        section(frame, "Password", "password", &fields, "Change password")
    }

    fn second_factor(&self, frame: &Frame) -> Html {
        let choices: Html =
            [SecondFactorUse::Logins, SecondFactorUse::LoginsAndWrites, SecondFactorUse::Never]
                .into_iter()
                .filter(|choice| self.has_authenticator() || *choice != SecondFactorUse::Never)
                .map(|choice| {
                    let is_chosen = choice == self.second_factor
                        || (!self.has_authenticator() && choice == SecondFactorUse::Logins);
                    html!(
                        r#"<label class="choice"><input type="radio" name="mode" value="{}"{}> {}</label>
"#,
                        choice.value(),
                        is_chosen.then(|| html!(" checked")),
                        choice.told()
                    )
                })
                .collect();
        let fields = html!(
            r#"<p class="quiet">{}</p>
<fieldset><legend>Ask for a one-time password</legend>
{}</fieldset>
{}{}"#,
            if self.has_authenticator() {
                "You have set up an authenticator."
            } else {
                "You have no authenticator. With one, your password alone lets nobody in."
            },
            choices,
            password_field("second-factor-password"),
            self.has_authenticator().then(|| code_field("second-factor-otp"))
        );
        let button = if self.has_authenticator() { "Save" } else { "Set up an authenticator" };
        let codes = self.has_authenticator().then(|| {
            let fields = html!(
                r#"<p class="quiet">Each stands once for a code of the authenticator. New ones replace those you have.</p>
{}{}"#,
                password_field("codes-password"),
                code_field("codes-otp")
            );
            section(frame, "Recovery codes", "recovery-codes", &fields, "Make new recovery codes")
        });
        html!("{}{}", section(frame, "Second factor", "second-factor", &fields, button), codes)
    }
}

fn section(frame: &Frame, heading: &str, form: &str, fields: &Html, button: &str) -> Html {
    html!(
        r#"<section class="card"><h2>{heading}</h2>
<form method="post" action="{action}">{seal}<input type="hidden" name="form" value="{form}">
{fields}<button>{button}</button>
</form></section>
"#,
        heading = heading,
        action = frame.at(&Page::Account),
        seal = frame.seal(),
        form = form,
        fields = fields,
        button = button,
    )
}

/// An authenticator that is being set up.
#[derive(Clone, Debug)]
pub struct AuthenticatorPage {
    /// Base32, as authenticators take it.
    pub secret: Secret,
    /// The same as a link.
    pub link: Option<Href>,
    /// The same as a picture for the camera of a telephone.
    pub picture: Option<Html>,
    pub failure: Option<String>,
}

impl AuthenticatorPage {
    /// The page. The form is `authenticator` with `secret`, as it was given out, and `otp`.
    pub fn render(&self, frame: &Frame) -> Html {
        let secret = self.secret.reveal();
        let groups: Vec<&str> =
            (0..secret.len()).step_by(4).filter_map(|at| secret.get(at..secret.len().min(at + 4))).collect();
        let link = self
            .link
            .as_ref()
            .map(|link| html!(r#"<p><a href="{}">Open in an authenticator on this device</a></p>"#, link));
        let content = html!(
            r#"<div class="card">
<h1>Set up an authenticator</h1>
{failure}
<p>Give your authenticator this secret:</p>
{picture}
<pre data-copy><code>{secret}</code></pre>
{link}
<form method="post" action="{action}">{seal}<input type="hidden" name="form" value="authenticator"><input type="hidden" name="secret" value="{hidden}">
<label for="otp">The code it shows now</label>
<input id="otp" name="otp" class="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="10">
<button>Finish</button>
</form>
</div>"#,
            failure = failure(self.failure.as_deref()),
            picture = self.picture,
            secret = groups.join(" "),
            link = link,
            action = frame.at(&Page::Account),
            seal = frame.seal(),
            hidden = secret,
        );
        frame.document("Set up an authenticator", "", &content)
    }
}

/// New recovery codes: shown this once.
#[derive(Clone, Debug)]
pub struct RecoveryCodesPage {
    pub codes: Vec<Secret>,
    /// What was done.
    pub done: String,
}

impl RecoveryCodesPage {
    /// The page.
    pub fn render(&self, frame: &Frame) -> Html {
        let codes: Html = self.codes.iter().map(|code| html!("{}\n", code.reveal())).collect();
        let content = html!(
            r#"<div class="card">
<h1>Recovery codes</h1>
{done}
<p>If you lose your authenticator, each of these codes stands for it once. Keep them where the authenticator is not; they are shown
only now.</p>
<pre data-copy><code>{codes}</code></pre>
<p><a class="button" href="{back}">I have kept them</a></p>
</div>"#,
            done = success(Some(&self.done)),
            codes = codes,
            back = frame.at(&Page::Account),
        );
        frame.document("Recovery codes", "", &content)
    }
}
