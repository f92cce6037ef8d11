//! Which form and which encoding a client wants.

use http::{HeaderMap, header};

use crate::Form;

const ABBREVIATED: &str = "application/vnd.npm.install-v1+json";

/// The content type of a form.
pub(super) fn media_type(form: Form) -> &'static str {
    match form {
        Form::Full => "application/json",
        Form::Abbreviated => ABBREVIATED,
    }
}

/// The form a client prefers; the full one unless it names the abbreviated one.
pub(super) fn form(headers: &HeaderMap) -> Form {
    let abbreviated = quality(headers, header::ACCEPT, ABBREVIATED).unwrap_or(0.0);
    let full = quality(headers, header::ACCEPT, "application/json").unwrap_or(0.0);
    if abbreviated > 0.0 && abbreviated >= full { Form::Abbreviated } else { Form::Full }
}

/// Whether a client takes gzip.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let named = quality(headers, header::ACCEPT_ENCODING, "gzip");
    named.or_else(|| quality(headers, header::ACCEPT_ENCODING, "*")).is_some_and(|quality| quality > 0.0)
}

/// The weight a list header gives a token; `None` where it is not named.
fn quality(headers: &HeaderMap, header: header::HeaderName, token: &str) -> Option<f32> {
    let items = headers.get_all(header).into_iter().filter_map(|value| value.to_str().ok());
    items.flat_map(|value| value.split(',')).find_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        if !parts.next().is_some_and(|name| name.eq_ignore_ascii_case(token)) {
            return None;
        }
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some(weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)))
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::{Form, form, takes_gzip};

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_abbreviated_form_must_be_named_and_not_weigh_less() {
        for (accept, expected) in [
            ("application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*", Form::Abbreviated),
            ("application/vnd.npm.install-v1+json", Form::Abbreviated),
            ("application/json", Form::Full),
            ("*/*", Form::Full),
            ("application/json, application/vnd.npm.install-v1+json;q=0.5", Form::Full),
            ("application/vnd.npm.install-v1+json;q=0", Form::Full),
        ] {
            assert_eq!(form(&headers(header::ACCEPT, accept)), expected, "{accept}");
        }
    }

    #[test]
    fn gzip_is_used_when_it_is_accepted() {
        for (accept, expected) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, gzip;q=0.8", true),
            ("gzip;q=0, *", false),
            ("*", true),
            ("br", false),
        ] {
            assert_eq!(takes_gzip(&headers(header::ACCEPT_ENCODING, accept)), expected, "{accept}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
