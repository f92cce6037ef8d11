//! Who may read what, when many packages are asked for at once.

use serde_json::json;
use test_support::{Bundle, FixturePackage};

use super::accounts::Accounts;

#[test]
fn a_bundle_has_what_its_reader_may_read() {
    let accounts = Accounts::start();
    let (ada, eve) = (accounts.user("ada"), accounts.user("eve"));
    for package in [
        FixturePackage::new("open", "1.0.0").dependency("secret", "*").dependency("far", "*"),
        FixturePackage::new("secret", "1.0.0").dependency("behind", "*"),
        FixturePackage::new("behind", "1.0.0"),
        FixturePackage::new("far", "1.0.0"),
    ] {
        assert_eq!(accounts.publish(&ada, &package).status, 201);
    }
    let restricted = json!({ "access": "restricted" });
    accounts.check(&[(&ada, "POST", "/-/package/secret/access", restricted, 200)]);
    let wanted = json!([{ "name": "open", "spec": "*" }]);
    let walk = json!({ "wanted": wanted, "nodeVersion": "24.0.0", "npmVersion": "11.0.0" });
    let files = ["open", "secret"].map(|name| json!({ "name": name, "file": format!("{name}-1.0.0.tgz") }));
    let pack = json!({ "tarballs": files });
    for (who, names, status) in [
        ("", &["far", "open"][..], 404),
        (&eve, &["far", "open"], 404),
        (&ada, &["behind", "far", "open", "secret"], 200),
    ] {
        let bundle = Bundle::read(&accounts.call(who, "POST", "/-/knit/v1/resolve", &walk).body);
        assert_eq!(bundle.names(), names);
        let kept = |name: &str| {
            let entry = bundle.entries.iter().find(|entry| entry.head.name == name);
            entry.and_then(|entry| entry.header("cache-control")).map(str::to_owned)
        };
        assert_eq!(kept("open").as_deref(), Some("public, max-age=300"));
        assert_eq!(kept("secret").as_deref(), (status == 200).then_some("private, max-age=300"));
        let bundle = Bundle::read(&accounts.call(who, "POST", "/-/knit/v1/missing", &pack).body);
        assert_eq!(bundle.entries.iter().map(|entry| entry.head.status).collect::<Vec<_>>(), [200, status]);
    }
    for path in ["/-/knit/v1/resolve", "/-/knit/v1/missing"] {
        assert_eq!(accounts.call("npm_nobody", "POST", path, &walk).status, 401);
    }
}

#[test]
fn where_strangers_may_not_read_their_bundles_are_empty() {
    let accounts = Accounts::with(|options| options.accounts.access.anonymous_read = false);
    let ada = accounts.user("ada");
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("open", "1.0.0")).status, 201);
    let wanted = json!([{ "name": "open", "spec": "*" }]);
    let walk = json!({ "wanted": wanted, "nodeVersion": "24.0.0", "npmVersion": "11.0.0" });
    for (who, names) in [("", &[][..]), (&ada, &["open"])] {
        let answer = accounts.call(who, "POST", "/-/knit/v1/resolve", &walk);
        assert_eq!(Bundle::read(&answer.body).names(), names);
    }
}
