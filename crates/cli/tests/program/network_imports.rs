//! Modules imported by URL, from a server on this machine.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;

use tempfile::TempDir;

use super::{Ran, run_in};

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Serves texts by path until the test's process ends: content type and body, or `redirect` and where to. Its address.
fn serve(pages: &[(&str, &str, &str)]) -> String {
    let pages: HashMap<String, (String, String)> = pages
        .iter()
        .map(|(path, kind, body)| ((*path).to_owned(), ((*kind).to_owned(), (*body).to_owned())))
        .collect();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut lines = BufReader::new(stream.try_clone().expect("the same connection")).lines();
            let request = lines.next().and_then(Result::ok).unwrap_or_default();
            while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
            let path = request.split(' ').nth(1).unwrap_or_default();
            let (head, body) = match pages.get(path) {
                Some((kind, to)) if kind == "redirect" => (format!("302 Found\r\nlocation: {to}"), ""),
                Some((kind, body)) => (format!("200 OK\r\ncontent-type: {kind}"), body.as_str()),
                None => ("404 Not Found".to_owned(), ""),
            };
            let length = body.len();
            let answer =
                format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("a file");
}

fn project(program: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), "package.json", r#"{"type":"module"}"#);
    write(folder.path(), "app.js", program);
    folder
}

fn output(ran: &Ran) -> &str {
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    &ran.stdout
}

#[test]
fn modules_of_the_network_run_as_those_of_files_do() {
    let server = serve(&[
        ("/latest", "redirect", "/v1/main.js"),
        (
            "/v1/main.js",
            SCRIPT,
            "import { one } from './one.ts'; import two from '/two.json' with { type: 'json' };\n\
             import { sep } from 'node:path';\n\
             export const all = [one, two.value, sep, import.meta.url.slice(-11), import.meta.filename];\n\
             export const later = () => import('./later.js');\n\
             export const where = import.meta.resolve('../x.js');",
        ),
        ("/v1/one.ts", "video/mp2t", "interface A { a: number }\nexport const one: string = 'one';"),
        ("/two.json", "application/json", r#"{"value":2}"#),
        (
            "/v1/later.js",
            "text/plain",
            "export default 'later'; import { all } from './main.js'; export { all };",
        ),
    ]);
    let folder = project(&format!(
        "import {{ all, later, where }} from '{server}/latest';\n\
         console.log(JSON.stringify(all), where);\n\
         const other = await later();\n\
         console.log(other.default, other.all === all);\n"
    ));
    let refused = run_in(folder.path(), &["./app.js"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("ERR_UNSUPPORTED_ESM_URL_SCHEME"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--network-imports"), "{}", refused.stderr);

    let expected = format!("[\"one\",2,\"/\",\"/v1/main.js\",null] {server}/x.js\nlater true\n");
    let ran = run_in(folder.path(), &["--network-imports", "./app.js"]);
    assert_eq!(output(&ran), expected);
    let ran = run_in(folder.path(), &["--frozen-imports", "./app.js"]);
    assert_eq!(output(&ran), expected);
    // by configuration, and from the cache alone
    write(folder.path(), ".npmrc", "network-imports=true\noffline=true\n");
    let ran = run_in(folder.path(), &["./app.js"]);
    assert_eq!(output(&ran), expected);
    let lock = std::fs::read_to_string(folder.path().join("imports-lock.json")).expect("a lock");
    assert_eq!(lock.matches("sha512-").count(), 4, "{lock}");
}

#[test]
fn a_server_cannot_change_what_is_pinned() {
    let first = serve(&[("/m.js", SCRIPT, "export default 'good'")]);
    let port = first.rsplit(':').next().expect("a port");
    let folder = project(&format!("import m from '{first}/m.js'; console.log(m);"));
    assert_eq!(output(&run_in(folder.path(), &["--network-imports", "./app.js"])), "good\n");
    let lock = folder.path().join("imports-lock.json");
    let pinned = std::fs::read_to_string(&lock).expect("a lock");
    // as if the content had been another one when it was pinned
    let digest = pinned.split("sha512-").nth(1).and_then(|rest| rest.get(..86)).expect("a digest");
    std::fs::write(&lock, pinned.replace(digest, &"A".repeat(86))).expect("writable");
    let ran = run_in(folder.path(), &["--network-imports", "./app.js"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("EINTEGRITY") && ran.stderr.contains(port), "{}", ran.stderr);
    assert!(ran.stderr.contains("--reload-imports"), "{}", ran.stderr);
    assert_eq!(output(&run_in(folder.path(), &["--reload-imports", "./app.js"])), "good\n");
    assert_eq!(std::fs::read_to_string(&lock).expect("a lock"), pinned);
}

#[test]
fn what_cannot_be_imported_says_who_imports_it() {
    let server = serve(&[
        ("/page", "text/html", "<html>"),
        ("/bare.js", SCRIPT, "import 'lodash'"),
        ("/file.js", SCRIPT, "import 'file:///etc/passwd'"),
        ("/nested.js", SCRIPT, "\nimport './nowhere.js'"),
    ]);
    for (specifier, code, place) in [
        (format!("{server}/nowhere.js"), "ERR_MODULE_NOT_FOUND", "app.js:2".to_owned()),
        (format!("{server}/nested.js"), "ERR_MODULE_NOT_FOUND", format!("{server}/nested.js")),
        (format!("{server}/page"), "ERR_UNKNOWN_MODULE_FORMAT", format!("{server}/page")),
        (format!("{server}/bare.js"), "ERR_NETWORK_IMPORT_DISALLOWED", "'lodash'".to_owned()),
        (format!("{server}/file.js"), "ERR_NETWORK_IMPORT_DISALLOWED", "/file.js".to_owned()),
        ("http://modules.invalid/m.js".to_owned(), "ERR_NETWORK_IMPORT_DISALLOWED", "https:".to_owned()),
    ] {
        let folder = project(&format!("console.log('never');\nimport '{specifier}';\n"));
        let ran = run_in(folder.path(), &["--network-imports", "./app.js"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{specifier}");
        assert!(ran.stderr.contains(code) && ran.stderr.contains(&place), "{specifier}: {}", ran.stderr);
    }
}

#[test]
fn a_frozen_program_imports_nothing_new() {
    let server = serve(&[("/m.js", SCRIPT, "")]);
    let folder = project(&format!("import '{server}/m.js';"));
    let ran = run_in(folder.path(), &["--frozen-imports", "./app.js"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("ERR_NETWORK_IMPORT_NOT_PINNED"), "{}", ran.stderr);
    assert!(!folder.path().join("imports-lock.json").exists());
}
