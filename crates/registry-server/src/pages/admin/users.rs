//! The users of the registry, and a form for a new one.

use jiff::Timestamp;

use super::super::address::Page;
use super::super::frame::Frame;
use super::super::listing::{self, Part};
use super::super::markup::{Html, html};
use super::super::quantities::time_day;
use super::super::sign_in::{code_field, failure, password_field, success};
use super::{navigation, table};

/// What the page of users shows.
#[derive(Clone, Debug, Default)]
pub struct UsersPage {
    /// All users.
    pub total: u64,
    /// The first that is shown, counted from 0.
    pub from: u64,
    /// Users in a page.
    pub size: u64,
    pub users: Vec<UserRow>,
    /// What was done.
    pub done: Option<String>,
    /// Why nobody was added, and whom it was about.
    pub failure: Option<String>,
    pub asked_name: String,
    pub asked_email: String,
    /// Whether the administrator is asked for a one-time password.
    pub asks_for_code: bool,
}

/// A user in the list of all.
#[derive(Clone, Debug)]
pub struct UserRow {
    pub name: String,
    pub email: String,
    pub is_administrator: bool,
    pub is_disabled: bool,
    pub has_second_factor: bool,
    pub created: Option<Timestamp>,
}

impl UsersPage {
    /// The page. The form sends `name`, `email`, `administrator` where it is ticked, `password`, and `otp` where one is
    /// asked for.
    pub fn render(&self, frame: &Frame) -> Html {
        let part = Part { total: self.total, from: self.from, size: self.size };
        let rows = table(
            "Users",
            &["Name", "Email", "Is", "Made"],
            self.users.iter().map(|user| row(frame, user)).collect(),
            "There are no users.",
        );
        let content = html!(
            "<h1>Administration</h1>\n{}{}{}{}{}{}",
            navigation(frame, &Page::AdminUsers { from: 0 }),
            success(self.done.as_deref()),
            failure(self.failure.as_deref()),
            rows,
            listing::pager(&part, |from| frame.at(&Page::AdminUsers { from })),
            self.form(frame)
        );
        frame.document("Users", "", &content)
    }

    fn form(&self, frame: &Frame) -> Html {
        html!(
            r#"<section class="card"><h2>New user</h2>
<p class="quiet">They get a password, which you are told once.</p>
<form method="post" action="{action}">{seal}
<label for="name">Name</label>
<input id="name" name="name" value="{name}" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="64">
<label for="email">Email</label>
<input id="email" name="email" type="email" value="{email}" autocomplete="off" maxlength="254">
<label class="choice"><input type="checkbox" name="administrator" value="yes"> Administrator of this registry</label>
{password}{code}<button>Add</button>
</form></section>
"#,
            action = frame.at(&Page::AdminUsers { from: 0 }),
            seal = frame.seal(),
            name = self.asked_name,
            email = self.asked_email,
            password = password_field("password"),
            code = self.asks_for_code.then(|| code_field("otp")),
        )
    }
}

fn row(frame: &Frame, user: &UserRow) -> Html {
    let mark = |is: bool, class: &str, text: &str| {
        is.then(|| html!(r#"<span class="badge {}">{}</span> "#, class, text))
    };
    html!(
        r#"<tr><th scope="row"><a href="{address}">{name}</a></th><td>{email}</td><td>{administrator}{second_factor}{disabled}</td><td>{created}</td></tr>
"#,
        address = frame.at(&Page::AdminUser(user.name.clone())),
        name = user.name,
        email = user.email,
        administrator = mark(user.is_administrator, "", "administrator"),
        second_factor = mark(user.has_second_factor, "good", "second factor"),
        disabled = mark(user.is_disabled, "danger", "disabled"),
        created = user.created.map(time_day),
    )
}
