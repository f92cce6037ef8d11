//! Where pages are, written and read in one place; and links to elsewhere that are safe to follow.
//!
//! A package's own page is below `/-/web/package/`, because `/{name}` is what clients of npm's protocol ask for.

use std::fmt::{self, Formatter, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::markup::Show;

/// Everything but what RFC 3986 calls unreserved, and `@`.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// What a package's page shows below its heading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Readme,
    Versions,
    Dependencies,
    Dependents,
}

impl Tab {
    /// All, in the order they are shown in.
    pub const ALL: [Tab; 4] = [Tab::Readme, Tab::Versions, Tab::Dependencies, Tab::Dependents];

    /// The value of `show` in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Tab::Readme => "readme",
            Tab::Versions => "versions",
            Tab::Dependencies => "dependencies",
            Tab::Dependents => "dependents",
        }
    }

    /// The tab an address names; the README where it names none.
    pub fn parse(text: &str) -> Tab {
        Tab::ALL.into_iter().find(|tab| tab.as_str() == text).unwrap_or_default()
    }
}

/// A page, or something a page needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    Home,
    /// Results from the `from`th on.
    Search {
        text: String,
        from: u64,
    },
    /// A package, of which a version is shown: that of `latest` unless one is named. A list in it is shown from
    /// its `from`th row on.
    Package {
        name: String,
        version: Option<String>,
        tab: Tab,
        from: u64,
    },
    User(String),
    /// The viewer's own profile, password and second factor.
    Account,
    /// The viewer's tokens, from the `from`th on.
    Tokens {
        from: u64,
    },
    /// Where somebody signs in, and then goes on to a page.
    Login {
        next: Option<Box<Page>>,
    },
    /// The second step of signing in.
    OneTimePassword {
        next: Option<Box<Page>>,
    },
    Logout,
    /// Where somebody lets a command line in that waits for it.
    CommandLine(String),
    Admin,
    /// All users, from the `from`th on.
    AdminUsers {
        from: u64,
    },
    /// What an administrator decides about a user.
    AdminUser(String),
    /// The audit log, from the `from`th of its newest entries on.
    AuditLog {
        from: u64,
    },
    /// A stylesheet or script by its file name.
    Asset(String),
}

impl Page {
    /// The first page of a package.
    pub fn package(name: &str) -> Page {
        Page::Package { name: name.to_owned(), version: None, tab: Tab::Readme, from: 0 }
    }

    /// The place at a path and query; `None` where there is none.
    ///
    /// Shape: also `/package/{name}`, where clients of npm's look for the page of a package.
    pub fn parse(path: &str, query: &str) -> Option<Page> {
        if path == "/" {
            return Some(Page::Home);
        }
        if let Some(name) = path.strip_prefix("/package/") {
            let name = percent_decode_str(name).decode_utf8().ok()?;
            return (!name.is_empty()).then(|| Page::package(&name));
        }
        let rest = path.strip_prefix("/-/web/")?;
        let (kind, name) = rest.split_once('/').unwrap_or((rest, ""));
        let name = percent_decode_str(name).decode_utf8().ok()?.into_owned();
        let parameter = |key: &str| query_parameter(query, key);
        let from = || parameter("from").and_then(|from| from.parse().ok()).unwrap_or(0);
        let next = || parameter("next").and_then(|address| Page::onward(&address)).map(Box::new);
        match (kind, name.is_empty()) {
            ("search", true) => Some(Page::Search { text: parameter("q").unwrap_or_default(), from: from() }),
            ("package", false) => Some(Page::Package {
                name,
                version: parameter("version"),
                tab: Tab::parse(&parameter("show").unwrap_or_default()),
                from: from(),
            }),
            ("user", false) => Some(Page::User(name)),
            ("account", true) => Some(Page::Account),
            ("tokens", true) => Some(Page::Tokens { from: from() }),
            ("login", true) => Some(Page::Login { next: next() }),
            ("otp", true) => Some(Page::OneTimePassword { next: next() }),
            ("logout", true) => Some(Page::Logout),
            ("command-line", false) => Some(Page::CommandLine(name)),
            ("admin", true) => Some(Page::Admin),
            ("admin", false) => match name.split_once('/') {
                None if name == "users" => Some(Page::AdminUsers { from: from() }),
                None if name == "audit-log" => Some(Page::AuditLog { from: from() }),
                Some(("users", user)) if !user.is_empty() => Some(Page::AdminUser(user.to_owned())),
                _ => None,
            },
            ("assets", false) => Some(Page::Asset(name)),
            _ => None,
        }
    }

    /// Where somebody may be led after signing in: a page of this registry, and none of those that lead on themselves.
    fn onward(address: &str) -> Option<Page> {
        if ["/-/web/login", "/-/web/otp", "/-/web/logout"].iter().any(|path| address.starts_with(path)) {
            return None;
        }
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        Page::parse(path, query).filter(|page| !matches!(page, Page::Asset(_)))
    }

    /// The path and query, below a registry whose own path is `root` (which ends in a slash).
    pub fn href(&self, root: &str) -> Href {
        let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
        let mut address = format!("{root}-/web/");
        let onward = |step: &str, next: &Option<Box<Page>>| match next {
            None => step.to_owned(),
            Some(next) => format!("{step}?next={}", escaped(next.href("/").as_str())),
        };
        let part = |list: &str, from: u64| match from {
            0 => list.to_owned(),
            from => format!("{list}?from={from}"),
        };
        let written = match self {
            Page::Home => return Href(root.to_owned()),
            Page::Search { text, from: 0 } => write!(address, "search?q={}", escaped(text)),
            Page::Search { text, from } => write!(address, "search?q={}&from={from}", escaped(text)),
            Page::Package { name, version, tab, from } => {
                let _ = write!(address, "package/{}", escaped(name).replacen("%2F", "/", 1));
                let version = version.as_ref().map(|version| format!("version={}", escaped(version)));
                let tab = (*tab != Tab::Readme).then(|| format!("show={}", tab.as_str()));
                let from = (*from > 0).then(|| format!("from={from}"));
                let query: Vec<String> = [version, tab, from].into_iter().flatten().collect();
                if query.is_empty() { Ok(()) } else { write!(address, "?{}", query.join("&")) }
            }
            Page::User(name) => write!(address, "user/{}", escaped(name)),
            Page::Account => write!(address, "account"),
            Page::Tokens { from } => write!(address, "{}", part("tokens", *from)),
            Page::Login { next } => write!(address, "{}", onward("login", next)),
            Page::OneTimePassword { next } => write!(address, "{}", onward("otp", next)),
            Page::Logout => write!(address, "logout"),
            Page::CommandLine(code) => write!(address, "command-line/{}", escaped(code)),
            Page::Admin => write!(address, "admin"),
            Page::AdminUsers { from } => write!(address, "{}", part("admin/users", *from)),
            Page::AdminUser(name) => write!(address, "admin/users/{}", escaped(name)),
            Page::AuditLog { from } => write!(address, "{}", part("admin/audit-log", *from)),
            Page::Asset(file) => write!(address, "assets/{}", escaped(file)),
        };
        debug_assert!(written.is_ok(), "writing to a string does not fail");
        Href(address)
    }
}

/// The decoded value of the first parameter `key` in a query.
pub fn query_parameter(query: &str, key: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = || percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned();
        (name == key).then(decoded)
    })
}

/// An address that may be the value of `href`, `src` or `action`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Href(String);

impl Href {
    /// A link to elsewhere, as packages give them: `https:`, `http:` and `mailto:` only.
    pub fn external(address: &str) -> Option<Href> {
        let address = address.trim();
        let (scheme, rest) = address.split_once(':')?;
        let allowed = ["https", "http", "mailto"].iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed));
        let written = !rest.is_empty() && !address.chars().any(|c| c.is_control() || c.is_whitespace());
        (allowed && written && address.len() <= 2048).then(|| Href(address.to_owned()))
    }

    /// A link that gives an authenticator app its secret.
    pub fn authenticator(uri: &str) -> Option<Href> {
        uri.starts_with("otpauth://totp/").then(|| Href(uri.to_owned()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Show for Href {
    fn show(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.0.show(out)
    }
}

#[cfg(test)]
mod tests {
    use super::{Href, Page, Tab};

    #[test]
    fn a_place_is_read_from_the_address_it_is_written_to() {
        let package = |name: &str, version: Option<&str>, tab| Page::Package {
            name: name.to_owned(),
            version: version.map(str::to_owned),
            tab,
            from: 0,
        };
        for (place, address) in [
            (Page::Home, "/"),
            (Page::Search { text: "a&b=c d".to_owned(), from: 0 }, "/-/web/search?q=a%26b%3Dc%20d"),
            (Page::Search { text: "x".to_owned(), from: 20 }, "/-/web/search?q=x&from=20"),
            (package("plain", None, Tab::Readme), "/-/web/package/plain"),
            (package("@s/n", None, Tab::Versions), "/-/web/package/@s/n?show=versions"),
            (
                package("@s/n", Some("1.0.0+b"), Tab::Dependents),
                "/-/web/package/@s/n?version=1.0.0%2Bb&show=dependents",
            ),
            (
                Page::Package { name: "a".to_owned(), version: None, tab: Tab::Versions, from: 100 },
                "/-/web/package/a?show=versions&from=100",
            ),
            (Page::User("é\"<".to_owned()), "/-/web/user/%C3%A9%22%3C"),
            (Page::Account, "/-/web/account"),
            (Page::Tokens { from: 0 }, "/-/web/tokens"),
            (Page::Tokens { from: 50 }, "/-/web/tokens?from=50"),
            (Page::Login { next: None }, "/-/web/login"),
            (
                Page::Login { next: Some(Box::new(Page::Search { text: "a b&c".to_owned(), from: 20 })) },
                "/-/web/login?next=%2F-%2Fweb%2Fsearch%3Fq%3Da%2520b%2526c%26from%3D20",
            ),
            (
                Page::OneTimePassword { next: Some(Box::new(Page::CommandLine("x1".to_owned()))) },
                "/-/web/otp?next=%2F-%2Fweb%2Fcommand-line%2Fx1",
            ),
            (Page::Admin, "/-/web/admin"),
            (Page::AdminUsers { from: 50 }, "/-/web/admin/users?from=50"),
            (Page::AdminUser("ada".to_owned()), "/-/web/admin/users/ada"),
            (Page::AuditLog { from: 0 }, "/-/web/admin/audit-log"),
            (Page::Asset("style.css".to_owned()), "/-/web/assets/style.css"),
        ] {
            assert_eq!(place.href("/").as_str(), address);
            let (path, query) = address.split_once('?').unwrap_or((address, ""));
            assert_eq!(Page::parse(path, query), Some(place));
        }
        assert_eq!(Page::Home.href("/npm/").as_str(), "/npm/");
        for nowhere in
            ["/-/web", "/-/web/", "/-/web/package/", "/-/web/tokens/x", "/-/web/package/%ff", "/plain"]
        {
            assert_eq!(Page::parse(nowhere, ""), None, "{nowhere}");
        }
    }

    #[test]
    fn signing_in_leads_on_to_pages_of_this_registry_only() {
        let next = |query: &str| match Page::parse("/-/web/login", query) {
            Some(Page::Login { next }) => next.map(|page| page.href("/npm/").as_str().to_owned()),
            other => panic!("{other:?}"),
        };
        for (query, expected) in [
            ("", None),
            ("next=/", Some("/npm/")),
            ("next=%2F-%2Fweb%2Ftokens", Some("/npm/-/web/tokens")),
            (
                "next=%2F-%2Fweb%2Fpackage%2F%40s%2Fn%3Fshow%3Dversions",
                Some("/npm/-/web/package/@s/n?show=versions"),
            ),
            ("next=https%3A%2F%2Fevil.example%2F", None),
            ("next=//evil.example/", None),
            ("next=/%5cevil.example", None),
            ("next=/-/web/..//evil.example", None),
            ("next=%09//evil.example", None),
            ("next=javascript:alert(1)", None),
            ("next=/-/web/assets/style.css", None),
            ("next=/-/web/logout", None),
            ("next=/-/web/login?next=/-/web/tokens", None),
        ] {
            assert_eq!(next(query).as_deref(), expected, "{query}");
        }
        let deep = format!("next={}", "/-/web/login?next=".repeat(10_000));
        assert_eq!(next(&deep), None);
    }

    #[test]
    fn the_address_that_clients_open_is_a_packages_page() {
        for (path, name) in
            [("/package/plain", "plain"), ("/package/@s/n", "@s/n"), ("/package/@s%2fn", "@s/n")]
        {
            assert_eq!(Page::parse(path, ""), Some(Page::package(name)), "{path}");
        }
        assert_eq!(Page::parse("/package/", ""), None);
    }

    #[test]
    fn only_links_that_cannot_run_anything_are_links() {
        for address in ["https://example.com/a?b#c", "HTTP://example.com", "mailto:a@example.com"] {
            assert!(Href::external(address).is_some(), "{address}");
        }
        for address in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "https:",
            "//example.com",
            "/local",
            "",
            "https://a b",
        ] {
            assert_eq!(Href::external(address), None, "{address}");
        }
    }
}
