//! Collects `js/**/*.js` into one sorted list of (id, source), so that a builtin is its file and nothing else.

use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=js");
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("js");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let mut rows: Vec<(String, PathBuf)> = files
        .into_iter()
        .map(|path| {
            let id = path.strip_prefix(&root).expect("below the root").with_extension("");
            (id.to_str().expect("names of builtins are ASCII").replace('\\', "/"), path)
        })
        .collect();
    rows.sort();
    let mut text = String::from("&[\n");
    for (id, path) in rows {
        println!("cargo:rerun-if-changed={}", path.display());
        writeln!(text, "({id:?}, include_str!({:?})),", path.display().to_string()).expect("a string grows");
    }
    text.push(']');
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("sources.rs");
    std::fs::write(out, text).expect("the build folder is writable");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(folder).expect("js/ is readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "js") {
            files.push(path);
        }
    }
}
