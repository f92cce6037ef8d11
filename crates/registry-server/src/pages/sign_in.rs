//! The forms by which someone signs in: name and password, then a one-time password.
//!
//! Does not own: what is done with them, and with what they carry hidden.

use super::frame::Frame;
use super::markup::{Html, html};

/// For what someone signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To use these pages.
    Browser,
    /// To let a command line in: the client's name and the address it asked from.
    CommandLine { client: String, address: String },
}

/// A form for name and password.
#[derive(Clone, Debug)]
pub struct LoginPage {
    pub purpose: Purpose,
    /// Where the form is sent, as a path.
    pub action: String,
    /// Fields that are sent along unseen.
    pub hidden: Vec<(String, String)>,
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
<form method="post" action="{action}">{hidden}
<label for="username">Username</label>
<input id="username" name="username" value="{user}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="100">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024">
<button>Sign in</button>
</form>
</div>"#,
            purpose = purpose(&self.purpose),
            failure = failure(self.failure.as_deref()),
            action = self.action,
            hidden = hidden(&self.hidden),
            user = self.user,
        );
        frame.document("Sign in", "", &content)
    }
}

/// A form for the one-time password that follows.
#[derive(Clone, Debug)]
pub struct OneTimePasswordPage {
    pub purpose: Purpose,
    pub action: String,
    pub hidden: Vec<(String, String)>,
    pub failure: Option<String>,
}

impl OneTimePasswordPage {
    /// The page. The field is `otp`.
    pub fn render(&self, frame: &Frame) -> Html {
        let content = html!(
            r#"<div class="card">
<h1>One-time password</h1>
{purpose}{failure}
<form method="post" action="{action}">{hidden}
<label for="otp">Code of your authenticator, or a recovery code</label>
<input id="otp" name="otp" class="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required maxlength="100">
<button>Continue</button>
</form>
</div>"#,
            purpose = purpose(&self.purpose),
            failure = failure(self.failure.as_deref()),
            action = self.action,
            hidden = hidden(&self.hidden),
        );
        frame.document("One-time password", "", &content)
    }
}

fn purpose(purpose: &Purpose) -> Html {
    match purpose {
        Purpose::Browser => Html::default(),
        Purpose::CommandLine { client, address } => html!(
            r#"<p class="notice">This lets <strong>{}</strong> at <strong>{}</strong> act in your name. Go on only if
you have just started it.</p>"#,
            client,
            address
        ),
    }
}

/// Why a form is shown again.
pub(super) fn failure(reason: Option<&str>) -> Html {
    reason.map(|reason| html!(r#"<p class="notice danger" role="alert">{}</p>"#, reason)).unwrap_or_default()
}

fn hidden(fields: &[(String, String)]) -> Html {
    fields
        .iter()
        .map(|(name, value)| html!(r#"<input type="hidden" name="{}" value="{}">"#, name, value))
        .collect()
}
