//! The forms by which someone signs in: name and password, then a one-time password; and the one by which they let a
//! command line in.
//!
//! Does not own: what is done with them.

use super::address::Page;
use super::frame::Frame;
use super::markup::{Html, html};

/// For what someone signs in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To use these pages.
    #[default]
    Browser,
    /// To let a command line in.
    CommandLine(CommandLine),
}

/// A command line that waits to be let in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// What it calls itself; may be empty.
    pub client: String,
    /// The address it asked from.
    pub address: String,
}

/// A form for name and password.
#[derive(Clone, Debug, Default)]
pub struct LoginPage {
    pub purpose: Purpose,
    /// Where to go on afterwards.
    pub next: Option<Box<Page>>,
    /// The name that was given before.
    pub user: String,
    /// Why it is asked again.
    pub failure: Option<String>,
}

impl LoginPage {
    /// The page. The fields are `username` and `password`.
    pub fn render(&self, frame: &Frame) -> Html {
        let content = html!(
            r#"<div class="card">
<h1>Sign in</h1>
{purpose}{failure}
<form method="post" action="{action}">{seal}
<label for="username">Username</label>
<input id="username" name="username" value="{user}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="100">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024">
<button>Sign in</button>
</form>
</div>"#,
            purpose = purpose(&self.purpose),
            failure = failure(self.failure.as_deref()),
            action = frame.at(&Page::Login { next: self.next.clone() }),
            seal = frame.seal(),
            user = self.user,
        );
        frame.document("Sign in", "", &content)
    }
}

/// A form for the one-time password that follows.
#[derive(Clone, Debug, Default)]
pub struct OneTimePasswordPage {
    pub purpose: Purpose,
    pub next: Option<Box<Page>>,
    pub failure: Option<String>,
}

impl OneTimePasswordPage {
    /// The page. The field is `otp`.
    pub fn render(&self, frame: &Frame) -> Html {
        let content = html!(
            r#"<div class="card">
<h1>One-time password</h1>
{purpose}{failure}
<form method="post" action="{action}">{seal}
{code}<button>Continue</button>
</form>
</div>"#,
            purpose = purpose(&self.purpose),
            failure = failure(self.failure.as_deref()),
            action = frame.at(&Page::OneTimePassword { next: self.next.clone() }),
            seal = frame.seal(),
            code = code_field("otp"),
        );
        frame.document("One-time password", "", &content)
    }
}

/// A form by which a user who is signed in lets a command line in.
#[derive(Clone, Debug, Default)]
pub struct CommandLinePage {
    pub command_line: CommandLine,
    /// What its login is found by.
    pub code: String,
    /// Whether a one-time password is asked for.
    pub asks_for_code: bool,
    pub failure: Option<String>,
}

impl CommandLinePage {
    /// The page. The field is `otp`, where one is asked for.
    pub fn render(&self, frame: &Frame) -> Html {
        let user = frame.viewer.as_ref().map(|viewer| viewer.name.as_str()).unwrap_or_default();
        let content = html!(
            r#"<div class="card">
<h1>Let a command line in</h1>
{purpose}{failure}
<form method="post" action="{action}">{seal}
{code}<button>Let it in as {user}</button>
</form>
</div>"#,
            purpose = purpose(&Purpose::CommandLine(self.command_line.clone())),
            failure = failure(self.failure.as_deref()),
            action = frame.at(&Page::CommandLine(self.code.clone())),
            seal = frame.seal(),
            code = self.asks_for_code.then(|| code_field("otp")),
            user = user,
        );
        frame.document("Let a command line in", "", &content)
    }
}

fn purpose(purpose: &Purpose) -> Html {
    match purpose {
        Purpose::Browser => Html::default(),
        Purpose::CommandLine(CommandLine { client, address }) => html!(
            r#"<p class="notice">This lets <strong>{}</strong> at <strong>{}</strong> act in your name. Go on only if
you have just started it.</p>"#,
            if client.is_empty() { "a command line" } else { client },
            address
        ),
    }
}

/// A field for a one-time password, `otp`; `id` is its own in the page.
pub(super) fn code_field(id: &str) -> Html {
    html!(
        r#"<label for="{id}">Code of your authenticator, or a recovery code</label>
<input id="{id}" name="otp" class="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required maxlength="100">
"#,
        id = id
    )
}

/// A field for the user's own password, `password`; `id` is its own in the page.
pub(super) fn password_field(id: &str) -> Html {
    html!(
        r#"<label for="{id}">Your password</label>
<input id="{id}" name="password" type="password" autocomplete="current-password" required maxlength="1024">
"#,
        id = id
    )
}

/// Why a form is shown again.
pub(super) fn failure(reason: Option<&str>) -> Html {
    reason.map(|reason| html!(r#"<p class="notice danger" role="alert">{}</p>"#, reason)).unwrap_or_default()
}

/// That something was done.
pub(super) fn success(what: Option<&str>) -> Html {
    what.map(|what| html!(r#"<p class="notice" role="status">{}</p>"#, what)).unwrap_or_default()
}
