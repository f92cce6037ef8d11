//! Somebody who signs in for real: at a registry, in the browser, with the pages that it serves.

use test_support::{FixturePackage, HostedRegistry, publication};

use super::browser::{Browser, Page};
use super::{WINDOWS, look_at};

/// The first administrator's name and password.
fn administrator(registry: &HostedRegistry) -> (String, String) {
    let made = registry.administrator().expect("a first start");
    (made.name.clone(), made.password.reveal().to_owned())
}

fn sign_in(page: &mut Page<'_>, name: &str, password: &str) {
    page.fill("#username", name);
    page.fill("#password", password);
    page.follow(".card form > button");
}

#[test]
fn a_user_signs_in_makes_a_token_and_publishes_with_it() {
    let registry = HostedRegistry::with(|options| {
        options.everyone = None;
        options.accounts.access.anonymous_read = false;
    });
    let (name, password) = administrator(&registry);
    let root = registry.url();
    let mut browser = Browser::start();
    let mut problems = Vec::new();
    for (index, window) in WINDOWS.iter().enumerate() {
        // nothing of it needs a script: in every other window there are none
        let has_scripts = index % 2 == 0;
        let mut page = browser.page();
        page.resize(window);
        page.allow_scripts(has_scripts);
        let mut look = |page: &mut Page<'_>, what: &str| {
            problems.extend(look_at(page, &root, &format!("real-{what}-{}", window.name)));
        };
        page.open(&format!("{root}-/web/tokens"));
        assert_eq!(page.address(), format!("{root}-/web/login?next=%2F-%2Fweb%2Ftokens"));
        look(&mut page, "login");
        sign_in(&mut page, &name, "not the password");
        assert!(page.text().contains("Incorrect username or password."), "{}", page.text());
        sign_in_again(&mut page, &password);
        assert_eq!(page.address(), format!("{root}-/web/tokens"));
        look(&mut page, "tokens");
        page.fill("#name", &format!("of {}", window.name));
        page.click("input[value=read-write]");
        page.fill("#packages", "@acme");
        page.fill("#password", &password);
        page.follow("section.card form > button");
        look(&mut page, "new-token");
        let token = page.evaluate_list("[document.querySelector('.notice code').textContent]").remove(0);
        let package = FixturePackage::new("@acme/tool", &format!("1.{index}.0"));
        let published = registry.send_as(&token, "PUT", "/@acme%2ftool", &publication(&package));
        assert_eq!(published.status, 201, "{}", published.text());
        page.open(&format!("{root}-/web/package/@acme/tool"));
        assert!(page.text().contains("@acme/tool"), "{}", page.text());
        look(&mut page, "package");
        for (path, what) in [
            ("-/web/account", "account"),
            ("-/web/admin", "admin"),
            ("-/web/admin/users", "users"),
            ("-/web/admin/audit-log", "audit-log"),
        ] {
            page.open(&format!("{root}{path}"));
            look(&mut page, what);
        }
        page.follow(".top form button.link");
        assert_eq!(
            page.address(),
            format!("{root}-/web/login?next=%2F"),
            "nothing is read here by strangers"
        );
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The name is still in the form.
fn sign_in_again(page: &mut Page<'_>, password: &str) {
    page.fill("#password", password);
    page.follow(".card form > button");
}

#[test]
fn an_authenticator_is_set_up_in_a_browser() {
    let registry = HostedRegistry::with(|options| options.everyone = None);
    let (name, password) = administrator(&registry);
    let root = registry.url();
    let mut browser = Browser::start();
    let mut page = browser.page();
    page.resize(&WINDOWS[2]);
    page.open(&format!("{root}-/web/login?next=%2F-%2Fweb%2Faccount"));
    sign_in(&mut page, &name, &password);
    page.fill("#second-factor-password", &password);
    page.follow("section:last-of-type form > button");
    assert!(page.text().contains("Set up an authenticator"), "{}", page.text());
    let problems = look_at(&mut page, &root, "real-authenticator");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    // the picture is what a camera would have to see: dark modules on light ones, whatever the page's colours
    let picture = page.evaluate_list(
        "(() => { const box = document.querySelector('svg.picture').getBoundingClientRect()
           return [String(box.width > 150), String(Math.abs(box.width - box.height) < 1)] })()",
    );
    assert_eq!(picture, ["true", "true"]);
    page.fill("#otp", "000000");
    page.follow(".card form > button");
    assert!(page.text().contains("Incorrect one-time password."), "{}", page.text());
}
