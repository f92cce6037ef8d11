//! Where a user lets a command line in that waits: the middle of npm's login by a browser.

use http::StatusCode;

use super::Reply;
use super::form::Form;
use super::visit::Visit;
use crate::database::{audit_log, login_sessions};
use crate::http::failure::Failure;
use crate::pages::{CommandLine, CommandLinePage, MessagePage};

/// Milliseconds after signing in for which nobody is asked for another one-time password: each is good once, and the
/// next may be half a minute away.
const JUST_NOW: i64 = 5 * 60 * 1000;

/// The form.
pub(super) async fn show(visit: &mut Visit<'_>, code: String) -> Result<Reply, Failure> {
    let Ok(page) = begun(visit, code).await? else { return Ok(ended(visit)) };
    visit.signed_in()?;
    Ok(Reply::page(page.render(&visit.frame)))
}

/// Lets it in.
pub(super) async fn let_in(visit: &mut Visit<'_>, form: &Form, code: String) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    let Ok(page) = begun(visit, code).await? else { return Ok(ended(visit)) };
    let (user, caller) = visit.signed_in()?;
    if page.asks_for_code {
        let code = form.code().unwrap_or_else(|| form.secret("otp"));
        if let Err(error) = hosted.take_one_time_password(&user.name, &code, visit.address).await {
            let (status, failure) = visit.explained(error.into())?;
            let page = CommandLinePage { failure: Some(failure), ..page };
            return Ok(Reply::Page(status, page.render(&visit.frame)));
        }
    }
    let mut writing = hosted.database.write().await?;
    if !login_sessions::approve(&mut writing, &page.code, &user.name, hosted.now()).await? {
        return Ok(ended(visit));
    }
    let entry = caller.audit(hosted, "login.approve", &user.name, &page.command_line.address);
    audit_log::append(&mut writing, &entry).await?;
    writing.commit().await?;
    Ok(done(visit))
}

/// The login that waits, or the fact that none does any more.
async fn begun(visit: &Visit<'_>, code: String) -> Result<Result<CommandLinePage, Ended>, Failure> {
    let hosted = visit.hosted()?;
    let Some(waiting) = hosted.database.waiting_login(&code, hosted.now()).await? else {
        return Ok(Err(Ended));
    };
    if waiting.username.is_some() {
        return Ok(Err(Ended));
    }
    let is_new = visit
        .session()
        .is_some_and(|session| (0..JUST_NOW).contains(&hosted.now().saturating_sub(session.created)));
    Ok(Ok(CommandLinePage {
        command_line: CommandLine { client: waiting.client, address: waiting.address },
        code,
        asks_for_code: visit.asks_for_code() && !is_new,
        failure: None,
    }))
}

/// A login that somebody has finished, or that waited too long.
struct Ended;

fn ended(visit: &Visit<'_>) -> Reply {
    let page = MessagePage {
        title: "Login ended".to_owned(),
        text: "This login was finished, or waited too long. Start it again at the command line.".to_owned(),
        onward: None,
    };
    Reply::Page(StatusCode::NOT_FOUND, page.render(&visit.frame))
}

fn done(visit: &Visit<'_>) -> Reply {
    let page = MessagePage {
        title: "Logged in".to_owned(),
        text: "Go back to the command line; it goes on by itself.".to_owned(),
        onward: None,
    };
    Reply::page(page.render(&visit.frame))
}
