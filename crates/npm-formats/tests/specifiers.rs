//! Names, repositories and specifiers, held against what npm 11.19.1's packages answered. `generate/specifiers.cjs`
//! beside the tables notes them anew.

use npm_formats::hosted_git::{HostedGit, RepositoryLink, UrlOptions};
use npm_formats::package_name::{NameProblem, PackageName, validate};
use npm_formats::specifier::{Place, Specifier, SpecifierError, SpecifierKind};
use proptest::prelude::*;
use serde_json::{Value, json};

const PLACE: Place<'_> = Place { directory: "/project/app", home: Some("/home/someone") };

/// Checks the rows of a file, of which none may get lost unseen.
fn check(text: &str, count: usize) {
    let rows: Vec<Vec<Value>> = serde_json::from_str(text).expect("rows are arrays in an array");
    assert_eq!(rows.len(), count);
    let failures = failures(&rows);
    assert!(failures.is_empty(), "{} of {count} rows:\n{}", failures.len(), failures.join("\n"));
}

fn failures(rows: &[Vec<Value>]) -> Vec<String> {
    let differs = |row: &Vec<Value>| {
        let (expected, call) = row.split_last().expect("a row has an answer");
        let found = answer(call);
        (found != *expected).then(|| format!("{}\n  found    {found}\n  expected {expected}", json!(call)))
    };
    rows.iter().filter_map(differs).collect()
}

fn answer(call: &[Value]) -> Value {
    let text = |index: usize| call.get(index).and_then(Value::as_str).unwrap_or_default();
    match text(0) {
        "name" => {
            let report = validate(text(1));
            let sentences =
                |problems: &[NameProblem]| problems.iter().map(NameProblem::to_string).collect::<Vec<_>>();
            json!({"errors": sentences(&report.errors), "warnings": sentences(&report.warnings)})
        }
        "hosted" => HostedGit::parse(text(1)).map_or(Value::Null, |hosted| repository(&hosted)),
        "repository" => match RepositoryLink::parse(text(1)) {
            Some(RepositoryLink::Hosted(hosted)) => json!(hosted.browse(UrlOptions::default())),
            Some(RepositoryLink::Url(url)) => json!(url),
            None => Value::Null,
        },
        "parse" => specifier(Specifier::parse(text(1), PLACE)),
        "resolve" => specifier(Specifier::resolve(text(1), text(2), PLACE)),
        other => panic!("no operation {other}"),
    }
}

fn repository(hosted: &HostedGit) -> Value {
    let (all, drop) = (UrlOptions::default(), UrlOptions::FOR_GIT);
    json!({
        "parts": [
            hosted.host().as_str(),
            hosted.user(),
            hosted.auth(),
            hosted.project(),
            hosted.committish(),
            hosted.representation().as_str(),
        ],
        "urls": [
            hosted.ssh(all),
            hosted.ssh_url(all),
            hosted.https(all),
            hosted.git(all),
            hosted.shortcut(all),
            hosted.path(all),
            hosted.tarball(),
            hosted.browse(all),
            hosted.docs(all),
            hosted.bugs(),
            hosted.to_string(),
        ],
        "dropped": [
            hosted.ssh(drop),
            hosted.ssh_url(drop),
            hosted.https(drop),
            hosted.git(drop),
            hosted.shortcut(drop),
            hosted.path(drop),
            hosted.browse(drop),
            hosted.docs(drop),
            hosted.to_url(drop),
        ],
        "files": [
            hosted.browse_path("/lib/a.js", "The First!", all),
            hosted.browse_path("", "", all),
            hosted.browse_file("lib/A b.js", "", all),
            hosted.file("/lib/a.js", all),
            hosted.file("x", drop),
            hosted.edit("/lib/a.js", all),
            hosted.edit("", drop),
        ],
    })
}

fn specifier(found: Result<Specifier, SpecifierError>) -> Value {
    match found {
        Ok(found) if *found.kind() == SpecifierKind::Workspace => json!({"error": "EUNSUPPORTEDPROTOCOL"}),
        Ok(found) => fields(&found),
        Err(error) => json!({"error": error.code()}),
    }
}

fn fields(found: &Specifier) -> Value {
    let git = found.git().map(|git| {
        let host = git.hosted().map(|hosted| hosted.host().as_str());
        json!([git.committish(), git.range(), git.subdirectory(), host])
    });
    json!({
        "type": found.kind().as_str(),
        "raw": found.raw(),
        "name": found.name(),
        "scope": found.scope(),
        "escapedName": found.escaped_name(),
        "rawSpec": found.raw_spec(),
        "saveSpec": found.save_spec(),
        "fetchSpec": found.fetch_spec(),
        "registry": found.is_registry(),
        "text": found.to_string(),
        "git": git,
        "target": found.alias_target().map(fields),
    })
}

#[test]
fn names_are_judged() {
    check(include_str!("tables/package_names.json"), 81);
}

#[test]
fn hosted_repositories_are_recognised_and_written() {
    check(include_str!("tables/hosted_git.json"), 498);
}

#[test]
fn specifiers_are_taken_apart() {
    check(include_str!("tables/specifiers.json"), 536);
}

#[test]
fn names_are_parts_of_urls() {
    for (name, scope, unscoped, escaped) in [
        ("plain", None, "plain", "plain"),
        ("@scope/name", Some("@scope"), "name", "@scope%2fname"),
        ("JSONStream", None, "JSONStream", "JSONStream"),
    ] {
        let name = PackageName::parse(name).expect("the name is valid");
        assert_eq!((name.scope(), name.unscoped(), &*name.escaped()), (scope, unscoped, escaped));
    }
    let error = PackageName::parse("../evil").expect_err("the name is not valid");
    assert_eq!(
        error.to_string(),
        "invalid package name \"../evil\": name cannot start with a period; \
         name can only contain URL-friendly characters"
    );
}

proptest! {
    #[test]
    fn no_text_panics(text in noise(), name in noise()) {
        let _ = Specifier::parse(&text, PLACE).map(|found| found.to_string());
        let _ = Specifier::resolve(&name, &text, text.as_str()).map(|found| found.package_url(Some(&name)));
        let _ = RepositoryLink::parse(&text);
        let _ = validate(&text);
        if let Some(hosted) = HostedGit::parse(&text) {
            let _ = repository(&hosted);
        }
    }

    #[test]
    fn valid_names_stay_within_their_segments(text in noise()) {
        let Ok(name) = PackageName::parse(&text) else { return Ok(()) };
        let parts: Vec<&str> = name.as_str().split('/').collect();
        prop_assert!(parts.len() == 1 || (parts.len() == 2 && parts[0].starts_with('@')), "{name}");
        prop_assert!(parts.iter().all(|part| !part.is_empty() && !part.starts_with('.')), "{name}");
        prop_assert!(!name.as_str().contains(['\\', ':', '\0']), "{name}");
    }
}

fn noise() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "(@|git\\+|file:|npm:|github:|gist:|https://|git@|ssh://|C:|)[a-z0-9./:@#%~ é\\\\!_-]{0,24}",
        "(https|git\\+ssh)://[a-z:@]{0,6}(github.com|gitlab.com|gist.github.com|x)[:/a-z.%#-]{0,20}",
        "@?[a-zA-Z.é%~]{1,4}(/[a-zA-Z.é%~_]{1,4})?",
    ]
}

#[test]
fn aliases_of_aliases_are_refused_however_many_there_are() {
    for argument in ["npm:".repeat(100_000), "a@npm:".repeat(100_000), "@a/b@NPM:".repeat(100_000) + "c@1"] {
        let found = Specifier::parse(&argument, PLACE);
        assert!(matches!(found, Err(SpecifierError::NestedAlias { .. })));
    }
}
