//! Forms that were sent, and whether they are the registry's own.

use axum::body::Body;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, Limited};

use super::super::accounts::form_fields;
use super::super::failure::Failure;
use super::visit::Visit;
use crate::identity::Secret;

/// Bytes of a form.
const MAX_FORM: usize = 64 << 10;

/// The fields of a form. Not `Debug`: passwords are among them.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Errors: something else than a form, or one that is too long.
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Form, Failure> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Failure::told(StatusCode::UNSUPPORTED_MEDIA_TYPE, "this takes a form"));
        }
        match Limited::new(body, MAX_FORM).collect().await {
            Ok(body) => Ok(Form(form_fields(&body.to_bytes()))),
            Err(_) => Err(Failure::told(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the form was cut off or has more than {MAX_FORM} bytes"),
            )),
        }
    }

    /// A field; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// A field that nobody is to see.
    pub fn secret(&self, name: &str) -> Secret {
        Secret::new(self.text(name))
    }

    /// The one-time password; none where its field was left empty.
    pub fn code(&self) -> Option<Secret> {
        let code = self.text("otp").trim();
        (!code.is_empty()).then(|| Secret::new(code))
    }

    /// Whether the form is of a page that this browser was given: it has the seal of the browser's key, and the
    /// browser, where it tells, was on this site when it sent it.
    pub fn check_own(&self, visit: &Visit<'_>, headers: &HeaderMap) -> Result<(), Failure> {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let is_here = match (text("sec-fetch-site"), text("origin")) {
            (Some(site), _) => site == "same-origin",
            (None, Some(origin)) => is_origin(origin, &visit.frame.base),
            (None, None) => true,
        };
        if !is_here {
            return Err(Failure::told(
                StatusCode::FORBIDDEN,
                "the form was sent from another site, so nothing was done",
            ));
        }
        if !visit.key().is_some_and(|key| key.has_sealed(self.text("seal"))) {
            let message = "the form is too old, or your browser keeps no cookies; \
                           nothing was done: go back, load the page again and send it once more";
            return Err(Failure::told(StatusCode::FORBIDDEN, message));
        }
        Ok(())
    }
}

/// Whether an origin has the host and port of an address. The scheme is left out: behind a proxy that speaks TLS, the
/// registry may not know its own.
fn is_origin(origin: &str, base: &str) -> bool {
    let host = |address: &str| -> Option<String> {
        let (_, rest) = address.split_once("://")?;
        Some(rest.split('/').next().unwrap_or(rest).to_ascii_lowercase())
    };
    host(origin).is_some_and(|origin| Some(origin) == host(base))
}

#[cfg(test)]
mod tests {
    use super::is_origin;

    #[test]
    fn an_origin_is_this_host_or_another() {
        for (origin, base, expected) in [
            ("https://registry.example", "https://registry.example/", true),
            ("https://registry.example", "http://registry.example/npm/", true),
            ("http://127.0.0.1:4873", "http://127.0.0.1:4873/", true),
            ("https://REGISTRY.example", "https://registry.example/", true),
            ("https://registry.example:8443", "https://registry.example/", false),
            ("https://registry.example.evil.example", "https://registry.example/", false),
            ("null", "https://registry.example/", false),
            ("", "https://registry.example/", false),
        ] {
            assert_eq!(is_origin(origin, base), expected, "{origin} {base}");
        }
    }
}
