//! The page where somebody logs in for a command line: a form, without scripts.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

/// What the form shows.
#[derive(Debug, Default)]
pub(super) struct LoginForm<'a> {
    /// Where the command line is that asked.
    pub address: &'a str,
    pub user: &'a str,
    pub problem: Option<&'a str>,
    pub asks_for_code: bool,
}

/// How a login ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Notice {
    Done,
    Expired,
}

/// The whole page with the form.
pub(super) fn form(form: &LoginForm<'_>) -> String {
    let problem = match form.problem {
        Some(problem) => format!("<p role=\"alert\"><strong>{}</strong></p>", escaped(problem)),
        None => String::new(),
    };
    let code = if form.asks_for_code {
        "<p><label>One-time password or recovery code<br>\
         <input name=\"otp\" autocomplete=\"one-time-code\" required></label></p>"
    } else {
        ""
    };
    page(
        "Log in",
        &format!(
            "<h1>Log in</h1>\
             <p>A command line at {address} waits for this login and will act in your name. \
             Go on only if you started it yourself.</p>{problem}\
             <form method=\"post\">\
             <p><label>Username<br><input name=\"username\" value=\"{user}\" autocomplete=\"username\" \
             autocapitalize=\"none\" spellcheck=\"false\" required></label></p>\
             <p><label>Password<br><input name=\"password\" type=\"password\" autocomplete=\"current-password\" \
             required></label></p>{code}\
             <p><button>Log in</button></p></form>",
            address = escaped(form.address),
            user = escaped(form.user),
        ),
    )
}

/// The page when there is nothing left to do.
pub(super) fn finished(notice: Notice) -> String {
    match notice {
        Notice::Done => {
            page("Logged in", "<h1>Logged in</h1><p>Go back to the command line; it goes on by itself.</p>")
        }
        Notice::Expired => page(
            "Login expired",
            "<h1>Login expired</h1><p>This login was finished or waited too long. Start it again at the command line.</p>",
        ),
    }
}

/// An answer with a page: it loads nothing, runs nothing and is shown in no frame.
pub(super) fn answer(status: StatusCode, page: &str) -> Response {
    let mut response = Response::new(Body::from(page.to_owned()));
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title}</title>\
         <style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:24rem;margin:3rem auto;padding:0 1rem}}\
         input{{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}}button{{font:inherit;padding:.4rem 1rem}}\
         </style></head><body>{body}</body></html>"
    )
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::{LoginForm, form};

    #[test]
    fn what_was_typed_stays_text() {
        let hostile = "\"><script>alert('1')</script>&";
        let page = form(&LoginForm { user: hostile, problem: Some(hostile), ..LoginForm::default() });
        assert!(!page.contains("<script"), "{page}");
        assert_eq!(page.matches("&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;").count(), 2);
    }
}
