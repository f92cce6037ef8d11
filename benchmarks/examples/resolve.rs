//! Resolves every specifier in the sources of an installed tree with module-resolver: held against what Node
//! answered, or timed beside oxc-resolver.
//!
//! ```sh
//! node --experimental-import-meta-resolve crates/module-resolver/tests/node/tree.mjs FOLDER > tree.jsonl
//! cargo run --release -p benchmarks --example resolve -- check tree.jsonl
//! cargo run --release -p benchmarks --example resolve -- bench tree.jsonl
//! ```

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs};

use module_resolver::{Importer, Kind, Location, Options, OsFileSystem, Request, Resolver};
use oxc_resolver::{ResolveOptions, Resolver as OxcResolver};
use serde_json::Value;

const ROUNDS: usize = 15;

struct Row {
    kind: Kind,
    from: String,
    folder: String,
    specifier: String,
    answer: Value,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["check", file] => check(&rows(file)),
        ["bench", file] => bench(&rows(file)),
        _ => {
            eprintln!("usage: resolve check|bench FILE");
            ExitCode::FAILURE
        }
    }
}

fn rows(file: &str) -> Vec<Row> {
    let text = fs::read_to_string(file).expect("the file that tree.mjs printed");
    let row = |line: &str| {
        let row: Value = serde_json::from_str(line).expect("JSON");
        let text = |key: &str| row[key].as_str().expect(key).to_owned();
        let from = text("from");
        let folder = Path::new(&from).parent().expect("a folder").to_str().expect("UTF-8").to_owned();
        let kind = if text("kind") == "import" { Kind::Import } else { Kind::RequireResolve };
        Row { kind, folder, specifier: text("specifier"), answer: row["answer"].clone(), from }
    };
    text.lines().map(row).collect()
}

fn check(rows: &[Row]) -> ExitCode {
    let resolver = Resolver::new(OsFileSystem, Options::default());
    let (mut found, mut failed, mut wrong) = (0, 0, 0);
    for row in rows {
        let request = Request::new(row.kind, &row.specifier, Importer::File(&row.from));
        let answer = match resolver.resolve(&request) {
            Ok(resolution) => {
                found += 1;
                match (row.kind, &resolution.location) {
                    (Kind::Import, location) => serde_json::json!({"url": location.url()}),
                    (_, Location::Builtin(_)) => serde_json::json!({"path": row.specifier}),
                    (_, location) => serde_json::json!({"path": location.path()}),
                }
            }
            Err(error) => {
                failed += 1;
                match error.url() {
                    // `import.meta.resolve` gives the address of what is not there
                    Some(url) => serde_json::json!({"url": url}),
                    None => serde_json::json!({"code": error.node_code(), "message": error.to_string()}),
                }
            }
        };
        // nor does it give hints, which Node makes from its working directory
        let told = |value: &Value| {
            let message =
                value["message"].as_str().map(|text| text.split("\nDid you mean").next().unwrap().to_owned());
            (value["url"].clone(), value["path"].clone(), value["code"].clone(), message)
        };
        if told(&answer) != told(&row.answer) {
            wrong += 1;
            if wrong <= 20 {
                println!(
                    "{:?} {:?} from {}\n  node {}\n  here {answer}",
                    row.kind, row.specifier, row.from, row.answer
                );
            }
        }
    }
    println!(
        "{} requests: {found} found, {failed} refused; {wrong} answered otherwise than Node",
        rows.len()
    );
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Only what both find counts. Each round goes through all requests with an empty cache and then again with a full
/// one, one resolver after the other, so that what else the machine does hits both.
fn bench(rows: &[Row]) -> ExitCode {
    let rows: Vec<&Row> = rows.iter().filter(|row| ours().run(row) && oxc().run(row)).collect();
    let mut times = [[Duration::MAX; 2]; 2];
    for _ in 0..ROUNDS {
        for (which, best) in times.iter_mut().enumerate() {
            let subject: Box<dyn Subject> = if which == 0 { Box::new(ours()) } else { Box::new(oxc()) };
            for best in best {
                let start = Instant::now();
                for row in &rows {
                    black_box(subject.run(row));
                }
                *best = start.elapsed().min(*best);
            }
        }
    }
    let each = |time: Duration| time.as_nanos() as f64 / rows.len() as f64;
    println!("{} requests, best of {ROUNDS} rounds, nanoseconds for each", rows.len());
    for (at, cache) in ["empty", "full"].iter().enumerate() {
        let (ours, oxc) = (each(times[0][at]), each(times[1][at]));
        println!("{cache} cache: knit {ours:.0}, oxc-resolver {oxc:.0}, ratio {:.2}", ours / oxc);
    }
    ExitCode::SUCCESS
}

trait Subject {
    fn run(&self, row: &Row) -> bool;
}

impl Subject for Resolver {
    fn run(&self, row: &Row) -> bool {
        self.resolve(&Request::new(row.kind, &row.specifier, Importer::File(&row.from))).is_ok()
    }
}

struct Oxc {
    import: OxcResolver,
    require: OxcResolver,
}

impl Subject for Oxc {
    fn run(&self, row: &Row) -> bool {
        let resolver = if row.kind == Kind::Import { &self.import } else { &self.require };
        match resolver.resolve(&row.folder, &row.specifier) {
            Ok(found) => {
                black_box(found.full_path());
                true
            }
            // its way to say where a builtin is
            Err(error) => matches!(error, oxc_resolver::ResolveError::Builtin { .. }),
        }
    }
}

fn ours() -> Resolver {
    Resolver::new(OsFileSystem, Options::default())
}

/// As near to Node as its options allow; the two share their cache.
fn oxc() -> Oxc {
    let strings = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let import = OxcResolver::new(ResolveOptions {
        builtin_modules: true,
        condition_names: strings(&["node", "import", "module-sync", "node-addons"]),
        extensions: Vec::new(),
        fully_specified: true,
        module_type: true,
        ..ResolveOptions::default()
    });
    let require = import.clone_with_options(ResolveOptions {
        builtin_modules: true,
        condition_names: strings(&["require", "node", "node-addons", "module-sync"]),
        extensions: strings(&[".js", ".json", ".node"]),
        module_type: true,
        ..ResolveOptions::default()
    });
    Oxc { import, require }
}
