//! What an administrator decides about a user, and the password that they made for one.

use super::super::address::Page;
use super::super::frame::Frame;
use super::super::markup::{Html, html};
use super::super::sign_in::{code_field, failure, password_field};
use super::navigation;
use crate::Secret;

/// A form for what a user may do with the registry at all.
#[derive(Clone, Debug, Default)]
pub struct UserSettingsPage {
    pub name: String,
    pub is_administrator: bool,
    pub is_disabled: bool,
    /// Why nothing was changed.
    pub failure: Option<String>,
    /// Whether the administrator is asked for a one-time password.
    pub asks_for_code: bool,
}

impl UserSettingsPage {
    /// The page. Both forms send `form` (`standing` or `password`), `password`, and `otp` where one is asked for; that
    /// of the standing also `administrator` and `disabled` where they are ticked.
    pub fn render(&self, frame: &Frame) -> Html {
        let ticked = |is: bool| is.then(|| html!(" checked"));
        let content = html!(
            r#"<h1>Administration</h1>
{navigation}<section class="card"><h2>{name}</h2>
<p><a href="{page}">What they maintain</a></p>
{failure}<form method="post" action="{action}">{seal}<input type="hidden" name="form" value="standing">
<label class="choice"><input type="checkbox" name="administrator" value="yes"{administrator}> Administrator of this registry</label>
<label class="choice"><input type="checkbox" name="disabled" value="yes"{disabled}> Disabled: cannot log in, and no token of theirs is good</label>
{password}{code}<button>Save</button>
</form></section>
<section class="card"><h2>New password</h2>
<p class="quiet">You are told it once. Their browsers are signed out, and their tokens revoked.</p>
<form method="post" action="{action}">{seal}<input type="hidden" name="form" value="password">
{password_again}{code_again}<button>Make a new password</button>
</form></section>
"#,
            navigation = navigation(frame, &Page::AdminUsers { from: 0 }),
            name = self.name,
            page = frame.at(&Page::User(self.name.clone())),
            failure = failure(self.failure.as_deref()),
            action = frame.at(&Page::AdminUser(self.name.clone())),
            seal = frame.seal(),
            administrator = ticked(self.is_administrator),
            disabled = ticked(self.is_disabled),
            password = password_field("password"),
            code = self.asks_for_code.then(|| code_field("otp")),
            password_again = password_field("reset-password"),
            code_again = self.asks_for_code.then(|| code_field("reset-otp")),
        );
        frame.document(&self.name, "", &content)
    }
}

/// The new password of a user: shown this once.
#[derive(Clone, Debug)]
pub struct UserPasswordPage {
    pub name: String,
    pub password: Secret,
}

impl UserPasswordPage {
    /// The page.
    pub fn render(&self, frame: &Frame) -> Html {
        let content = html!(
            r#"<h1>Administration</h1>
{navigation}<section class="card"><h2>{name}</h2>
<div class="notice" role="status"><p>Their password. It is shown only now:</p>
<pre data-copy><code>{password}</code></pre></div>
<p><a class="button" href="{back}">Done</a></p></section>
"#,
            navigation = navigation(frame, &Page::AdminUsers { from: 0 }),
            name = self.name,
            password = self.password.reveal(),
            back = frame.at(&Page::AdminUsers { from: 0 }),
        );
        frame.document(&self.name, "", &content)
    }
}
