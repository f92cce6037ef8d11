//! What the policy is said to hide, without a server and without asking an upstream.

use std::sync::Arc;

use jiff::Timestamp;
use registry_server::PackageName;
use registry_server::operations::{PolicyAnswer, PolicyList};
use registry_server::settings::RegistrySettings;
use test_support::{HostedRegistry, Keeping};

use super::kept::{filled, wait};

const BLOCKS: &str = r#"
[[policy.block]]
packages = ["@acme/tool@1.1.0"]
reason = "see ticket 42"
[[policy.deprecate]]
packages = ["other"]
message = "use another"
"#;

/// What is told of the registry under some settings beside where it keeps things.
fn told<T>(
    registry: &HostedRegistry,
    settings: &str,
    ask: impl AsyncFnOnce(&registry_server::Registry) -> T,
) -> T {
    let parsed = RegistrySettings::parse(std::path::Path::new("/registry.toml"), settings, &|_| None);
    let mut settings = parsed.expect("settings");
    settings.storage = registry.options().storage.clone();
    wait(async {
        let opened = registry_server::open(&settings, Arc::new(Timestamp::now)).await.expect("a registry");
        let told = ask(&opened).await;
        opened.close().await;
        told
    })
}

fn list(registry: &HostedRegistry, settings: &str) -> PolicyList {
    told(registry, settings, async |registry| registry.policy_list().await.expect("a list"))
}

fn check(registry: &HostedRegistry, settings: &str, name: &str, range: Option<&str>) -> PolicyAnswer {
    let name = PackageName::parse(name).expect("a name");
    told(registry, settings, async |registry| registry.policy_check(&name, range).await.expect("an answer"))
}

/// `name@version visible|hidden reasons`, of each version; then the tags that were moved.
fn lines(list: &PolicyList) -> Vec<String> {
    let of = |package: &registry_server::Explained| {
        let mut lines = Vec::new();
        for version in &package.versions {
            let codes: Vec<&str> = version.reasons.iter().filter_map(|one| one["code"].as_str()).collect();
            let warned = version.deprecated.as_deref().unwrap_or_default();
            let seen = if version.visible { "visible" } else { "hidden" };
            lines.push(format!("{}@{} {seen} {}{warned}", package.name, version.version, codes.join(",")));
        }
        lines.extend(package.dist_tags.iter().map(|tag| format!("{} {:?}", tag.tag, tag.to)));
        lines
    };
    list.concerned.iter().flat_map(of).collect()
}

#[test]
fn everything_that_is_hidden_or_warned_of_is_listed() {
    for keeping in Keeping::all() {
        let registry = filled(keeping);
        let enforced = list(&registry, BLOCKS);
        assert_eq!((enforced.mode, enforced.packages), ("enforce", 2));
        let hidden = "@acme/tool@1.1.0 hidden blocked";
        let warned = "other@2.0.0 visible use another";
        assert_eq!(lines(&enforced), [hidden, "latest Some(\"1.0.0\")", warned]);
        let observed = list(&registry, &format!("[policy]\nmode = \"observe\"\n{BLOCKS}"));
        assert_eq!(observed.mode, "observe");
        assert_eq!(lines(&observed), ["@acme/tool@1.1.0 visible blocked", warned]);
        assert_eq!(lines(&list(&registry, "")), [""; 0]);
    }
}

#[test]
fn a_package_is_explained_by_range_and_tag() {
    let registry = filled(Keeping::Embedded);
    let versions = |range| match check(&registry, BLOCKS, "@acme/tool", range) {
        PolicyAnswer::Explained(package) => {
            package.versions.into_iter().map(|version| (version.version, version.visible)).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let (old, new) = (("1.0.0".to_owned(), true), ("1.1.0".to_owned(), false));
    assert_eq!(versions(None), [old.clone(), new.clone()]);
    assert_eq!(versions(Some("^1.1.0")), std::slice::from_ref(&new));
    assert_eq!(versions(Some("old")), [old]);
    assert_eq!(versions(Some("latest")), [new]);
    assert_eq!(check(&registry, BLOCKS, "@acme/tool", Some("no tag")), PolicyAnswer::NoRange);
    assert_eq!(check(&registry, BLOCKS, "missing", None), PolicyAnswer::NotHere);
    assert_eq!(check(&registry, BLOCKS, "gone", None), PolicyAnswer::NotHere);
}

#[test]
fn upstreams_are_not_asked() {
    let upstream = test_support::TestRegistry::with([
        test_support::FixturePackage::new("left", "1.0.0").script("postinstall", "node .")
    ]);
    let registry = filled(Keeping::Embedded);
    let settings = format!(
        "[[upstream]]\nname = \"up\"\nurl = \"{}\"\n[policy]\ninstall_scripts = \"hide\"\n
         [names]\nrules = [{{ names = \"@acme/*\", from = \"here\" }}, {{ names = \"no\", from = \"refused\" }},
         {{ names = \"*\", from = \"up\" }}]\n",
        upstream.url()
    );
    let not_kept = PolicyAnswer::NotKept { upstream: "up".to_owned() };
    assert_eq!(check(&registry, &settings, "left", None), not_kept);
    assert_eq!(check(&registry, &settings, "no", None), PolicyAnswer::Refused);
    // what is published here of a name that belongs elsewhere is nobody's
    assert_eq!(check(&registry, &settings, "other", None), not_kept);
    assert!(upstream.requests().is_empty(), "{:?}", upstream.request_lines());

    // once a client has asked for it, it is known
    let asked = told(&registry, &settings, async |registry| {
        let router = registry_server::router(registry.clone());
        let request = axum::extract::Request::get("/left").header("Host", "registry.example");
        let request = request.body(axum::body::Body::empty()).expect("a request");
        tower::ServiceExt::oneshot(router, request).await.expect("an answer").status()
    });
    assert_eq!(asked, 200);
    let before = upstream.requests().len();
    assert_eq!(lines(&list(&registry, &settings)), ["left@1.0.0 hidden install-script", "latest None"]);
    assert!(matches!(check(&registry, &settings, "left", None), PolicyAnswer::Explained(_)));
    assert_eq!(upstream.requests().len(), before);
}
