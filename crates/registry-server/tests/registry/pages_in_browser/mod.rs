//! The web pages, looked at in a real browser: Debian's Chromium, driven over its debugging pipe.
//!
//! Every page of the gallery is opened wide and narrow, light and dark. It must load nothing but what the registry
//! has, break no rule of its own content security policy, fit the window, name every control, and have text that can
//! be read: a contrast of at least 4.5 to 1, or 3 to 1 for large text (WCAG 2.2, level AA). The screenshots are left in
//! the folder `screenshots` of cargo's folder for temporary files of tests.

mod browser;
mod gallery;
mod signed_in;

use std::path::{Path, PathBuf};

use browser::{Browser, Page, Window};
use gallery::Gallery;

const WINDOWS: [Window; 4] = [
    Window { name: "wide-light", width: 1280, height: 900, mobile: false, scheme: "light" },
    Window { name: "wide-dark", width: 1280, height: 900, mobile: false, scheme: "dark" },
    Window { name: "phone-light", width: 390, height: 844, mobile: true, scheme: "light" },
    Window { name: "phone-dark", width: 390, height: 844, mobile: true, scheme: "dark" },
];

/// A script that answers with an array of what is wrong with the page it runs in.
const AUDIT: &str = include_str!("audit.js");

fn screenshots() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    std::fs::create_dir_all(&folder).expect("a folder for screenshots");
    folder
}

#[test]
fn every_page_can_be_read_in_every_window_and_loads_nothing_from_elsewhere() {
    let gallery = Gallery::serve();
    let mut browser = Browser::start();
    let mut page = browser.page();
    let mut problems = Vec::new();
    for path in gallery.paths() {
        for window in &WINDOWS {
            page.resize(window);
            page.open(&format!("{}{path}", gallery.address()));
            let name = format!("{}-{}", path.trim_matches('/').replace('/', "-"), window.name);
            problems.extend(look_at(&mut page, &gallery.address(), &name));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What is wrong with the page that is open, of which a picture is left under a name. Everything it loads must be below
/// `address`.
fn look_at(page: &mut Page<'_>, address: &str, name: &str) -> Vec<String> {
    page.screenshot(&screenshots().join(format!("{name}.png")));
    let mut problems = page.evaluate_list(AUDIT);
    problems.extend(page.complaints());
    let requests = page.requests();
    problems
        .extend(requests.iter().filter(|url| !url.starts_with(address)).map(|url| format!("loads {url}")));
    problems.iter().map(|problem| format!("{name}: {problem}")).collect()
}

/// The command that is shown, or what is wrong.
fn shown_command(page: &mut Page<'_>) -> Vec<String> {
    page.evaluate_list(
        "[...document.querySelectorAll('.clients pre')]
            .filter((block) => getComputedStyle(block).display !== 'none')
            .map((block) => block.querySelector('code').textContent)",
    )
}

#[test]
fn the_package_manager_is_chosen_without_a_script_and_remembered_with_one() {
    let gallery = Gallery::serve();
    let mut browser = Browser::start();
    let mut page = browser.page();
    page.resize(&WINDOWS[0]);
    let address = format!("{}/package", gallery.address());

    page.allow_scripts(false);
    page.open(&address);
    assert_eq!(shown_command(&mut page), ["knit install @acme/forms"]);
    page.click("label[for=client-pnpm]");
    assert_eq!(shown_command(&mut page), ["pnpm add @acme/forms"]);
    assert!(
        page.evaluate_list("[...document.querySelectorAll('button.copy')].map((b) => b.textContent)")
            .is_empty()
    );

    page.allow_scripts(true);
    page.open(&address);
    assert_eq!(shown_command(&mut page), ["knit install @acme/forms"]);
    page.click("label[for=client-yarn]");
    page.open(&address);
    assert_eq!(shown_command(&mut page), ["yarn add @acme/forms"]);
}

#[test]
fn the_audit_finds_what_is_wrong() {
    let gallery = Gallery::serve();
    let mut browser = Browser::start();
    let mut page = browser.page();
    page.resize(&WINDOWS[0]);
    page.open(&format!("{}/faulty", gallery.address()));
    let problems = page.evaluate_list(AUDIT);
    for expected in ["contrast 1.", "wider than the window", "no name", "the same id"] {
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{expected}: {problems:?}");
    }
    assert!(page.complaints().iter().any(|complaint| complaint.contains("Content Security Policy")));
    assert!(page.requests().iter().any(|url| url == "https://elsewhere.example/pixel.png"));
}
