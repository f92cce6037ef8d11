use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;
use crate::reporter::Silent;

#[test]
fn package_variables_are_npms() {
    // Observed with npm 11.19.1.
    let manifest = json!({
        "name": "@s/t1", "version": "1.2.3", "engines": { "node": ">=10" }, "bin": "./x.js", "license": "MIT",
        "config": { "port": 8080, "n": { "a": [1, null, { "x": false }] }, "on": true, "a=b": 1 },
    });
    let rows = package_variables(manifest.as_object().unwrap());
    let rows: Vec<String> = rows.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        rows,
        [
            "npm_package_name=@s/t1",
            "npm_package_version=1.2.3",
            "npm_package_config_port=8080",
            "npm_package_config_n_a_0=1",
            "npm_package_config_n_a_1=",
            "npm_package_config_n_a_2_x=",
            "npm_package_config_on=true",
            "npm_package_engines_node=>=10",
            "npm_package_bin_t1=x.js",
        ]
    );
}

#[test]
fn path_lists_every_bin_directory_upward() {
    let path = search_path(
        Path::new("/a/b"),
        &[PathBuf::from("/first")],
        Some(Path::new("/tools")),
        Some("/bin".as_ref()),
    );
    let wanted = "/first:/a/b/node_modules/.bin:/a/node_modules/.bin:/node_modules/.bin:/tools:/bin";
    assert_eq!(path, wanted);
}

#[test]
fn words_reach_the_shell_as_they_are() {
    let words = ["", "plain", "two words", "it's", "$HOME", "a\nb", "`x`", "\"", "\\", "*", "~", "a;b", "ü"];
    let line = words.map(quote).join(" ");
    let output = std::process::Command::new("sh")
        .args(["-c", &format!("printf '[%s]' {line}")])
        .output()
        .expect("sh runs");
    let wanted: String = words.iter().map(|word| format!("[{word}]")).collect();
    assert_eq!(String::from_utf8_lossy(&output.stdout), wanted);
}

fn run_captured(manifest: Value, event: &str, directory: &Path) -> Option<ScriptOutcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let environment = ScriptEnvironment {
        variables: vec![("PATH".into(), std::env::var_os("PATH").unwrap_or_default())],
        tools: None,
        shell: None,
        forwards_interrupt: true,
    };
    let manifest = manifest.as_object().cloned().unwrap_or_default();
    let future = run_lifecycle(event, directory, &manifest, &environment, Output::Capture, &Silent);
    runtime.block_on(future).expect("the shell starts")
}

#[test]
fn a_script_reports_its_output_and_ending() {
    let directory = tempfile::tempdir().expect("a directory");
    let manifest = json!({ "name": "p", "version": "1.0.0", "scripts": {
        "ok": "echo $npm_package_name $npm_lifecycle_event; echo problem >&2",
        "bad": "exit 7",
        "killed": "kill -9 $$",
    } });
    let outcome = run_captured(manifest.clone(), "ok", directory.path()).expect("has a script");
    assert_eq!((outcome.stdout.as_slice(), outcome.stderr.as_slice()), (&b"p ok\n"[..], &b"problem\n"[..]));
    assert!(outcome.succeeded());
    let ending =
        |event| run_captured(manifest.clone(), event, directory.path()).map(|outcome| outcome.ending);
    assert_eq!(ending("bad"), Some(Ending::Code(7)));
    assert_eq!(ending("killed"), Some(Ending::Signal(9)));
    assert_eq!(ending("absent"), None);
}

#[test]
fn npm_makes_up_scripts_for_install_and_start() {
    let directory = tempfile::tempdir().expect("a directory");
    let script = |event: &str, manifest: Value| {
        let manifest = manifest.as_object().cloned().unwrap_or_default();
        script_for(event, directory.path(), &manifest).map(Cow::into_owned)
    };
    assert_eq!(script("install", json!({})), None);
    for file in ["binding.gyp", "server.js"] {
        std::fs::write(directory.path().join(file), "").expect("written");
    }
    assert_eq!(script("install", json!({})).as_deref(), Some("node-gyp rebuild"));
    assert_eq!(script("install", json!({ "gypfile": false })), None);
    assert_eq!(script("install", json!({ "scripts": { "preinstall": "x" } })), None);
    assert_eq!(script("start", json!({})).as_deref(), Some("node server.js"));
    assert_eq!(script("start", json!({ "scripts": { "start": "x" } })).as_deref(), Some("x"));
}
