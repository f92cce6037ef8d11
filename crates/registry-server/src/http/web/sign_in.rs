//! Signing in with a browser, in two steps where there is a second factor, and signing out.

use super::Reply;
use super::form::Form;
use super::visit::Visit;
use crate::accounts::LoginError;
use crate::database::{AuditEntry, NewSession, SessionStage, audit_log, browser_sessions};
use crate::hosted::Hosted;
use crate::http::failure::Failure;
use crate::identity::permission::SecondFactor;
use crate::identity::{AccountName, SessionKey};
use crate::pages::{CommandLine, LoginPage, OneTimePasswordPage, Page, Purpose};

/// Milliseconds that a browser stays signed in.
const SIGNED_IN: i64 = 7 * 24 * 60 * 60 * 1000;

/// Milliseconds that a browser may take for the second step.
const SECOND_STEP: i64 = 10 * 60 * 1000;

type Next = Option<Box<Page>>;

/// The form for name and password.
pub(super) async fn login(visit: &mut Visit<'_>, next: Next) -> Result<Reply, Failure> {
    if visit.user().is_some() {
        return Ok(onward(next));
    }
    visit.hosted()?;
    visit.ensure_key()?;
    let page = LoginPage { purpose: purpose(visit, &next).await?, next, ..LoginPage::default() };
    Ok(Reply::page(page.render(&visit.frame)))
}

/// Takes name and password.
pub(super) async fn log_in(visit: &mut Visit<'_>, form: &Form, next: Next) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    let checked = match AccountName::parse(form.text("username")) {
        Ok(name) => hosted.check_password(&name, &form.secret("password"), visit.address).await,
        Err(_) => Err(LoginError::Wrong),
    };
    match checked {
        Ok(user) if user.second_factor == SecondFactor::Disabled => {
            enter(visit, hosted, &user.name).await?;
            Ok(onward(next))
        }
        Ok(user) => {
            begin(visit, hosted, &user.name, SessionStage::PasswordShown, None).await?;
            Ok(Reply::To(Page::OneTimePassword { next }))
        }
        Err(error) => {
            if matches!(error, LoginError::Wrong) {
                tracing::info!(address = %visit.address, "a login in a browser with a wrong name or password");
            }
            let (status, failure) = visit.explained(error.into())?;
            let (purpose, user) = (purpose(visit, &next).await?, form.text("username").to_owned());
            let page = LoginPage { purpose, next, user, failure: Some(failure) };
            Ok(Reply::Page(status, page.render(&visit.frame)))
        }
    }
}

/// The form for the one-time password.
pub(super) async fn one_time_password(visit: &mut Visit<'_>, next: Next) -> Result<Reply, Failure> {
    if half_way(visit).is_none() {
        return Ok(Reply::To(Page::Login { next }));
    }
    let page = OneTimePasswordPage { purpose: purpose(visit, &next).await?, next, failure: None };
    Ok(Reply::page(page.render(&visit.frame)))
}

/// Takes the one-time password.
pub(super) async fn take_one_time_password(
    visit: &mut Visit<'_>,
    form: &Form,
    next: Next,
) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    let Some(name) = half_way(visit) else { return Ok(Reply::To(Page::Login { next })) };
    let code = form.code().unwrap_or_else(|| form.secret("otp"));
    match hosted.take_one_time_password(&name, &code, visit.address).await {
        Ok(()) => {
            enter(visit, hosted, &name).await?;
            Ok(onward(next))
        }
        Err(error) => {
            let (status, failure) = visit.explained(error.into())?;
            let purpose = purpose(visit, &next).await?;
            let page = OneTimePasswordPage { purpose, next, failure: Some(failure) };
            Ok(Reply::Page(status, page.render(&visit.frame)))
        }
    }
}

/// Ends the browser's login.
pub(super) async fn log_out(visit: &mut Visit<'_>) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    if let Some(key) = visit.key().cloned() {
        let mut writing = hosted.database.write().await?;
        if browser_sessions::end(&mut writing, &key).await?
            && let Some(user) = visit.user()
        {
            audit_log::append(&mut writing, &entry(visit, hosted, &user.name, "logout.browser")).await?;
        }
        writing.commit().await?;
    }
    visit.forget();
    Ok(Reply::To(Page::Home))
}

/// A new key for a browser whose user is known; the one it had is no longer good, so that nobody can have planted it.
pub(super) async fn enter(visit: &mut Visit<'_>, hosted: &Hosted, user: &AccountName) -> Result<(), Failure> {
    begin(visit, hosted, user, SessionStage::SignedIn, Some("login.browser")).await
}

/// The same for a browser that was signed in before.
pub(super) async fn stay(visit: &mut Visit<'_>, hosted: &Hosted, user: &AccountName) -> Result<(), Failure> {
    begin(visit, hosted, user, SessionStage::SignedIn, None).await
}

async fn begin(
    visit: &mut Visit<'_>,
    hosted: &Hosted,
    user: &AccountName,
    stage: SessionStage,
    told: Option<&str>,
) -> Result<(), Failure> {
    let key = SessionKey::generate()?;
    let lifetime = if stage == SessionStage::SignedIn { SIGNED_IN } else { SECOND_STEP };
    let mut writing = hosted.database.write().await?;
    if let Some(old) = visit.key() {
        browser_sessions::end(&mut writing, old).await?;
    }
    let new = NewSession { key: &key, user, stage, lifetime };
    browser_sessions::create(&mut writing, &new, hosted.now()).await?;
    if let Some(action) = told {
        audit_log::append(&mut writing, &entry(visit, hosted, user, action)).await?;
    }
    writing.commit().await?;
    visit.remember(key, Some(lifetime));
    Ok(())
}

fn entry(visit: &Visit<'_>, hosted: &Hosted, user: &AccountName, action: &str) -> AuditEntry {
    AuditEntry {
        at: hosted.now(),
        actor: user.to_string(),
        address: visit.address.to_string(),
        action: action.to_owned(),
        object: user.to_string(),
        detail: String::new(),
    }
}

/// Whose password was right in this browser, while the one-time password is to come.
fn half_way(visit: &Visit<'_>) -> Option<AccountName> {
    let session = visit.session()?;
    (session.stage == SessionStage::PasswordShown).then(|| session.user.clone())
}

fn onward(next: Next) -> Reply {
    Reply::To(next.map_or(Page::Home, |page| *page))
}

/// For what somebody signs in who goes on to a page.
async fn purpose(visit: &Visit<'_>, next: &Next) -> Result<Purpose, Failure> {
    let Some(Page::CommandLine(code)) = next.as_deref() else { return Ok(Purpose::Browser) };
    let hosted = visit.hosted()?;
    let waiting = hosted.database.waiting_login(code, hosted.now()).await?;
    Ok(waiting.map_or(Purpose::Browser, |waiting| {
        Purpose::CommandLine(CommandLine { client: waiting.client, address: waiting.address })
    }))
}
