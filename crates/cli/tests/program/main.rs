//! Programs that knit runs: what they print and how they end. Expected output is Node 25.8.1's for the same program,
//! where a comment does not say otherwise.

mod async_stacks;
mod network_imports;
mod stack_names;

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

struct Ran {
    stdout: String,
    stderr: String,
    code: Option<i32>,
}

/// Writes the files and runs knit with the arguments beside them. Bytecode goes to a folder of the test's own.
fn run(files: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let folder = TempDir::new().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    run_in(folder.path(), arguments)
}

fn run_in(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_knit"))
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join(".cache"))
        .env_remove("NODE_OPTIONS")
        .output()
        .expect("knit starts");
    Ran {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code(),
    }
}

/// Runs one file and compares what it prints, line by line.
fn check(name: &str, text: &str, lines: &[&str]) {
    let ran = run(&[(name, text)], &[&format!("./{name}")]);
    assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), lines, "{}", ran.stderr);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

/// Node 25.8.1 shows a line of its own loader instead.
#[test]
fn an_import_that_fails_is_shown_where_it_stands() {
    let files = [
        ("package.json", r#"{"type":"module"}"#),
        ("nothing.js", "import fs from 'fs';\nimport { a } from './nowhere.js';\n"),
        ("outer.js", "import './inner.js';\n"),
        ("inner.js", "console.log('never'); import 'no-such-package';\n"),
        ("data.js", "import data from './data.json' with { type: 'json' };\n"),
        ("data.json", "{ x"),
    ];
    for (program, line, mark) in [
        ("./nothing.js", "import { a } from './nowhere.js';", "                  ^^^^^^^^^^^^^^"),
        (
            "./outer.js",
            "console.log('never'); import 'no-such-package';",
            &format!("{:29}{}", "", "^".repeat(17)),
        ),
        (
            "./data.js",
            "import data from './data.json' with { type: 'json' };",
            "                 ^^^^^^^^^^^^^",
        ),
    ] {
        let ran = run(&files, &[program]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
        let lines: Vec<&str> = ran.stderr.lines().collect();
        assert_eq!(lines[1..3], [line, mark], "{}", ran.stderr);
    }
}

#[test]
fn a_session_begins_with_a_greeting_and_a_prompt() {
    for arguments in [&["repl"][..], &["-i"], &["--interactive", "-e", "1"]] {
        let ran = run(&[], arguments);
        let lines: Vec<&str> = ran.stdout.lines().collect();
        assert!(lines[0].starts_with("Welcome to knit v"), "{}", ran.stdout);
        assert_eq!(lines[1..], ["Type \".help\" for more information.", "> "], "{}", ran.stderr);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
}

#[test]
fn a_session_answers_each_text_when_it_is_whole() {
    let text =
        "const o = {\na: 1 }\no\nlet x y\nthrow new TypeError('no')\n_error.message\n{ b: 2 }.b\nawait o\n";
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("input"), text).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_knit"))
        .arg("-i")
        .stdin(std::fs::File::open(folder.path().join("input")).expect("the file"))
        .env("XDG_CACHE_HOME", folder.path().join(".cache"))
        .env_remove("NODE_OPTIONS")
        .output()
        .expect("knit starts");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = stdout.lines().skip(2).collect();
    let expected = [
        "> | undefined",
        "> { a: 1 }",
        "> let x y",
        "      ^",
        "",
        "Uncaught SyntaxError: Unexpected identifier 'y'",
        "> Uncaught TypeError: no",
        "> 'no'",
        "> 2",
        "> { a: 1 }",
        "> ",
    ];
    assert_eq!(lines, expected, "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn callbacks_run_in_the_order_of_the_phases() {
    check(
        "order.js",
        "const fs = require('fs');
         setTimeout(() => console.log('timeout 0'), 0);
         setImmediate(() => console.log('immediate'));
         process.nextTick(() => { console.log('tick 1'); Promise.resolve().then(() => console.log('micro of tick')); });
         Promise.resolve().then(() => { console.log('micro 1'); process.nextTick(() => console.log('tick of micro')); });
         queueMicrotask(() => console.log('micro 2'));
         process.on('beforeExit', () => console.log('beforeExit'));
         process.on('exit', (code) => console.log('exit', code));
         const until = Date.now() + 5; while (Date.now() < until);
         fs.readFile(__filename, () => {
           setTimeout(() => console.log('timeout in I/O'), 0);
           setImmediate(() => console.log('immediate in I/O'));
         });
         console.log('main');",
        &[
            "main",
            "tick 1",
            "micro 1",
            "micro 2",
            "micro of tick",
            "tick of micro",
            "timeout 0",
            "immediate",
            "immediate in I/O",
            "timeout in I/O",
            "beforeExit",
            "exit 0",
        ],
    );
}

#[test]
fn the_asynchronous_context_crosses_every_edge() {
    check(
        "context.js",
        "const { AsyncLocalStorage } = require('async_hooks');
         const store = new AsyncLocalStorage();
         const say = (what) => console.log(what, store.getStore());
         const settled = Promise.resolve();
         store.run(1, () => {
           setTimeout(() => say('timer'), 200);
           setImmediate(() => say('immediate'));
           process.nextTick(() => say('tick'));
           queueMicrotask(() => say('microtask'));
           settled.then(() => say('then'));
           (async () => { await null; say('await'); })();
           require('fs').stat('.', () => setTimeout(() => say('stat'), 400));
         });
         say('outside');",
        &[
            "outside undefined",
            "tick 1",
            "microtask 1",
            "then 1",
            "await 1",
            "immediate 1",
            "timer 1",
            "stat 1",
        ],
    );
}

#[test]
fn both_module_systems_load_each_other_through_exports() {
    let files = [
        (
            "main.mjs",
            "import both, { kind } from 'both'; import path, { join } from 'node:path'; import data from './data.json' with { type: 'json' };
             import { createRequire } from 'node:module'; import { x } from './plain.cjs';
             const require = createRequire(import.meta.url);
             console.log(kind, require('both').kind, x, data.a, join('a', 'b'), path.sep);
             console.log(import.meta.filename.endsWith('main.mjs'), import.meta.main, both);
             const later = await import('./later.mjs'); later.change();
             console.log(later.live, require('./later.mjs').live);",
        ),
        ("plain.cjs", "exports.x = __filename.endsWith('plain.cjs') && require.main === undefined;"),
        ("data.json", "{ \"a\": 7 }"),
        ("later.mjs", "export let live = 1; export function change() { live = 2; }"),
        (
            "node_modules/both/package.json",
            "{ \"name\": \"both\", \"exports\": { \"import\": \"./i.mjs\", \"require\": \"./r.cjs\" } }",
        ),
        ("node_modules/both/i.mjs", "export const kind = 'import'; export default 'd';"),
        ("node_modules/both/r.cjs", "exports.kind = 'require';"),
    ];
    let ran = run(&files, &["./main.mjs"]);
    assert_eq!(ran.stdout, "import require true 7 a/b /\ntrue true d\n2 2\n", "{}", ran.stderr);
}

#[test]
fn typescript_runs_without_its_types() {
    check(
        "typed.ts",
        "interface Point { x: number }
         const point: Point = { x: 3 };
         function twice<T extends number>(n: T): number { return n * 2 }
         console.log(twice(point.x as number));",
        &["6"],
    );
}

#[test]
fn an_uncaught_error_shows_its_line_and_ends_with_1() {
    let ran = run(&[("throw.js", "function f() { throw new TypeError('bad'); }\nf();\n")], &["./throw.js"]);
    assert_eq!(ran.code, Some(1));
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert!(lines[0].ends_with("throw.js:1"), "{}", ran.stderr);
    assert_eq!(lines[1], "function f() { throw new TypeError('bad'); }");
    assert_eq!(lines[2].trim(), "^");
    assert_eq!(lines[4], "TypeError: bad");
    assert!(lines[5].starts_with("    at f (") && lines[5].ends_with("throw.js:1:22)"), "{}", ran.stderr);
}

#[test]
fn ends_have_nodes_exit_codes() {
    let rows: &[(&str, &str, i32)] = &[
        ("a.js", "process.exitCode = 3", 3),
        ("b.js", "process.on('exit', () => { process.exitCode = 4 })", 4),
        ("c.js", "process.on('exit', () => process.exit(5)); setTimeout(() => {}, 1)", 5),
        ("d.mjs", "await new Promise(() => {})", 13),
        ("e.js", "Promise.reject(new Error('nobody'))", 1),
        ("f.js", "process.on('uncaughtException', () => {}); throw 1", 0),
        ("g.js", "process.on('uncaughtException', () => { throw 2 }); throw 1", 7),
        ("h.js", "this is no program", 1),
        ("i.js", "setInterval(() => process.exit(6), 1)", 6),
        ("j.js", "try { process.exit(8) } finally { process._rawDebug('not here') }", 8),
    ];
    for (name, text, code) in rows {
        let ran = run(&[(name, text)], &[&format!("./{name}")]);
        assert_eq!(ran.code, Some(*code), "{name}: {}", ran.stderr);
        assert!(!ran.stderr.contains("not here"), "{name}: {}", ran.stderr);
    }
    assert_eq!(run(&[], &["--no-such-option-of-node", "x.js"]).code, Some(9));
}

#[test]
fn text_of_the_command_line_runs() {
    assert_eq!(run(&[], &["-p", "[1, 2].map((n) => n * 2)"]).stdout, "[ 2, 4 ]\n");
    assert_eq!(
        run(&[], &["-e", "console.log(require('path').basename(__filename), process.argv.length)", "x"])
            .stdout,
        "[eval] 2\n"
    );
    assert_eq!(
        run(&[], &["--input-type=module", "-e", "console.log(typeof require, import.meta.url.slice(0, 5))"])
            .stdout,
        "undefined file:\n"
    );
}

#[test]
fn what_a_process_compiled_serves_the_next_and_damage_hurts_nobody() {
    let folder = TempDir::new().expect("a folder");
    let body = "exports.f = () => 'grüße'; // ".to_owned() + &"x".repeat(40_000);
    std::fs::write(folder.path().join("large.js"), body).expect("a file");
    std::fs::write(folder.path().join("main.js"), "console.log(require('./large').f())").expect("a file");
    let cache = folder.path().join(".cache/knit");
    for round in 0..3 {
        let ran = run_in(folder.path(), &["./main.js"]);
        assert_eq!(ran.stdout, "grüße\n", "round {round}: {}", ran.stderr);
        let mut kept = Vec::new();
        for entry in std::fs::read_dir(&cache).expect("a cache was written").flatten() {
            if entry.file_name() == "node" {
                // the link that programs see as their executable
                continue;
            }
            if entry.path().is_dir() {
                kept.extend(
                    std::fs::read_dir(entry.path()).expect("readable").flatten().map(|file| file.path()),
                );
            } else {
                kept.push(entry.path());
            }
        }
        assert!(kept.len() >= 2, "builtins and one module: {kept:?}");
        for path in kept {
            let mut bytes = std::fs::read(&path).expect("readable");
            let middle = bytes.len() / 2;
            if round == 0 {
                bytes.truncate(middle);
            } else {
                bytes[..8].fill(0xff);
            }
            std::fs::write(path, bytes).expect("writable");
        }
    }
    std::fs::write(
        folder.path().join("large.js"),
        "exports.f = () => 'changed'; // ".to_owned() + &"y".repeat(40_000),
    )
    .expect("a file");
    assert_eq!(run_in(folder.path(), &["./main.js"]).stdout, "changed\n");
}

#[test]
fn deep_recursion_is_a_range_error() {
    check(
        "deep.js",
        // its message is still the engine's ("too much recursion"), not Node's
        "try { (function f() { f(); })(); } catch (e) { console.log(e instanceof RangeError, e.name); }",
        &["true RangeError"],
    );
}
