//! What no disk and no Node is needed for: forgetting, importers that are no files, formats of `require`, paths and
//! extensions of the request.

use module_resolver::{
    Conditions, FileKind, Format, Importer, Kind, MemoryFileSystem, Options, Request, ResolveError, Resolver,
    Step,
};
use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

/// A disk that changes under the resolver.
#[derive(Default)]
struct Changing(RefCell<MemoryFileSystem>);

impl module_resolver::FileSystem for &Changing {
    fn look(&self, path: &Path) -> module_resolver::Glimpse {
        self.0.borrow().look(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.borrow().read_link(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.borrow().read(path)
    }

    fn read_start(&self, path: &Path, length: usize) -> io::Result<Vec<u8>> {
        self.0.borrow().read_start(path, length)
    }
}

fn located<F: module_resolver::FileSystem>(resolver: &Resolver<F>, request: &Request<'_>) -> String {
    match resolver.resolve(request) {
        Ok(found) => found.location.to_string(),
        Err(error) => error.node_code().unwrap_or("URIError").to_owned(),
    }
}

fn import<F: module_resolver::FileSystem>(resolver: &Resolver<F>, specifier: &str) -> String {
    located(resolver, &Request::import(specifier, Importer::File("/app/main.mjs")))
}

#[test]
fn what_was_seen_holds_until_it_is_told_to_have_changed() {
    let disk = Changing::default();
    disk.0.borrow_mut().write("/app/main.mjs", "");
    let resolver = Resolver::new(&disk, Options::default());
    assert_eq!(import(&resolver, "pkg"), "ERR_MODULE_NOT_FOUND");

    disk.0.borrow_mut().write("/app/node_modules/pkg/package.json", r#"{"main": "a.js"}"#);
    disk.0.borrow_mut().write("/app/node_modules/pkg/a.js", "");
    assert_eq!(import(&resolver, "pkg"), "ERR_MODULE_NOT_FOUND");
    resolver.changed("/app/node_modules/pkg/a.js");
    resolver.changed("/app/node_modules/pkg/package.json");
    assert_eq!(import(&resolver, "pkg"), "/app/node_modules/pkg/a.js");

    disk.0.borrow_mut().write("/app/node_modules/pkg/package.json", r#"{"exports": "./b.js"}"#);
    disk.0.borrow_mut().write("/app/node_modules/pkg/b.js", "");
    assert_eq!(import(&resolver, "pkg"), "/app/node_modules/pkg/a.js");
    resolver.forget_glimpses();
    assert_eq!(import(&resolver, "pkg"), "/app/node_modules/pkg/a.js", "packages stay, as in Node");
    resolver.changed("/app/node_modules/pkg/package.json");
    assert_eq!(import(&resolver, "pkg"), "/app/node_modules/pkg/b.js");

    disk.0.borrow_mut().remove("/app/node_modules/pkg/b.js");
    resolver.changed("/app/node_modules");
    assert_eq!(import(&resolver, "pkg"), "ERR_MODULE_NOT_FOUND");
}

#[test]
fn what_changed_is_forgotten_under_every_name_it_has() {
    let disk = Changing::default();
    disk.0.borrow_mut().link("/app/node_modules/pkg", "../../packages/pkg");
    disk.0.borrow_mut().write("/packages/pkg/package.json", r#"{"main": "a.js"}"#);
    let resolver = Resolver::new(&disk, Options::default());
    assert_eq!(import(&resolver, "pkg/a.js"), "ERR_MODULE_NOT_FOUND");
    disk.0.borrow_mut().write("/packages/pkg/a.js", "");
    resolver.changed("/packages/pkg/a.js");
    assert_eq!(import(&resolver, "pkg/a.js"), "/packages/pkg/a.js");
    disk.0.borrow_mut().write("/packages/pkg/package.json", r#"{"exports": {}}"#);
    resolver.changed("/packages/pkg/package.json");
    assert_eq!(import(&resolver, "pkg/a.js"), "ERR_PACKAGE_PATH_NOT_EXPORTED");
}

#[test]
fn links_are_followed_segment_by_segment() {
    let mut disk = MemoryFileSystem::new([("/store/a/lib/x.js", ""), ("/store/b/y.js", "")]);
    disk.link("/app/lib", "/store/a/lib");
    // `..` counts from where `lib` really is
    disk.link("/app/y.js", "lib/../../b/y.js");
    disk.link("/app/round", "round");
    let resolver = Resolver::new(disk, Options::default());
    assert_eq!(import(&resolver, "./lib/x.js"), "/store/a/lib/x.js");
    assert_eq!(import(&resolver, "./y.js"), "/store/b/y.js");
    assert_eq!(import(&resolver, "./round"), "ERR_MODULE_NOT_FOUND");
}

#[test]
fn the_root_folder_is_a_scope_for_import_and_none_for_require() {
    let disk = MemoryFileSystem::new([("/package.json", r#"{"type": "module"}"#), ("/x.js", "")]);
    let resolver = Resolver::new(disk, Options::default());
    let importer = Importer::File("/main.js");
    let format = |request: &Request<'_>| resolver.resolve(request).unwrap().format;
    assert_eq!(format(&Request::import("./x.js", importer)), Some(Format::Module));
    assert_eq!(format(&Request::require("./x.js", importer)), Some(Format::Ambiguous));
}

#[test]
fn importers_that_are_no_files_reach_urls_and_builtins() {
    let resolver = Resolver::new(MemoryFileSystem::new([("/x.js", "")]), Options::default());
    for (base, specifier, expected) in [
        ("https://example.com/a/b.js", "./c.js", "https://example.com/a/c.js"),
        ("https://example.com/a/b.js", "/c.js?x", "https://example.com/c.js?x"),
        ("https://example.com/a/b.js", "fs", "node:fs"),
        ("https://example.com/a/b.js", "pkg", "ERR_UNSUPPORTED_RESOLVE_REQUEST"),
        ("data:text/javascript,1", "./c.js", "ERR_UNSUPPORTED_RESOLVE_REQUEST"),
        ("data:text/javascript,1", "#x", "ERR_UNSUPPORTED_RESOLVE_REQUEST"),
        ("data:text/javascript,1", "file:///x.js", "/x.js"),
        ("data:text/javascript,1", "node:fs", "node:fs"),
        ("file:///some%20dir/main.js?v=1", "../x.js", "/x.js"),
        ("file:///main.js", "./x.js?v=2#y", "/x.js?v=2#y"),
    ] {
        let request = Request::import(specifier, Importer::Url(base));
        assert_eq!(located(&resolver, &request), expected, "{specifier} from {base}");
    }
}

#[test]
fn require_knows_formats_by_its_handlers() {
    let files = [
        "a.js", "a.cjs", "a.mjs", "a.json", "a.node", "a.wasm", "a.ts", "a.mts", "a.cts", "a.x.json",
        ".json", "a",
    ];
    let typed = |kind: &str| {
        let manifest = format!("{{\"type\": \"{kind}\"}}");
        let mut disk = MemoryFileSystem::new([("/app/package.json", manifest)]);
        files.iter().for_each(|file| disk.write(format!("/app/{file}"), ""));
        let resolver = Resolver::new(disk, Options::default());
        files.map(|file| {
            let specifier = format!("./{file}");
            let found = resolver.resolve(&Request::require(&specifier, Importer::File("/app/main.js")));
            found.unwrap().format.unwrap()
        })
    };
    use Format::*;
    let fixed = [Json, Addon, Ambiguous];
    let all = |js, ts, none| {
        [
            js,
            CommonJs,
            Module,
            fixed[0],
            fixed[1],
            fixed[2],
            ts,
            ModuleTypeScript,
            CommonJsTypeScript,
            Json,
            none,
            none,
        ]
    };
    assert_eq!(typed("module"), all(Module, ModuleTypeScript, Module));
    assert_eq!(typed("commonjs"), all(CommonJs, CommonJsTypeScript, CommonJs));
    assert_eq!(typed("other"), all(Ambiguous, AmbiguousTypeScript, Ambiguous));
}

#[test]
fn media_types_decide_what_data_is() {
    let resolver = Resolver::new(MemoryFileSystem::default(), Options::default());
    for (url, format) in [
        ("data:text/javascript,1", Some(Format::Module)),
        ("data:Application/JavaScript;charset=utf-8;base64,MQ==", Some(Format::Module)),
        ("data:application/json,{}", Some(Format::Json)),
        ("data:application/wasm;base64,AA==", Some(Format::Wasm)),
        ("data:text/plain,", None),
        ("data:,", None),
    ] {
        let found = resolver.resolve(&Request::import(url, Importer::File("/x.js"))).unwrap();
        assert_eq!(found.format, format, "{url}");
        assert_eq!(found.load_format(|_| unreachable!()).ok(), format, "{url}");
    }
}

#[test]
fn the_source_decides_where_the_package_does_not() {
    let resolver =
        Resolver::new(MemoryFileSystem::new([("/a/x.js", ""), ("/a/x.ts", "")]), Options::default());
    let found = |specifier| resolver.resolve(&Request::import(specifier, Importer::File("/a/m.js"))).unwrap();
    let asked = |path: &str| {
        assert_eq!(path, "/a/x.js");
        true
    };
    assert_eq!(found("./x.js").load_format(asked), Ok(Format::Module));
    assert_eq!(found("./x.js").load_format(|_| false), Ok(Format::CommonJs));
    assert_eq!(found("./x.ts").load_format(|_| true), Ok(Format::ModuleTypeScript));
}

#[test]
fn a_request_may_bring_its_own_paths_extensions_conditions_and_stack() {
    let disk = MemoryFileSystem::new([
        ("/elsewhere/pkg/index.sjs", ""),
        ("/elsewhere/x.js", ""),
        ("/app/node_modules/cond/package.json", r#"{"exports": {"mine": "./a.js", "default": "./b.js"}}"#),
        ("/app/node_modules/cond/a.js", ""),
        ("/app/node_modules/cond/b.js", ""),
    ]);
    let resolver = Resolver::new(disk, Options::default());
    let importer = Importer::File("/app/main.js");
    let (paths, extensions) = (["/elsewhere".to_owned()], [".sjs".to_owned()]);
    let request = |specifier| Request { paths: Some(&paths), ..Request::require(specifier, importer) };
    assert_eq!(located(&resolver, &request("./x")), "/elsewhere/x.js");
    assert_eq!(located(&resolver, &request("pkg")), "MODULE_NOT_FOUND");
    let request = Request { extensions: Some(&extensions), ..request("pkg") };
    assert_eq!(located(&resolver, &request), "/elsewhere/pkg/index.sjs");

    let conditions = Conditions::new(["mine"]);
    let plain = Request::require("cond", importer);
    assert_eq!(located(&resolver, &plain), "/app/node_modules/cond/b.js");
    let own = Request { conditions: Some(&conditions), ..plain };
    assert_eq!(located(&resolver, &own), "/app/node_modules/cond/a.js");

    let stack = ["/app/b.js".to_owned(), "/app/main.js".to_owned()];
    let request = Request { require_stack: Some(&stack), ..Request::require("none", importer) };
    let error = resolver.resolve(&request).unwrap_err();
    let message = "Cannot find module 'none'\nRequire stack:\n- /app/b.js\n- /app/main.js";
    assert_eq!(error.to_string(), message);
    assert!(matches!(*error, ResolveError::CannotFindModule { .. }));
}

#[test]
fn the_entry_point_has_its_own_rule_for_links() {
    let mut disk = MemoryFileSystem::new([("/real/x.js", "")]);
    disk.link("/app/x.js", "/real/x.js");
    let options = Options { preserve_symlinks_main: true, ..Options::default() };
    let resolver = Resolver::new(disk, options);
    let request = Request::require("/app/x.js", Importer::File("/app/"));
    assert_eq!(located(&resolver, &request), "/real/x.js");
    assert_eq!(located(&resolver, &Request { is_main: true, ..request }), "/app/x.js");
}

#[test]
fn node_modules_folders_are_listed_as_node_lists_them() {
    let paths = Resolver::<MemoryFileSystem>::node_modules_paths;
    assert_eq!(
        paths("/a/node_modules/b/"),
        ["/a/node_modules/b/node_modules", "/a/node_modules", "/node_modules"]
    );
    assert_eq!(paths("/"), ["/node_modules"]);
}

#[test]
fn a_trace_says_what_was_looked_at_and_why_a_target_was_taken() {
    let disk = MemoryFileSystem::new([
        ("/app/package.json", "{}"),
        (
            "/app/node_modules/pkg/package.json",
            r#"{"exports": {"./*": [{"browser": "./w.js"}, "bad", {"import": "./lib/*.js"}]}}"#,
        ),
        ("/app/node_modules/pkg/lib/a.js", ""),
    ]);
    let resolver = Resolver::new(disk, Options::default());
    let (_, trace) = resolver.explain(&Request::import("pkg/a", Importer::File("/app/src/main.mjs")));
    let has = |wanted: &dyn Fn(&Step) -> bool| trace.steps.iter().any(|step| wanted(&step.step));
    let looked = |at: &'static str, as_what| move |step: &Step| matches!(step, Step::Looked { path, kind } if path == at && *kind == as_what);
    assert!(has(&looked("/app/src/node_modules", FileKind::Missing)));
    assert!(has(&looked("/app/node_modules/pkg", FileKind::Directory)));
    assert!(has(
        &|step| matches!(step, Step::KeyMatched { key, captured: Some(a), .. } if key == "./*" && a == "a")
    ));
    assert!(has(&|step| matches!(step, Step::Condition { name, holds: false } if name == "browser")));
    assert!(has(&|step| matches!(step, Step::TargetRefused { target, .. } if target == "bad")));
    assert!(has(
        &|step| matches!(step, Step::Target { leads_to, .. } if leads_to == "/app/node_modules/pkg/lib/a.js")
    ));
    assert!(matches!(trace.steps.last().map(|last| &last.step), Some(Step::Found { .. })));
}

#[test]
fn no_specifier_and_no_package_makes_it_panic_or_leave_the_package() {
    let exports =
        r##"{"exports": {"./*": "./lib/*", "./é*": "./lib/*", ".": {"": "./x"}}, "imports": {"#*": "./*"}}"##;
    let disk = MemoryFileSystem::new([
        ("/app/node_modules/p/package.json", exports),
        ("/app/package.json", r##"{"imports": {"#*": "./*", "#é": "é*"}}"##),
        ("/secret.js", ""),
    ]);
    let resolver = Resolver::new(disk, Options::default());
    let pieces = [
        "", ".", "..", "/", "//", "\\", "%2e", "%2f", "%", "%ff", "#", "?", "é", "\t", "\n", " ", "@", ":",
        "*", "p", "\0",
    ];
    let mut asked = 0;
    for start in ["", "p/", "#", "./", "/", "file:", "node:", "data:", "@p/"] {
        for a in pieces {
            for b in pieces {
                for c in pieces {
                    let specifier = format!("{start}{a}{b}{c}");
                    for kind in [Kind::Import, Kind::Require] {
                        let request = Request::new(kind, &specifier, Importer::File("/app/x.js"));
                        _ = resolver.resolve(&request);
                        asked += 1;
                    }
                }
            }
        }
    }
    assert!(asked > 100_000);
    for hidden in ["p/.\t./.\t./.\t./.\t./secret.js", "p/..%2f..%2fsecret.js", "p/\\..\\..\\..\\secret.js"] {
        assert!(import(&resolver, hidden).starts_with("ERR_"), "{hidden}");
    }
}
