//! Logging in by a browser: `POST /-/v1/login`, and `GET /-/v1/done/{session}` until somebody has.
//!
//! Does not own: the page where they do (`http::web::command_line`).

use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Call, Failure, document, login};
use crate::database::{LoginProgress, NewLogin, login_sessions};
use crate::identity::random;
use crate::identity::token::hexadecimal;
use crate::pages::Page;

/// Milliseconds that a login waits for somebody.
const LIFETIME: i64 = 10 * 60 * 1000;

/// Seconds until a command line asks again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// Characters of a command line's name that are kept.
const CLIENT: usize = 120;

const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

pub(super) async fn begin(call: &Call<'_>) -> Result<Response, Failure> {
    call.hosted.accounts.count_address(call.address, call.hosted.timestamp())?;
    // two secrets: who sees the page's address cannot fetch the token
    let session = random::text(ALPHABET, 43)?;
    let page = random::text(ALPHABET, 43)?;
    let now = call.hosted.now();
    let mut writing = call.hosted.database.write().await?;
    let address = call.address.to_string();
    let new = NewLogin {
        digest: &digest(&session),
        page: &page,
        address: &address,
        client: &client(&call.headers),
        expires: now + LIFETIME,
    };
    login_sessions::create(&mut writing, &new, now).await?;
    writing.commit().await?;
    let base = call.base;
    Ok(document(
        StatusCode::OK,
        &json!({
            "loginUrl": format!("{}{}", base.trim_end_matches('/'), Page::CommandLine(page).href("/").as_str()),
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

/// What a command line calls itself, as far as it is worth to be shown.
fn client(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    agent.chars().take(CLIENT).collect()
}

fn digest(session: &str) -> String {
    hexadecimal(&Sha256::digest(session))
}
