//! The users of the registry, for its administrators: adding, disabling, and making others administrators.

use http::StatusCode;
use jiff::Timestamp;

use super::Reply;
use super::form::Form;
use super::visit::Visit;
use crate::accounts::Account;
use crate::database::{self, audit_log, browser_sessions, users};
use crate::http::accounts::login::check_email;
use crate::http::caller::Caller;
use crate::http::failure::Failure;
use crate::identity::password::NewPassword;
use crate::identity::permission::SecondFactor;
use crate::identity::{AccountName, Secret};
use crate::pages::{Page, UserPasswordPage, UserRow, UserSettingsPage, UsersPage};

/// Users in a page.
const SIZE: u64 = 100;

/// All users, and the form for a new one.
pub(super) async fn show(visit: &mut Visit<'_>, from: u64) -> Result<Reply, Failure> {
    page(visit, from, StatusCode::OK, UsersPage::default()).await
}

/// Adds a user.
pub(super) async fn add(visit: &mut Visit<'_>, form: &Form) -> Result<Reply, Failure> {
    match make(visit, form).await {
        Ok(made) => Ok(Reply::page(made.render(&visit.frame))),
        Err(failure) => {
            let (status, failure) = visit.explained(failure)?;
            let shown = UsersPage {
                failure: Some(failure),
                asked_name: form.text("name").to_owned(),
                asked_email: form.text("email").to_owned(),
                ..UsersPage::default()
            };
            page(visit, 0, status, shown).await
        }
    }
}

/// What one user may do with the registry at all.
pub(super) async fn show_one(visit: &mut Visit<'_>, name: &str) -> Result<Reply, Failure> {
    visit.administrator()?;
    let user = known(visit, name).await?;
    settings(visit, &user, StatusCode::OK, None)
}

/// Changes that.
pub(super) async fn change_one(visit: &mut Visit<'_>, form: &Form, name: &str) -> Result<Reply, Failure> {
    visit.administrator()?;
    let user = known(visit, name).await?;
    let done = match form.text("form") {
        "password" => make_password(visit, form, &user).await,
        _ => decide(visit, form, &user).await.map(|()| Reply::To(Page::AdminUsers { from: 0 })),
    };
    match done {
        Ok(reply) => Ok(reply),
        Err(failure) => {
            let (status, failure) = visit.explained(failure)?;
            settings(visit, &user, status, Some(failure))
        }
    }
}

async fn make(visit: &Visit<'_>, form: &Form) -> Result<UserPasswordPage, Failure> {
    let hosted = visit.hosted()?;
    let caller = confirmed(visit, form).await?;
    let name = form.text("name").trim();
    let name =
        AccountName::parse(name).map_err(|refusal| Failure::bad_request(format!("\"{name}\": {refusal}")))?;
    let email = form.text("email").trim();
    if !email.is_empty() {
        check_email(email)?;
    }
    let password = NewPassword::generate()?;
    let administrator = !form.text("administrator").is_empty();
    let account = Account { name: &name, email, password: &password, administrator };
    let actor = caller.maintainer().name;
    if !hosted.create_user(&account, &actor, &visit.address.to_string()).await? {
        return Err(Failure::told(StatusCode::CONFLICT, format!("the name {name} is taken")));
    }
    Ok(UserPasswordPage { name: name.to_string(), password: password.secret().clone() })
}

async fn decide(visit: &Visit<'_>, form: &Form, user: &database::UserRow) -> Result<(), Failure> {
    let hosted = visit.hosted()?;
    let caller = confirmed(visit, form).await?;
    let ticked = |field: &str| !form.text(field).is_empty();
    let (is_administrator, is_disabled) = (ticked("administrator"), ticked("disabled"));
    let now = hosted.now();
    let mut writing = hosted.database.write().await?;
    let others = users::other_administrators(&mut writing, &user.name).await?;
    if others == 0 && (!is_administrator || is_disabled) {
        return Err(Failure::bad_request("nobody else could administer the registry then"));
    }
    let disabled = is_disabled.then(|| user.disabled.unwrap_or(now));
    users::set_standing(&mut writing, &user.name, is_administrator, disabled, now).await?;
    if is_disabled {
        browser_sessions::end_others(&mut writing, &user.name, None).await?;
    }
    let changes = [
        (user.administrator != is_administrator, "user.administrator", is_administrator),
        (user.disabled.is_some() != is_disabled, "user.disable", is_disabled),
    ];
    for (_, action, is) in changes.into_iter().filter(|(is_change, ..)| *is_change) {
        let entry = caller.audit(hosted, action, &user.name, if is { "yes" } else { "no" });
        audit_log::append(&mut writing, &entry).await?;
    }
    writing.commit().await?;
    Ok(())
}

async fn make_password(visit: &Visit<'_>, form: &Form, user: &database::UserRow) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    let actor = confirmed(visit, form).await?.maintainer().name;
    let made = hosted.reset_password(&user.name, &actor, &visit.address.to_string()).await?;
    let password = made.ok_or_else(|| Failure::not_found(user.name.as_str()))?;
    let page = UserPasswordPage { name: user.name.to_string(), password };
    Ok(Reply::page(page.render(&visit.frame)))
}

/// The administrator, who has to show once more that it is not somebody at their desk.
async fn confirmed(visit: &Visit<'_>, form: &Form) -> Result<Caller, Failure> {
    let hosted = visit.hosted()?;
    let (_, caller) = visit.administrator()?;
    let mut caller = caller.with_one_time_password(form.code());
    let password: Secret = form.secret("password");
    caller.confirm_password(hosted, &password).await?;
    caller.account_with_second_factor(hosted).await?;
    Ok(caller)
}

async fn known(visit: &Visit<'_>, name: &str) -> Result<database::UserRow, Failure> {
    let unknown = || Failure::not_found(name);
    let name = AccountName::parse(name).map_err(|_| unknown())?;
    visit.hosted()?.database.user(&name).await?.ok_or_else(unknown)
}

fn settings(
    visit: &Visit<'_>,
    user: &database::UserRow,
    status: StatusCode,
    failure: Option<String>,
) -> Result<Reply, Failure> {
    let page = UserSettingsPage {
        name: user.name.to_string(),
        is_administrator: user.administrator,
        is_disabled: user.disabled.is_some(),
        failure,
        asks_for_code: visit.asks_for_code(),
    };
    Ok(Reply::Page(status, page.render(&visit.frame)))
}

async fn page(
    visit: &mut Visit<'_>,
    from: u64,
    status: StatusCode,
    shown: UsersPage,
) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    visit.administrator()?;
    let offset = i64::try_from(from).unwrap_or(i64::MAX);
    let (rows, total) = hosted.database.users(SIZE as i64, offset).await?;
    let row = |user: database::UserRow| UserRow {
        name: user.name.to_string(),
        email: user.email,
        is_administrator: user.administrator,
        is_disabled: user.disabled.is_some(),
        has_second_factor: user.second_factor != SecondFactor::Disabled,
        created: Timestamp::from_millisecond(user.created).ok(),
    };
    let page = UsersPage {
        total: total.unsigned_abs(),
        from,
        size: SIZE,
        users: rows.into_iter().map(row).collect(),
        asks_for_code: visit.asks_for_code(),
        ..shown
    };
    Ok(Reply::Page(status, page.render(&visit.frame)))
}
