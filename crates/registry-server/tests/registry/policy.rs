//! What policies make of packages: reasons, dist-tags, documents; rows of small packages.

use jiff::{SignedDuration, Timestamp, ToSpan};
use registry_server::PackageName;
use registry_server::names::PackagePattern;
use registry_server::policy::{
    Block, Decision, Deprecation, InstallScripts, Mode, PackageFacts, Policy, PolicyView, Provenance,
    ProvenanceRule, ReleaseAge, decide, read_facts,
};
use serde_json::{Value, json};

/// A version: when it was published (days of January 2026), and `s` for scripts, `p` for provenance.
type Row = (&'static str, Option<i64>, &'static str);

fn day(day: i64) -> Timestamp {
    "2026-01-01T00:00:00Z".parse::<Timestamp>().expect("a time") + ((day - 1) * 24).hours()
}

fn document(rows: &[Row], tags: Value) -> Vec<u8> {
    let mut versions = json!({});
    let mut time = json!({ "created": day(1).to_string(), "modified": day(9).to_string() });
    for (version, published, marks) in rows {
        let mut manifest = json!({ "name": "pkg", "version": version, "dist": { "tarball": "x" } });
        if marks.contains('s') {
            manifest["scripts"] = json!({ "postinstall": "node ." });
        }
        if marks.contains('p') {
            manifest["dist"]["attestations"] = json!({ "provenance": { "predicateType": "x" } });
        }
        if marks.contains('d') {
            manifest["deprecated"] = json!("old");
        }
        versions[version] = manifest;
        if let Some(published) = published {
            time[version] = day(*published).to_string().into();
        }
    }
    json!({ "name": "pkg", "dist-tags": tags, "versions": versions, "time": time }).to_string().into_bytes()
}

fn name() -> PackageName {
    PackageName::parse("pkg").expect("a name")
}

fn facts(rows: &[Row], tags: Value) -> PackageFacts {
    read_facts(&name(), false, &document(rows, tags)).expect("a packument")
}

fn patterns(texts: &[&str]) -> Vec<PackagePattern> {
    texts.iter().map(|text| PackagePattern::parse(text).expect("a pattern")).collect()
}

fn aged(days: i64) -> Policy {
    let minimum = SignedDuration::from_hours(days * 24);
    Policy {
        release_age: ReleaseAge { minimum, except: Vec::new(), hide_unknown: true },
        ..Policy::default()
    }
}

fn blocking(texts: &[&str]) -> Policy {
    let block = Block { packages: patterns(texts), reason: "broken".into() };
    Policy { blocks: vec![block], ..Policy::default() }
}

/// `version:code` of everything hidden.
fn hidden(decision: &Decision) -> Vec<String> {
    let codes = decision.reasons.iter().flat_map(|(version, reasons)| {
        reasons.iter().map(move |reason| format!("{version}:{}", reason.code()))
    });
    codes.collect()
}

#[test]
fn each_rule_hides_what_it_is_about() {
    let rows: &[Row] = &[
        ("1.0.0", Some(1), "p"),
        ("1.1.0", Some(4), "s"),
        ("1.2.0", None, "p"),
        ("2.0.0-rc.1", Some(6), "p"),
        ("2.0.0", Some(8), "ps"),
    ];
    let scripts = |except: &[&str]| Policy {
        install_scripts: InstallScripts { hide: true, except: patterns(except) },
        ..Policy::default()
    };
    let provenance = |rule, except: &[&str]| Policy {
        provenance: Provenance { rule, except: patterns(except) },
        ..Policy::default()
    };
    let except = |mut policy: Policy, except: &[&str], hide_unknown| {
        policy.release_age.except = patterns(except);
        policy.release_age.hide_unknown = hide_unknown;
        policy
    };
    let table: Vec<(&str, Policy, Vec<&str>)> = vec![
        ("nothing", Policy::default(), vec![]),
        ("age", aged(3), vec!["1.2.0:age-unknown", "2.0.0:too-young", "2.0.0-rc.1:too-young"]),
        ("age, excepted", except(aged(3), &["pkg@2.0.0", "pkg@1.2"], true), vec!["2.0.0-rc.1:too-young"]),
        ("age, unknown shown", except(aged(1), &[], false), vec!["2.0.0:too-young"]),
        ("age, another package excepted", except(aged(1), &["other"], false), vec!["2.0.0:too-young"]),
        ("blocked range", blocking(&["pkg@>=1.1 <2"]), vec!["1.1.0:blocked", "1.2.0:blocked"]),
        ("scripts", scripts(&[]), vec!["1.1.0:install-script", "2.0.0:install-script"]),
        ("scripts, excepted", scripts(&["pkg@1.x"]), vec!["2.0.0:install-script"]),
        ("provenance", provenance(ProvenanceRule::Required, &[]), vec!["1.1.0:no-provenance"]),
        ("provenance lost", provenance(ProvenanceRule::NoDowngrade, &[]), vec!["1.1.0:provenance-lost"]),
        ("provenance, excepted", provenance(ProvenanceRule::Required, &["*"]), vec![]),
    ];
    // the last version is less than a day old
    let now = day(8) + 2.hours();
    for (what, policy, expected) in table {
        let decision = decide(&policy, &facts(rows, json!({ "latest": "1.0.0" })), now);
        assert_eq!(hidden(&decision), expected, "{what}");
        assert!(decision.tags.is_empty(), "{what}");
    }
}

#[test]
fn a_version_published_before_the_first_with_provenance_has_lost_nothing() {
    let policy = Policy {
        provenance: Provenance { rule: ProvenanceRule::NoDowngrade, except: Vec::new() },
        ..Policy::default()
    };
    for (rows, expected) in [
        (vec![("1.0.0", Some(1), ""), ("1.1.0", Some(2), "p")], vec![]),
        (vec![("1.0.0", Some(1), "p"), ("0.9.1", Some(2), "")], vec!["0.9.1:provenance-lost"]),
        // without times, precedence stands in for age
        (vec![("1.0.0", None, ""), ("1.1.0", None, "p"), ("1.2.0", None, "")], vec!["1.2.0:provenance-lost"]),
        (vec![("1.0.0", Some(1), ""), ("1.1.0", Some(2), "")], vec![]),
    ] {
        assert_eq!(hidden(&decide(&policy, &facts(&rows, json!({})), day(9))), expected, "{rows:?}");
    }
}

#[test]
fn time_passing_shows_versions_and_a_clock_that_goes_back_hides_them_again() {
    let facts = facts(&[("1.0.0", Some(1), ""), ("1.1.0", Some(5), ""), ("1.2.0", Some(7), "")], json!({}));
    for (now, expected, until) in [
        (day(6), vec!["1.1.0:too-young", "1.2.0:too-young"], Some(day(8))),
        (day(8), vec!["1.2.0:too-young"], Some(day(10))),
        (day(10), vec![], None),
        // set back by hand: everything is from the future
        (day(-400), vec!["1.0.0:too-young", "1.1.0:too-young", "1.2.0:too-young"], Some(day(4))),
        (Timestamp::MIN, vec!["1.0.0:too-young", "1.1.0:too-young", "1.2.0:too-young"], Some(day(4))),
        (Timestamp::MAX, vec![], None),
    ] {
        let decision = decide(&aged(3), &facts, now);
        assert_eq!(
            (hidden(&decision), decision.holds_until),
            (expected.iter().map(|s| (*s).to_owned()).collect(), until),
            "{now}"
        );
    }
    // an age past the end of time hides for ever, and does not overflow
    let mut policy = aged(0);
    policy.release_age.minimum = SignedDuration::MAX;
    assert_eq!(decide(&policy, &facts, day(9)).reasons.len(), 3);
}

#[test]
fn dist_tags_lead_to_what_is_visible() {
    let versions = ["1.0.0", "1.1.0", "2.0.0-rc.1", "2.0.0", "3.0.0-rc.1", "3.0.0"];
    let rows: Vec<Row> = versions.iter().map(|version| (*version, Some(1), "")).collect();
    for (blocked, tags, expected) in [
        (vec!["pkg@2.0.0"], json!({ "latest": "2.0.0" }), json!({ "latest": "1.1.0" })),
        // nothing older is left: a newer release, then a prerelease, is better than nothing
        (vec!["pkg@1 || 2.0.0"], json!({ "latest": "2.0.0" }), json!({ "latest": "3.0.0" })),
        (
            vec!["pkg@1 || 2.0.0 || 3.0.0"],
            json!({ "latest": "3.0.0", "next": "3.0.0-rc.1" }),
            json!({ "latest": "3.0.0-rc.1", "next": "3.0.0-rc.1" }),
        ),
        // a tag of a prerelease goes to what stands nearest below
        (vec!["pkg@3.0.0-rc.1"], json!({ "next": "3.0.0-rc.1" }), json!({ "next": "2.0.0" })),
        (vec!["pkg@2.0.0-rc.1 || 2.0.0"], json!({ "two": "2.0.0" }), json!({ "two": "1.1.0" })),
        // and away where nothing does
        (vec!["pkg@1.0.0"], json!({ "first": "1.0.0", "latest": "3.0.0" }), json!({ "latest": "3.0.0" })),
        (vec!["pkg"], json!({ "latest": "3.0.0", "next": "3.0.0-rc.1" }), json!({})),
        // what led nowhere before is not ours to mend
        (vec!["pkg@1.0.0"], json!({ "odd": "9.9.9" }), json!({ "odd": "9.9.9" })),
    ] {
        let document = document(&rows, tags);
        let decision =
            decide(&blocking(&blocked), &read_facts(&name(), false, &document).expect("facts"), day(2));
        let view = PolicyView::new(decision.into());
        let seen: Value =
            serde_json::from_slice(&view.document(&name(), &document).expect("a view")).expect("JSON");
        assert_eq!(seen["dist-tags"], expected, "{blocked:?}");
    }
}

#[test]
fn a_document_loses_what_is_hidden_and_keeps_the_rest_as_it_was_spelled() {
    let document = br#"{ "_id":"pkg", "name":"pkg","dist-tags":{"latest":"1.1.0"},
        "versions":{"1.0.0":{"name":"pkg","version":"1.0.0","odd":1.00,"dist":{}},
                    "1.1.0":{"name":"pkg","version":"1.1.0"}},
        "time":{"created":"c","1.0.0":"2026-01-01T00:00:00.000Z","1.1.0":"2026-01-02T00:00:00.000Z"},"readme":"r"}"#;
    let facts = read_facts(&name(), false, document).expect("facts");
    let mut policy = blocking(&["pkg@1.1.0"]);
    let deprecation =
        |message: &str| Deprecation { packages: patterns(&["pkg@1.0.0"]), message: message.into() };
    policy.deprecations = vec![deprecation("use \"x\"")];
    let view = PolicyView::new(decide(&policy, &facts, day(9)).into());
    let seen = view.document(&name(), document).expect("a view");
    assert_eq!(
        std::str::from_utf8(&seen).expect("text"),
        concat!(
            r#"{"_id":"pkg","name":"pkg","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"name":"pkg","#,
            r#""version":"1.0.0","odd":1.00,"dist":{},"deprecated":"use \"x\""}},"#,
            r#""time":{"created":"c","1.0.0":"2026-01-01T00:00:00.000Z"},"readme":"r"}"#
        )
    );
    // nothing to change: the same bytes
    let untouched = PolicyView::new(decide(&Policy::default(), &facts, day(9)).into());
    assert_eq!(&*untouched.document(&name(), document).expect("a view"), document);
}

#[test]
fn an_overlay_can_take_a_warning_away() {
    let document = document(&[("1.0.0", Some(1), "d")], json!({ "latest": "1.0.0" }));
    let facts = read_facts(&name(), true, &document).expect("facts");
    let overlay = Deprecation { packages: patterns(&["pkg"]), message: String::new() };
    let policy = Policy { deprecations: vec![overlay], ..Policy::default() };
    let view = PolicyView::new(decide(&policy, &facts, day(9)).into());
    let seen: Value =
        serde_json::from_slice(&view.document(&name(), &document).expect("a view")).expect("JSON");
    assert!(seen["versions"]["1.0.0"].get("deprecated").is_none());
}

#[test]
fn observing_reports_and_hides_nothing() {
    let rows = [("1.0.0", Some(1), ""), ("1.1.0", Some(8), "")];
    let policy = Policy { mode: Mode::Observe, ..aged(3) };
    let decision = decide(&policy, &facts(&rows, json!({ "latest": "1.1.0" })), day(9));
    assert_eq!(hidden(&decision), ["1.1.0:too-young"]);
    assert!(decision.hidden("1.1.0").is_none() && decision.tags.is_empty() && decision.changes_nothing());
}

#[test]
fn what_is_published_here_is_judged_only_where_that_is_asked_for() {
    let rows = [("1.0.0", Some(9), "s")];
    let mut policy = aged(3);
    policy.install_scripts.hide = true;
    policy.blocks = blocking(&["pkg@2"]).blocks;
    let own = PackageFacts { own: true, ..facts(&rows, json!({})) };
    assert!(decide(&policy, &own, day(9)).reasons.is_empty());
    policy.own_packages = true;
    assert_eq!(hidden(&decide(&policy, &own, day(9))), ["1.0.0:too-young", "1.0.0:install-script"]);
    policy.own_packages = false;
    policy.blocks = blocking(&["pkg@1"]).blocks;
    assert_eq!(hidden(&decide(&policy, &own, day(9))), ["1.0.0:blocked"]);
}

#[test]
fn odd_packuments_are_judged_without_a_panic() {
    for document in [
        r#"{"name":"pkg"}"#,
        r#"{"name":"pkg","versions":null,"dist-tags":null,"time":null}"#,
        r#"{"name":"pkg","versions":{"not a version":[],"1.0.0":"x","__proto__":{}},"time":[1],"dist-tags":{"a":1}}"#,
        r#"{"versions":{"1.0.0":{"scripts":["a"],"dist":[],"hasInstallScript":"yes","gypfile":1}},"time":{"1.0.0":5}}"#,
    ] {
        let facts = read_facts(&name(), false, document.as_bytes()).expect("facts");
        let mut policy = aged(3);
        policy.install_scripts.hide = true;
        policy.provenance.rule = ProvenanceRule::Required;
        let decision = decide(&policy, &facts, day(9));
        assert_eq!(decision.reasons.len(), facts.versions.len(), "{document}");
        let seen = PolicyView::new(decision.into())
            .document(&name(), document.as_bytes())
            .expect("a view")
            .into_owned();
        let seen: Value = serde_json::from_slice(&seen).expect("JSON");
        assert!(seen["versions"].as_object().is_none_or(serde_json::Map::is_empty), "{document}");
    }
    assert!(read_facts(&name(), false, b"[]").is_err());
    assert!(read_facts(&name(), false, b"\xff").is_err());
}
