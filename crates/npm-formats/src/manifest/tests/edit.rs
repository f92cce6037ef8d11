use crate::json::print;
use crate::manifest::{
    Addition, Manifest, ManifestError, PackageJson, SaveType, Step, add_dependencies, remove_dependencies,
};
use serde_json::{Map, Value, json};

fn paths(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(paths) => paths.iter().filter_map(Value::as_str).collect(),
        path => path.as_str().into_iter().collect(),
    }
}

fn run(row: &Value, text: &str) -> Result<Value, ManifestError> {
    let mut file = PackageJson::parse("package.json", text.as_bytes()).unwrap();
    if !row["get"].is_null() {
        return Ok(Value::Object(file.get(&paths(&row["get"]))?));
    }
    match (row["set"].as_str(), row["delete"].as_str()) {
        (Some(path), _) => file.set(path, &row["value"], row["force"] == true)?,
        (_, Some(path)) => file.delete(path)?,
        _ => panic!("nothing to do in {row}"),
    }
    Ok(if row["saved"].is_string() {
        Value::from(file.print_if_changed().unwrap_or_else(|| text.to_owned()))
    } else {
        Value::Object(file.members().clone())
    })
}

#[test]
fn paths_read_and_write_as_npm_pkg_does() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../../../tests/tables/pkg.json")).unwrap();
    let (first, rows) = rows.split_first().unwrap();
    let mut wrong = 0;
    for row in rows {
        let text = row["text"].as_str().or(first["file"].as_str()).unwrap();
        let expected = if row["get"].is_null() { &row["saved"] } else { &row["result"] };
        let problem = match run(row, text) {
            Ok(found) => (print(&found, "") != print(expected, "")).then(|| print(&found, "")),
            Err(error) => (error.code() != row["error"].as_str()).then(|| error.to_string()),
        };
        if let Some(problem) = problem {
            println!("{row}\n    gives {problem}");
            wrong += 1;
        }
    }
    assert_eq!(wrong, 0);
}

fn change(manifest: &mut Map<String, Value>, row: &Value) {
    if let Some(names) = row["remove"].as_array() {
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        return remove_dependencies(manifest, &names);
    }
    let save_type = row["saveType"].as_str().map(|save_type| match save_type {
        "prod" => SaveType::Production,
        "dev" => SaveType::Development,
        "optional" => SaveType::Optional,
        "peer" => SaveType::Peer,
        "peerOptional" => SaveType::PeerOptional,
        other => panic!("unknown save type {other}"),
    });
    let additions: Vec<Addition> = row["add"]
        .as_array()
        .unwrap()
        .iter()
        .map(|addition| Addition {
            name: addition["name"].as_str().unwrap().to_owned(),
            specifier: addition["rawSpec"].as_str().unwrap().to_owned(),
            save_type,
            bundle: row["saveBundle"] == true,
        })
        .collect();
    add_dependencies(manifest, &additions);
}

#[test]
fn dependencies_are_added_and_removed_as_npm_does() {
    let rows: Vec<Value> =
        serde_json::from_str(include_str!("../../../tests/tables/dependencies.json")).unwrap();
    for row in rows {
        let text = row["text"].as_str().unwrap();
        let mut file = PackageJson::parse("package.json", text.as_bytes()).unwrap();
        let mut manifest = file.normalized(Step::INSTALLED, None).unwrap();
        change(&mut manifest, &row);
        assert_eq!(print(&Value::Object(manifest.0.clone()), ""), print(&row["members"], ""), "{row}");
        file.update_dependencies(&manifest);
        assert_eq!(file.print_if_changed().as_deref().unwrap_or(text), row["saved"], "{row}");
    }
}

#[test]
fn replacing_a_dependency_says_what_it_replaces() {
    let mut manifest: Map<String, Value> =
        json!({ "devDependencies": { "a": "1" } }).as_object().unwrap().clone();
    let addition = Addition {
        name: "a".into(),
        specifier: "2".into(),
        save_type: Some(SaveType::Production),
        bundle: false,
    };
    let notes = add_dependencies(&mut manifest, &[addition]);
    let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
    assert_eq!(notes, ["\"devDependencies.a\" was removed: it is now in dependencies"]);
}

#[test]
fn fixing_says_what_it_fixed() {
    let mut file =
        PackageJson::parse("package.json", br#"{"name":"@s/a ","version":"v1.0.0","bin":"../x"}"#).unwrap();
    let notes: Vec<String> = file.fix(None).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "\"bin\" is now an object",
            "\"bin.@s/a \" is now called \"a \"",
            "\"bin.a \" is now \"x\"",
            "\"name\" is now \"@s/a\", without the space around it",
            "\"version\" is now \"1.0.0\"",
        ]
    );
}

#[test]
fn sorting_puts_members_in_the_order_npm_prefers() {
    let mut file =
        PackageJson::parse("x", br#"{"zeta":1,"overrides":{},"name":"a","alpha":2,"bin":"x"}"#).unwrap();
    file.sort_members();
    let keys: Vec<&String> = file.members().keys().collect();
    assert_eq!(keys, ["name", "bin", "overrides", "zeta", "alpha"]);
}

#[test]
fn workspaces_come_from_either_form() {
    let manifest = |value: Value| Manifest(value.as_object().unwrap().clone());
    let list = manifest(json!({ "workspaces": ["a", "b/*"] }));
    let object = manifest(json!({ "workspaces": { "packages": ["a"], "nohoist": [] } }));
    assert_eq!(list.workspaces(), Some(vec!["a", "b/*"]));
    assert_eq!(object.workspaces(), Some(vec!["a"]));
    assert_eq!(manifest(json!({ "workspaces": "a" })).workspaces(), None);
}

#[test]
fn an_index_far_beyond_the_end_is_refused() {
    let mut file = PackageJson::create();
    let error = file.set("a[4000000000]", &json!(1), true).unwrap_err();
    assert_eq!(error.to_string(), "path \"a[4000000000]\" has an index far beyond the end of the array");
    assert!(file.members().is_empty());
}
