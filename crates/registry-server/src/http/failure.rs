//! Why a request is not answered with what it asked for, and how clients are told.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::respond;
use crate::RegistryError;
use crate::accounts::LoginError;
use crate::identity::permission::Refusal;

/// What stands in the way of an answer.
#[derive(Debug)]
pub(super) enum Failure {
    Refused(Refusal),
    Login(LoginError),
    /// Something about the request itself, in words for who sent it.
    Told {
        status: StatusCode,
        message: String,
    },
    Registry(RegistryError),
}

/// What npm reads from `www-authenticate`: `OTP` makes it ask for a one-time password, `ipaddress` and `Bearer` choose
/// what it says.
const ONE_TIME_PASSWORD: HeaderValue = HeaderValue::from_static("OTP");
const ADDRESS: HeaderValue = HeaderValue::from_static("ipaddress");
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");
const BASIC: HeaderValue = HeaderValue::from_static("Basic");

impl Failure {
    pub fn told(status: StatusCode, message: impl Into<String>) -> Failure {
        Failure::Told { status, message: message.into() }
    }

    pub fn bad_request(message: impl Into<String>) -> Failure {
        Failure::told(StatusCode::BAD_REQUEST, message)
    }

    pub fn not_found(what: &str) -> Failure {
        Failure::told(StatusCode::NOT_FOUND, format!("not found: {what}"))
    }

    pub fn response(&self) -> Response {
        match self {
            Failure::Refused(refusal) => refused(refusal),
            Failure::Login(error) => not_logged_in(error),
            Failure::Told { status, message } => respond::error(*status, message),
            Failure::Registry(error) => respond::failure(error),
        }
    }
}

fn refused(refusal: &Refusal) -> Response {
    let message = refusal.to_string();
    match refusal {
        Refusal::LoginNeeded | Refusal::CredentialsUnknown | Refusal::TokenExpired => {
            unauthorized(&message, BEARER)
        }
        Refusal::TokenAddress { .. } => unauthorized(&message, ADDRESS),
        Refusal::OneTimePasswordNeeded => unauthorized(&message, ONE_TIME_PASSWORD),
        Refusal::Hidden { .. } => respond::error(StatusCode::NOT_FOUND, &message),
        _ => respond::error(StatusCode::FORBIDDEN, &message),
    }
}

fn not_logged_in(error: &LoginError) -> Response {
    let message = error.to_string();
    match error {
        LoginError::Wrong => unauthorized(&message, BASIC),
        LoginError::Disabled { .. } => respond::error(StatusCode::FORBIDDEN, &message),
        LoginError::OneTimePasswordNeeded | LoginError::WrongOneTimePassword => {
            unauthorized(&message, ONE_TIME_PASSWORD)
        }
        LoginError::TooMany { wait } => {
            let mut response = respond::error(StatusCode::TOO_MANY_REQUESTS, &message);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
            response
        }
        LoginError::Registry(error) => respond::failure(error),
    }
}

fn unauthorized(message: &str, scheme: HeaderValue) -> Response {
    let mut response = respond::error(StatusCode::UNAUTHORIZED, message);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    response
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Refused(refusal)
    }
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Failure {
        Failure::Login(error)
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Failure {
        Failure::Registry(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Failure {
        Failure::Registry(error.into())
    }
}
