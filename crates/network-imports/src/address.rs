//! Which URLs may be imported.

use url::{Host, Url};

use crate::error::ImportError;

/// A URL without its fragment, which no server sees.
///
/// # Errors
/// Everything that is neither `https:` nor on this machine, and URLs with a password in them.
pub(crate) fn parse(text: &str) -> Result<Url, ImportError> {
    let mut url = Url::parse(text).map_err(|error| refused(text, format!("it is no URL: {error}")))?;
    url.set_fragment(None);
    check(&url)?;
    Ok(url)
}

pub(crate) fn check(url: &Url) -> Result<(), ImportError> {
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(url) => {}
        "http" => {
            let reason =
                "http: is for this machine only, since anyone on the way could change the code; use https:";
            return Err(refused(url.as_str(), reason));
        }
        _ => return Err(refused(url.as_str(), "only https: has modules")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        let mut shown = url.clone();
        // both fail only for URLs without a host
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        let reason =
            "a user or password in the URL would be written to the lock; set a token in .npmrc instead";
        return Err(refused(shown.as_str(), reason));
    }
    Ok(())
}

/// Where a redirect leads.
///
/// # Errors
/// As [`check`], and redirects from `https:` to anything else.
pub(crate) fn redirected(from: &Url, location: &str) -> Result<Url, ImportError> {
    let mut to = from
        .join(location)
        .map_err(|error| refused(from.as_str(), format!("it redirects to no URL: {error}")))?;
    to.set_fragment(None);
    if from.scheme() == "https" && to.scheme() != "https" {
        return Err(refused(from.as_str(), format!("it redirects to {to}, which is not secure")));
    }
    check(&to)?;
    Ok(to)
}

fn refused(url: &str, reason: impl Into<String>) -> ImportError {
    ImportError::Refused { url: url.to_owned(), reason: reason.into() }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, redirected};

    #[test]
    fn only_what_nobody_can_change_on_the_way_is_imported() {
        for good in
            ["https://cdn.example/a.js", "http://127.0.0.1:8/a.js", "http://localhost/a", "http://[::1]/a"]
        {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://cdn.example/a.js",
            "ftp://cdn.example/a.js",
            "https://user:word@cdn.example/a.js",
            "a.js",
        ] {
            let error = parse(bad).expect_err(bad);
            assert_eq!(error.code(), "ERR_NETWORK_IMPORT_DISALLOWED");
            assert!(!error.to_string().contains("word@"), "{error}");
        }
        assert_eq!(
            parse("https://cdn.example/a.js#b").expect("allowed").as_str(),
            "https://cdn.example/a.js"
        );
    }

    #[test]
    fn redirects_stay_secure() {
        let from = parse("https://cdn.example/a/b.js").expect("allowed");
        assert_eq!(redirected(&from, "../c.js").expect("allowed").as_str(), "https://cdn.example/c.js");
        for bad in ["http://cdn.example/c.js", "http://127.0.0.1/c.js", "file:///etc/passwd", "https://"] {
            assert!(redirected(&from, bad).is_err(), "{bad}");
        }
    }
}
