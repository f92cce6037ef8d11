//! Modules from a network that is a table: what is fetched, pinned, checked and refused.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use network_imports::{
    Answer, ImportError, LOCK_FILE, Mode, Network, NetworkImports, Places, RemoteModule, Taker,
};
use tempfile::TempDir;
use url::Url;

const BASE: &str = "https://modules.example";

/// Answers by path, and which paths were asked for.
#[derive(Default)]
struct Web {
    answers: BTreeMap<String, Answer>,
    asked: Vec<String>,
}

#[derive(Clone, Default)]
struct Table(Arc<Mutex<Web>>);

impl Table {
    fn serve(&self, path: &str, content_type: &str, body: &str) {
        let answer = Answer {
            status: 200,
            content_type: Some(content_type.to_owned()),
            location: None,
            body: body.as_bytes().to_vec(),
        };
        self.put(path, answer);
    }

    fn put(&self, path: &str, answer: Answer) {
        self.0.lock().expect("no panic").answers.insert(path.to_owned(), answer);
    }

    fn redirect(&self, path: &str, location: &str) {
        let location = Some(location.to_owned());
        self.put(path, Answer { status: 302, content_type: None, location, body: Vec::new() });
    }

    /// What was asked for since the last call.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("no panic").asked)
    }
}

impl Network for Table {
    fn fetch(&self, mut urls: Vec<Url>, take: Taker<'_>) {
        while let Some(url) = urls.pop() {
            let path = url.path().to_owned();
            let answer = {
                let mut web = self.0.lock().expect("no panic");
                web.asked.push(path.clone());
                web.answers.get(&path).cloned()
            };
            let missing = Answer { status: 404, content_type: None, location: None, body: Vec::new() };
            urls.extend(take(&url, Ok(answer.unwrap_or(missing))));
        }
    }
}

struct World {
    folder: TempDir,
    web: Table,
}

impl World {
    fn new() -> Self {
        let web = Table::default();
        web.serve(
            "/a.js",
            "text/javascript; charset=utf-8",
            "import './b.js'; export { c } from '/c.ts'; import('./d.js')",
        );
        web.serve("/b.js", "application/javascript", "import './a.js'");
        web.serve(
            "/c.ts",
            "video/mp2t",
            "import type { T } from './types.ts'; import './missing.js'; export const c = 1",
        );
        web.serve("/d.js", "text/javascript", "export default 1");
        web.redirect("/latest", "/a.js");
        World { folder: TempDir::new().expect("a folder"), web }
    }

    fn lock(&self) -> std::path::PathBuf {
        self.folder.path().join(LOCK_FILE)
    }

    fn lock_text(&self) -> String {
        std::fs::read_to_string(self.lock()).unwrap_or_default()
    }

    /// A process of its own.
    fn open(&self, mode: Mode, is_offline: bool) -> NetworkImports {
        let places = Places { cache: self.folder.path().join("cache"), lock: self.lock() };
        NetworkImports::open(Box::new(self.web.clone()), places, mode, is_offline)
            .expect("a lock that can be read")
    }

    fn load(&self, mode: Mode, path: &str) -> Result<RemoteModule, ImportError> {
        self.open(mode, false).load(&format!("{BASE}{path}"))
    }
}

fn cached_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable").flatten() {
        match entry.path() {
            path if path.is_dir() => files.extend(cached_files(&path)),
            path => files.push(path),
        }
    }
    files
}

#[test]
fn a_module_brings_what_it_imports_and_is_not_asked_for_again() {
    let world = World::new();
    let module = world.load(Mode::Pin, "/latest#part").expect("a module");
    assert_eq!(module.url, format!("{BASE}/a.js"));
    assert_eq!(module.media_type, "text/javascript");
    assert!(module.source.starts_with(b"import './b.js'"));
    let mut asked = world.web.asked();
    asked.sort();
    assert_eq!(
        asked,
        ["/a.js", "/b.js", "/c.ts", "/latest", "/missing.js"],
        "dynamic imports and types wait"
    );

    for path in ["/latest", "/a.js", "/b.js", "/c.ts"] {
        world.load(Mode::Frozen, path).expect(path);
        world.open(Mode::Pin, true).load(&format!("{BASE}{path}")).expect(path);
    }
    assert_eq!(world.web.asked(), [""; 0]);
    let lock = world.lock_text();
    assert!(
        lock.contains("\"redirect\": \"https://modules.example/a.js\"") && lock.ends_with("}\n"),
        "{lock}"
    );
    assert!(!lock.contains("missing"), "{lock}");
}

#[test]
fn what_is_pinned_cannot_change_behind_its_url() {
    let world = World::new();
    world.load(Mode::Pin, "/d.js").expect("a module");
    let lock = world.lock_text();
    world.web.serve("/d.js", "text/javascript", "export default 'evil'");
    // the cache may be deleted, or damaged, without any harm
    for file in cached_files(&world.folder.path().join("cache/sha512")) {
        std::fs::write(file, "export default 'evil'").expect("writable");
    }
    for mode in [Mode::Pin, Mode::Frozen] {
        let error = world.load(mode, "/d.js").expect_err("it changed");
        assert_eq!(error.code(), "EINTEGRITY");
        assert!(error.to_string().contains(LOCK_FILE) && error.to_string().contains("/d.js"), "{error}");
    }
    world.web.redirect("/d.js", "/b.js");
    assert_eq!(world.load(Mode::Pin, "/d.js").expect_err("it redirects now").code(), "EINTEGRITY");
    assert_eq!(world.lock_text(), lock);

    world.web.serve("/d.js", "text/javascript", "export default 2");
    world.load(Mode::Reload, "/d.js").expect("wanted");
    assert_ne!(world.lock_text(), lock);
    assert_eq!(world.load(Mode::Frozen, "/d.js").expect("pinned anew").source, b"export default 2");
}

#[test]
fn a_damaged_cache_is_mended_from_the_network() {
    let world = World::new();
    world.load(Mode::Pin, "/d.js").expect("a module");
    for file in cached_files(&world.folder.path().join("cache/sha512")) {
        std::fs::write(file, "").expect("writable");
    }
    assert_eq!(
        world.open(Mode::Pin, true).load(&format!("{BASE}/d.js")).expect_err("offline").code(),
        "ENOTCACHED"
    );
    assert_eq!(world.load(Mode::Frozen, "/d.js").expect("fetched again").source, b"export default 1");
}

#[test]
fn reloading_fetches_everything_once() {
    let world = World::new();
    world.load(Mode::Pin, "/a.js").expect("a module");
    world.web.asked();
    let imports = world.open(Mode::Reload, false);
    for path in ["/a.js", "/b.js", "/a.js", "/c.ts"] {
        imports.load(&format!("{BASE}{path}")).expect(path);
    }
    let mut asked = world.web.asked();
    asked.sort();
    assert_eq!(asked, ["/a.js", "/b.js", "/c.ts", "/missing.js"]);
}

#[test]
fn what_cannot_be_had_is_said() {
    let world = World::new();
    world.web.redirect("/loop", "/loop");
    world.web.redirect("/insecure", "http://modules.example/a.js");
    world.web.redirect("/secret", "file:///etc/passwd");
    world.web.put("/broken", Answer { status: 500, content_type: None, location: None, body: Vec::new() });
    for (mode, path, code) in [
        (Mode::Pin, "/nowhere.js", "ERR_MODULE_NOT_FOUND"),
        (Mode::Pin, "/loop", "ERR_NETWORK_IMPORT_BAD_RESPONSE"),
        (Mode::Pin, "/broken", "ERR_NETWORK_IMPORT_BAD_RESPONSE"),
        (Mode::Pin, "/insecure", "ERR_NETWORK_IMPORT_DISALLOWED"),
        (Mode::Pin, "/secret", "ERR_NETWORK_IMPORT_DISALLOWED"),
        (Mode::Frozen, "/a.js", "ERR_NETWORK_IMPORT_NOT_PINNED"),
    ] {
        let error = world.load(mode, path).expect_err(path);
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(path), "{error}");
    }
    // of an import that failed ahead of its turn, too, and only until it is asked for
    let imports = world.open(Mode::Pin, false);
    imports.load(&format!("{BASE}/c.ts")).expect("a module");
    assert_eq!(
        imports.load(&format!("{BASE}/missing.js")).expect_err("missing").code(),
        "ERR_MODULE_NOT_FOUND"
    );
    world.web.serve("/missing.js", "text/javascript", "");
    imports.load(&format!("{BASE}/missing.js")).expect("there by now");
}

#[test]
fn a_lock_cannot_lead_out_of_the_network() {
    let world = World::new();
    let lock =
        r#"{"lockfileVersion":1,"imports":{"https://modules.example/x":{"redirect":"file:///etc/passwd"}}}"#;
    std::fs::write(world.lock(), lock).expect("writable");
    assert_eq!(
        world.load(Mode::Pin, "/x").expect_err("no URL of ours").code(),
        "ERR_NETWORK_IMPORT_DISALLOWED"
    );
}

#[test]
fn processes_that_pin_at_the_same_time_agree() {
    let world = World::new();
    let (first, second) = (world.open(Mode::Pin, false), world.open(Mode::Pin, false));
    first.load(&format!("{BASE}/d.js")).expect("a module");
    second.load(&format!("{BASE}/b.js")).expect("a module");
    assert!(world.lock_text().contains("/d.js") && world.lock_text().contains("/b.js"));
    let third = World { folder: TempDir::new().expect("a folder"), web: world.web.clone() };
    let (one, other) = (third.open(Mode::Pin, false), third.open(Mode::Pin, false));
    one.load(&format!("{BASE}/d.js")).expect("a module");
    third.web.serve("/d.js", "text/javascript", "export default 'other'");
    assert_eq!(other.load(&format!("{BASE}/d.js")).expect_err("pinned meanwhile").code(), "EINTEGRITY");
}
