//! What stands around every page: head, search box, who is signed in.

use jiff::Timestamp;

use super::address::{Href, Page};
use super::assets::{Asset, ICON, SCRIPT, STYLESHEET};
use super::markup::{Html, html};
use crate::Secret;

/// What is the same in every page of an answer.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The registry's address; it ends in a slash.
    pub base: String,
    /// Who is signed in.
    pub viewer: Option<Viewer>,
    /// What forms carry that change something, to show that they are of this registry; none where there is no session.
    pub form_seal: Option<Secret>,
    /// The time that ages are told at.
    pub now: Timestamp,
}

/// Who looks at a page.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub name: String,
    /// Whether to show the way to the administration's page.
    pub admin: bool,
}

impl Frame {
    /// The address of a place in this registry, without the host.
    pub(super) fn at(&self, place: &Page) -> Href {
        place.href(self.root())
    }

    /// The registry's host, as a name for it.
    pub(super) fn host(&self) -> &str {
        self.after_scheme().trim_end_matches('/')
    }

    /// The field of every form that changes something, `seal`.
    pub(super) fn seal(&self) -> Html {
        let seal = self.form_seal.as_ref();
        seal.map(|seal| html!(r#"<input type="hidden" name="seal" value="{}">"#, seal.reveal()))
            .unwrap_or_default()
    }

    /// The path of the registry's address; it starts and ends in a slash.
    pub fn root(&self) -> &str {
        let rest = self.after_scheme();
        rest.find('/').map_or("/", |slash| &rest[slash..])
    }

    fn after_scheme(&self) -> &str {
        self.base.split_once("://").map_or(self.base.as_str(), |(_, rest)| rest)
    }

    /// A whole document. `searched` stands in the search box.
    pub(super) fn document(&self, title: &str, searched: &str, content: &Html) -> Html {
        let asset = |asset: &Asset| self.at(&Page::Asset(asset.name.clone()));
        html!(
            r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} · {host}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="same-origin">
<link rel="icon" href="{icon}" type="image/svg+xml">
<link rel="stylesheet" href="{stylesheet}">
<script src="{script}" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<div class="wide">
<a class="wordmark" href="{home}"><b>knit</b> <span>{host}</span></a>
<form class="search" role="search" action="{search}">
<label class="unseen" for="search">Search packages</label>
<input id="search" type="search" name="q" value="{searched}" placeholder="Search packages" autocomplete="off" maxlength="200">
<button>Search</button>
</form>
<nav aria-label="Account">{account}</nav>
</div>
</header>
<main id="content" class="wide">
{content}
</main>
</body>
</html>
"##,
            title = title,
            host = self.host(),
            icon = asset(&ICON),
            stylesheet = asset(&STYLESHEET),
            script = asset(&SCRIPT),
            home = self.at(&Page::Home),
            search = self.root_of_search(),
            searched = searched,
            account = self.account(),
            content = content,
        )
    }

    fn root_of_search(&self) -> String {
        let address = self.at(&Page::Search { text: String::new(), from: 0 });
        address.as_str().split('?').next().unwrap_or_default().to_owned()
    }

    fn account(&self) -> Html {
        let Some(viewer) = &self.viewer else {
            return html!(r#"<a href="{}">Sign in</a>"#, self.at(&Page::Login { next: None }));
        };
        let admin = viewer.admin.then(|| html!(r#"<a href="{}">Admin</a>"#, self.at(&Page::Admin)));
        html!(
            r#"{admin}<a href="{tokens}">Tokens</a><a href="{account}">Account</a><a href="{user}">{name}</a>
<form method="post" action="{logout}">{seal}<button class="link">Sign out</button></form>"#,
            admin = admin,
            tokens = self.at(&Page::Tokens { from: 0 }),
            account = self.at(&Page::Account),
            seal = self.seal(),
            user = self.at(&Page::User(viewer.name.clone())),
            name = viewer.name,
            logout = self.at(&Page::Logout),
        )
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::address::Page;
    use super::Frame;

    #[test]
    fn a_registry_below_a_path_links_below_it() {
        for (base, host, tokens) in [
            ("https://registry.example/", "registry.example", "/-/web/tokens"),
            ("http://127.0.0.1:4873/", "127.0.0.1:4873", "/-/web/tokens"),
            ("https://company.example/npm/", "company.example/npm", "/npm/-/web/tokens"),
        ] {
            let frame =
                Frame { base: base.to_owned(), viewer: None, form_seal: None, now: Timestamp::UNIX_EPOCH };
            assert_eq!((frame.host(), frame.at(&Page::Tokens { from: 0 }).as_str()), (host, tokens));
        }
    }
}
