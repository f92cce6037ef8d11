//! Logging in by a browser: `POST /-/v1/login`, the page, and `GET /-/v1/done/{session}` until somebody has.

use axum::response::Response;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::login_page::{self, LoginForm, Notice};
use super::{Call, Failure, document, form_fields, login};
use crate::accounts::LoginError;
use crate::database::LoginProgress;
use crate::database::login_sessions;
use crate::identity::token::hexadecimal;
use crate::identity::{AccountName, Secret, random};

/// Milliseconds that a login waits for somebody.
const LIFETIME: i64 = 10 * 60 * 1000;

/// Seconds until a command line asks again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

pub(super) async fn begin(call: &Call<'_>) -> Result<Response, Failure> {
    call.hosted.accounts.count_address(call.address, call.hosted.timestamp())?;
    // two secrets: who sees the page's address cannot fetch the token
    let session = random::text(ALPHABET, 43)?;
    let page = random::text(ALPHABET, 43)?;
    let now = call.hosted.now();
    let mut writing = call.hosted.database.write().await?;
    let address = call.address.to_string();
    login_sessions::create(&mut writing, &digest(&session), &page, &address, now + LIFETIME, now).await?;
    writing.commit().await?;
    let base = call.base;
    Ok(document(
        StatusCode::OK,
        &json!({
            "loginUrl": format!("{base}-/login/{page}"),
            "doneUrl": format!("{base}-/v1/done/{session}"),
        }),
    ))
}

pub(super) async fn done(call: &Call<'_>, session: &str) -> Result<Response, Failure> {
    if call.method == Method::HEAD {
        return Err(Failure::told(StatusCode::METHOD_NOT_ALLOWED, "ask with GET: the answer is given once"));
    }
    let mut writing = call.hosted.database.write().await?;
    let progress = login_sessions::collect(&mut writing, &digest(session), call.hosted.now()).await?;
    writing.commit().await?;
    match progress {
        LoginProgress::Waiting => {
            let mut response = document(StatusCode::ACCEPTED, &json!({}));
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
            Ok(response)
        }
        LoginProgress::Done(user) => {
            let token = login::session_token(call, &user, "login.web").await?;
            Ok(document(StatusCode::OK, &json!({ "token": token.expose() })))
        }
        LoginProgress::Unknown => Err(Failure::not_found("the login; it was finished or has expired")),
    }
}

pub(super) async fn page(call: &Call<'_>, page: &str) -> Result<Response, Failure> {
    let waiting = call.hosted.database.waiting_login(page, call.hosted.now()).await?;
    let Some(waiting) = waiting else {
        return Ok(login_page::answer(StatusCode::NOT_FOUND, &login_page::finished(Notice::Expired)));
    };
    if waiting.username.is_some() {
        return Ok(login_page::answer(StatusCode::OK, &login_page::finished(Notice::Done)));
    }
    if call.method != Method::POST {
        let form = LoginForm { address: &waiting.address, ..LoginForm::default() };
        return Ok(login_page::answer(StatusCode::OK, &login_page::form(&form)));
    }
    let fields = form_fields(&call.body);
    let field = |name: &str| {
        fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let (user, code) = (field("username"), field("otp"));
    let logged_in = log_in(call, user, &Secret::new(field("password")), code).await;
    let again = |status, problem: &str, asks_for_code| {
        let form = LoginForm { address: &waiting.address, user, problem: Some(problem), asks_for_code };
        Ok(login_page::answer(status, &login_page::form(&form)))
    };
    match logged_in {
        Ok(name) => {
            let mut writing = call.hosted.database.write().await?;
            let approved = login_sessions::approve(&mut writing, page, &name, call.hosted.now()).await?;
            writing.commit().await?;
            let notice = if approved { Notice::Done } else { Notice::Expired };
            Ok(login_page::answer(StatusCode::OK, &login_page::finished(notice)))
        }
        Err(LoginError::Registry(error)) => Err(error.into()),
        Err(error @ LoginError::TooMany { .. }) => {
            again(StatusCode::TOO_MANY_REQUESTS, &error.to_string(), !code.is_empty())
        }
        Err(error @ LoginError::Wrong) => {
            again(StatusCode::UNAUTHORIZED, &error.to_string(), !code.is_empty())
        }
        Err(error) => again(StatusCode::UNAUTHORIZED, &error.to_string(), true),
    }
}

async fn log_in(
    call: &Call<'_>,
    user: &str,
    password: &Secret,
    code: &str,
) -> Result<AccountName, LoginError> {
    let name = AccountName::parse(user).map_err(|_| LoginError::Wrong)?;
    let code = (!code.is_empty()).then(|| Secret::new(code));
    call.hosted.check_login(&name, password, code.as_ref(), call.address).await?;
    Ok(name)
}

fn digest(session: &str) -> String {
    hexadecimal(&Sha256::digest(session))
}
