//! Search over HTTP, in each way of keeping packages. The shape of answers is what npm 11.19.1 reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};
use test_support::{FixturePackage, HostedRegistry, Keeping};

fn names(answer: &Value) -> Vec<&str> {
    let objects = answer["objects"].as_array().expect("objects");
    objects.iter().map(|object| object["package"]["name"].as_str().expect("a name")).collect()
}

#[track_caller]
fn check(registry: &HostedRegistry, text: &str, expected: &[&str]) {
    let answer = registry.get(&format!(
        "/-/v1/search?text={}",
        text.replace('+', "%2B").replace(' ', "+").replace('"', "%22")
    ));
    assert_eq!((answer.status, names(&answer.json())), (200, expected.to_vec()), "{text}");
}

fn package(name: &str, description: &str, keywords: &[&str]) -> FixturePackage {
    FixturePackage::new(name, "1.0.0")
        .field("description", json!(description))
        .field("keywords", json!(keywords))
}

#[test]
fn a_clock_that_is_set_back_hides_no_change_and_makes_no_document_older() {
    const DAY: i64 = 86_400_000;
    let clock = Arc::new(AtomicI64::new(20_000 * DAY));
    let told = clock.clone();
    let registry = HostedRegistry::with(|options| {
        options.clock =
            Arc::new(move || jiff::Timestamp::from_millisecond(told.load(Ordering::SeqCst)).expect("a time"));
    });
    registry.publish(&package("before", "", &[]));
    check(&registry, "before", &["before"]);
    let modified = |registry: &HostedRegistry| registry.get("/before").json()["time"]["modified"].to_string();
    let earlier = modified(&registry);
    clock.fetch_sub(DAY, Ordering::SeqCst);
    registry.publish(&package("after", "", &[]));
    check(&registry, "after", &["after"]);
    registry.publish(&FixturePackage::new("before", "2.0.0").field("description", json!("changed")));
    check(&registry, "changed", &["before"]);
    assert!(modified(&registry) > earlier);
    // and set right again
    clock.fetch_add(2 * DAY, Ordering::SeqCst);
    registry.publish(&package("later", "", &[]));
    check(&registry, "later", &["later"]);
}

fn publish_all(registry: &HostedRegistry) {
    for package in [
        package("router", "Finds a way", &["route"]),
        package("react-router", "For React", &["react", "route"]).dependency("router", "^1"),
        package("routers", "", &[]),
        package("path-finder", "A router of another kind", &[]).dependency("router", "^1"),
        package("waypoint", "", &["router"]),
        package("@acme/router", "Ours", &["acme", "design system"])
            .field("author", json!("Jane Doe <jane@acme.example>")),
        package("old-router", "", &[]),
        package("unstable", "0.x", &[]),
    ] {
        let mut body = test_support::publication(&package);
        if package.name() == "old-router" {
            body["versions"]["1.0.0"]["deprecated"] = json!("use router");
        }
        let path = format!("/{}", package.name().replace('/', "%2f"));
        assert_eq!(registry.send("PUT", &path, &body).status, 201);
    }
}

#[test]
fn exact_names_come_first_then_names_keywords_and_descriptions() {
    for keeping in Keeping::all() {
        let registry = HostedRegistry::start(keeping);
        publish_all(&registry);
        check(
            &registry,
            "router",
            &["router", "@acme/router", "react-router", "routers", "waypoint", "old-router", "path-finder"],
        );
        check(&registry, "@acme/router", &["@acme/router"]);
        check(&registry, "React Router", &["react-router"]);
        check(
            &registry,
            "rout",
            &["router", "@acme/router", "routers", "react-router", "old-router", "waypoint", "path-finder"],
        );
        check(&registry, "nothing-like-it", &[]);
    }
}

#[test]
fn qualifiers_narrow_a_search() {
    for keeping in Keeping::all() {
        let registry = HostedRegistry::start(keeping);
        publish_all(&registry);
        for (text, expected) in [
            ("scope:acme", &["@acme/router"][..]),
            ("router scope:@acme", &["@acme/router"]),
            ("keywords:react", &["react-router"]),
            ("keywords:\"design system\"", &["@acme/router"]),
            ("author:\"jane doe\"", &["@acme/router"]),
            ("maintainer:nobody", &[]),
            ("is:deprecated", &["old-router"]),
            ("old-router not:deprecated", &[]),
            ("keywords:route,acme+-react", &["router", "@acme/router"]),
        ] {
            check(&registry, text, expected);
        }
        let all = registry.get("/-/v1/search?text=maintainer:ann").json();
        assert_eq!(all["total"], 8);
    }
}

#[test]
fn a_search_sees_every_change_at_once_and_so_does_a_replica() {
    for keeping in Keeping::all() {
        let registry = HostedRegistry::start(keeping);
        let other = registry.replica();
        check(&registry, "thing", &[]);
        check(&other, "thing", &[]);
        registry.publish(&package("thing", "first", &[]));
        check(&registry, "first", &["thing"]);
        check(&other, "first", &["thing"]);
        let second = FixturePackage::new("thing", "1.1.0").field("description", json!("second"));
        registry.publish(&second);
        check(&other, "first", &[]);
        check(&other, "second", &["thing"]);
        let revision =
            registry.get("/thing?write=true").json()["_rev"].as_str().expect("a revision").to_owned();
        assert_eq!(registry.send("DELETE", &format!("/thing/-rev/{revision}"), &Value::Null).status, 200);
        check(&registry, "thing", &[]);
        check(&other, "thing", &[]);
    }
}

#[test]
fn a_package_is_told_as_clients_show_it() {
    let registry = HostedRegistry::start(Keeping::Embedded);
    publish_all(&registry);
    let answer = registry.get("/-/v1/search?text=router&size=2&from=1").json();
    assert_eq!((&answer["total"], names(&answer)), (&json!(7), vec!["@acme/router", "react-router"]));
    let object = &answer["objects"][0];
    let mut package = object["package"].clone();
    assert!(package["date"].as_str().expect("a date").ends_with('Z'));
    package.as_object_mut().expect("an object").remove("date");
    assert_eq!(
        package,
        json!({
            "name": "@acme/router",
            "scope": "acme",
            "version": "1.0.0",
            "description": "Ours",
            "keywords": ["acme", "design system"],
            "links": {},
            "publisher": { "username": "ann", "email": "" },
            "maintainers": [{ "username": "ann", "email": "" }],
            "author": { "name": "Jane Doe" },
        })
    );
    for share in ["quality", "popularity", "maintenance"] {
        let share = object["score"]["detail"][share].as_f64().expect("a number");
        assert!((0.0..=1.0).contains(&share));
    }
    let router = registry.get("/-/v1/search?text=router&size=1").json();
    assert_eq!(router["objects"][0]["dependents"], 2);
}

#[test]
fn restricted_packages_are_found_by_those_who_maintain_them() {
    let registry = HostedRegistry::start(Keeping::Embedded);
    let mut body = test_support::publication(&package("@acme/secret", "hidden treasure", &[]));
    body["access"] = json!("restricted");
    assert_eq!(registry.send("PUT", "/@acme%2fsecret", &body).status, 201);
    // here everybody is ann, with a client as with a browser
    check(&registry, "treasure", &["@acme/secret"]);
    for path in ["/-/web/search?q=treasure", "/-/web/package/@acme/secret"] {
        let page = registry.get(path);
        assert!(page.status == 200 && page.text().contains("@acme/secret"), "{path}");
    }
}

#[test]
fn what_is_asked_for_is_bounded() {
    let registry = HostedRegistry::start(Keeping::Embedded);
    publish_all(&registry);
    for query in [
        "size=999999999999999999999&from=-1&quality=NaN&popularity=inf&text=router",
        "size=250&from=18446744073709551615&text=%ff%fe%00router",
        &format!("text={}", "a+".repeat(4000)),
        "quality=0&popularity=0&maintenance=0&text=router",
        "",
    ] {
        assert_eq!(registry.get(&format!("/-/v1/search?{query}")).status, 200, "{query}");
    }
}
