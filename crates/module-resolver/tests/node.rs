//! Every row of expectations.json: what Node 26.10 answers about the committed fixture folders (`node20` stands
//! beside where Node 20.20 answers otherwise). node/expect.mjs asks them and writes the file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use module_resolver::{
    Deprecation, ErrorClass, Format, Importer, Kind, Location, Options, OsFileSystem, PackageType, Request,
    Resolution, ResolveError, Resolver, Step,
};
use serde_json::{Value, json};

#[test]
fn every_request_is_answered_as_node_answers_it() {
    let rows = rows();
    assert!(rows.len() > 700, "only {} rows", rows.len());
    let root = fixtures();
    let mut resolvers: BTreeMap<String, Resolver> = BTreeMap::new();
    let mut wrong = Vec::new();
    for row in &rows {
        let options = options(row, &root);
        let resolver =
            resolvers.entry(format!("{options:?}")).or_insert_with(|| Resolver::new(OsFileSystem, options));
        let answer = answer(resolver, row, &root);
        if answer != once(&row["expect"]) {
            wrong.push(format!("{row}\n  answered {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn explaining_and_forgetting_change_no_answer() {
    let root = fixtures();
    for row in rows().iter().filter(|row| row["flags"].is_null() && row["nodePath"].is_null()) {
        let resolver = Resolver::new(OsFileSystem, options(row, &root));
        let importer = format!("{}/{}", root.display(), text(&row["from"]));
        let request = request(row, &importer);
        let plain = resolver.resolve(&request).map(|found| found.location);
        let (explained, trace) = resolver.explain(&request);
        assert_eq!(explained.map(|found| found.location), plain, "{row}");
        assert!(trace.steps.len() > 1, "{row}");
        resolver.forget_glimpses();
        assert_eq!(resolver.resolve(&request).map(|found| found.location), plain, "{row}");
    }
}

/// Without the warnings that Node gives again while it looks for a hint; those do not name the importer.
fn once(expected: &Value) -> Value {
    let mut expected = expected.clone();
    if expected.get("error").is_some()
        && let Some(Value::Array(warnings)) = expected.get_mut("warnings")
    {
        let first = text(&warnings[0]["message"]).to_owned();
        warnings.retain(|warning| {
            let message = text(&warning["message"]);
            message == first || !first.starts_with(message.trim_end_matches('.'))
        });
    }
    expected
}

/// Holds the rows against the Node on the PATH, where it is one of the two versions that they are of.
#[test]
fn the_expectations_are_what_the_node_here_answers() {
    let version = Command::new("node").arg("--version").output();
    let version =
        version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let column = match version.split('.').next() {
        Some("v20") => "node20",
        Some("v26") => "expect",
        _ => return eprintln!("not run: there is no node 20 or 26 on the PATH, but {version:?}"),
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node/expect.mjs");
    let output = Command::new("node").arg(script).args(["--print", "node"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let rows = rows();
    assert_eq!(answers.len(), rows.len());
    for (row, answer) in rows.iter().zip(&answers) {
        let expected = if row[column].is_null() { &row["expect"] } else { &row[column] };
        assert_eq!(answer, expected, "{} {} from {}", row["kind"], row["specifier"], row["from"]);
    }
}

fn answer(resolver: &Resolver, row: &Value, root: &Path) -> Value {
    let importer = format!("{}/{}", root.display(), text(&row["from"]));
    let request = request(row, &importer);
    let mut answer = match resolver.resolve(&request) {
        Err(error) => json!({"error": error_object(&error)}),
        Ok(found) => answer_of(&found, text(&row["kind"]), text(&row["specifier"])),
    };
    // the trace has them also where there is no answer to carry them
    let (explained, trace) = resolver.explain(&request);
    let told = trace.steps.iter().filter_map(|step| match &step.step {
        Step::Deprecated(told) => Some(told.clone()),
        _ => None,
    });
    let told: Vec<Deprecation> = told.collect();
    if let Ok(found) = explained {
        assert_eq!(found.deprecations, told, "{row}");
    }
    if !told.is_empty() {
        answer["warnings"] =
            told.iter().map(|told| json!({"code": told.code, "message": told.message})).collect();
    }
    serde_json::from_str(&answer.to_string().replace(root.to_str().unwrap(), "{root}")).unwrap()
}

fn answer_of(found: &Resolution, kind: &str, specifier: &str) -> Value {
    match (kind, &found.location) {
        ("import", location) => {
            // Node opens files without extension and names the formats of `node:` and `data:` only when it loads
            let format = match (location, found.format) {
                (Location::File { .. }, Some(Format::Wasm)) if is_typeless(found) => None,
                (Location::Url(_), _) => None,
                (Location::Builtin(_), _) if specifier.starts_with("node:") => None,
                (_, format) => format.and_then(Format::name),
            };
            json!({"url": location.url(), "format": format})
        }
        ("resolve", Location::Builtin(_)) => json!({"path": specifier}),
        ("resolve", location) => json!({"path": location.path()}),
        _ => match found.load_format(|_| false) {
            Ok(_) => json!({"loaded": true}),
            Err(error) => json!({"error": error_object(&error)}),
        },
    }
}

/// An extensionless file of a package without "type".
fn is_typeless(found: &Resolution) -> bool {
    let package_type = found.package.as_ref().map(|package| package.package_type);
    package_type == Some(PackageType::None) && !found.location.to_string().ends_with(".wasm")
}

fn error_object(error: &ResolveError) -> Value {
    let name = match error.class() {
        ErrorClass::Error => "Error",
        ErrorClass::TypeError => "TypeError",
        ErrorClass::RangeError => "RangeError",
        ErrorClass::UriError => "URIError",
    };
    let mut object = json!({"name": name, "code": error.node_code(), "message": error.to_string()});
    if error.node_code().is_none() {
        object.as_object_mut().unwrap().remove("code");
    }
    for (name, value) in diagnostics::Report::details(error) {
        object[name] = value;
    }
    object
}

fn request<'a>(row: &'a Value, importer: &'a str) -> Request<'a> {
    let kind = match text(&row["kind"]) {
        "import" | "load" => Kind::Import,
        "resolve" => Kind::RequireResolve,
        _ => Kind::Require,
    };
    Request::new(kind, text(&row["specifier"]), Importer::File(importer))
}

fn options(row: &Value, root: &Path) -> Options {
    let mut options = Options::default();
    let mut flags = row["flags"].as_array().into_iter().flatten().map(text);
    while let Some(flag) = flags.next() {
        match flag {
            "-C" => options.conditions.push(flags.next().unwrap().to_owned()),
            "--no-addons" => options.node_addons = false,
            "--preserve-symlinks" => options.preserve_symlinks = true,
            other => panic!("{other}"),
        }
    }
    for folder in row["nodePath"].as_array().into_iter().flatten() {
        options.global_folders.push(root.join(text(folder)).to_str().unwrap().to_owned());
    }
    options
}

fn rows() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expectations.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").canonicalize().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
