//! Installs that were killed, in every state there is. The process is not killed here: its disk is copied in the
//! state that it would have left.

mod support;

use package_store::{BeginOptions, Entry, LinkMode, LinkTask, NodeModulesWriter, Store, TarballRequest};
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use support::Tar;

const A: &str = "node_modules/a";
const NESTED: &str = "node_modules/a/node_modules/n";
const B: &str = "node_modules/b";
const FRESH: &str = "node_modules/fresh";

struct Fixture {
    directory: tempfile::TempDir,
    store: Store,
}

impl Fixture {
    /// A project with `a` 1, `b` 1 and a package nested in `a`.
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("temporary directory");
        fs::create_dir(directory.path().join("project")).expect("directory");
        let store = Store::open(directory.path().join("store")).expect("store");
        let fixture = Self { directory, store };
        let mut writer = begin(&fixture.project());
        writer.plan([A, B, NESTED], []).expect("a plan");
        for location in [A, NESTED, B] {
            writer.link(&fixture.task(location, "1")).expect("linked");
        }
        writer.finish(&[]).expect("finished");
        fixture
    }

    fn project(&self) -> PathBuf {
        self.directory.path().join("project")
    }

    fn entry(&self, name: &str, version: &str) -> Entry {
        let tarball = Tar::default()
            .file("package/package.json", format!(r#"{{"name":"{name}","version":"{version}"}}"#))
            .file("package/lib/a.js", version)
            .file(&format!("package/in-{version}"), "");
        let request = TarballRequest::new(name, "a test", None);
        self.store.ingest_tarball(request, &tarball.gzip()).expect("a good tarball").entry
    }

    fn task(&self, location: &str, version: &str) -> LinkTask {
        let name = location.rsplit('/').next().unwrap_or_default();
        LinkTask { location: location.into(), entry: self.entry(name, version), mode: LinkMode::Auto }
    }

    /// The install that is interrupted: `a` becomes 2, `fresh` comes, `b` goes.
    fn plan(&self, project: &Path) -> NodeModulesWriter {
        let mut writer = begin(project);
        writer.plan([A, FRESH], [B]).expect("a plan");
        writer
    }

    fn link(&self, writer: &NodeModulesWriter) {
        writer.link(&self.task(FRESH, "2")).expect("linked");
        writer.link(&self.task(A, "2")).expect("linked");
    }

    /// The same install, undisturbed.
    fn repeat(&self, project: &Path) -> Vec<String> {
        let mut writer = self.plan(project);
        self.link(&writer);
        writer.commit().expect("committed");
        writer.finish(&[]).expect("finished");
        tree(project)
    }

    /// Moves the project away under a running writer, as if its process had been killed now.
    fn kill(&self, writer: NodeModulesWriter) -> PathBuf {
        let killed = self.directory.path().join("killed");
        fs::rename(self.project().join("node_modules"), self.directory.path().join("kept")).expect("moved");
        fs::create_dir(&killed).expect("directory");
        copy_links(&self.directory.path().join("kept"), &killed.join("node_modules"));
        drop(writer);
        killed
    }
}

fn begin(project: &Path) -> NodeModulesWriter {
    NodeModulesWriter::begin(project, &BeginOptions::default()).expect("a writer")
}

fn copy_links(from: &Path, to: &Path) {
    let status = std::process::Command::new("cp").args([Path::new("-a"), from, to]).status().expect("cp");
    assert!(status.success());
}

fn tree(project: &Path) -> Vec<String> {
    fn walk(directory: &Path, prefix: &str, lines: &mut Vec<String>) {
        for item in fs::read_dir(directory).expect("directory").map(|item| item.expect("item")) {
            let name = format!("{prefix}{}", item.file_name().to_string_lossy());
            match item.file_type().expect("type").is_dir() {
                true => walk(&item.path(), &format!("{name}/"), lines),
                false => {
                    lines.push(format!("{name} {}", fs::read_to_string(item.path()).expect("text")));
                }
            }
        }
    }
    let mut lines = Vec::new();
    walk(&project.join("node_modules"), "", &mut lines);
    lines.sort();
    lines
}

fn undisturbed() -> Vec<String> {
    let fixture = Fixture::new();
    let tree = fixture.repeat(&fixture.project());
    assert!(
        tree.contains(&"a/in-2 ".to_owned()) && tree.contains(&"a/node_modules/n/in-1 ".to_owned()),
        "{tree:?}"
    );
    assert!(!tree.iter().any(|line| line.starts_with('b') || line.contains("/.") || line.contains("a/in-1")));
    tree
}

#[test]
fn killed_while_linking() {
    let fixture = Fixture::new();
    let before = tree(&fixture.project());
    let writer = fixture.plan(&fixture.project());
    fixture.link(&writer);
    let killed = fixture.kill(writer);
    // Half a package, as it would be: everything but its manifest.
    fs::remove_file(killed.join("node_modules/fresh/package.json")).expect("removed");
    assert!(NodeModulesWriter::is_unsettled(&killed));
    let writer = begin(&killed);
    assert_eq!(writer.recovered().undone, [FRESH]);
    drop(writer);
    assert_eq!(tree(&killed), before);
    assert_eq!(fixture.repeat(&killed), undisturbed());
}

#[test]
fn killed_after_every_step_of_the_commit() {
    let expected = undisturbed();
    // The commit's journal, then its steps one by one, as the commit does them.
    for steps in 0..=5 {
        let fixture = Fixture::new();
        let writer = fixture.plan(&fixture.project());
        fixture.link(&writer);
        let killed = fixture.kill(writer);
        let modules = killed.join("node_modules");
        let journal = modules.join(".knit-journal");
        let mut text = fs::read_to_string(&journal).expect("a journal");
        let field = |kind: &str, at: usize| {
            let line = text.lines().find(|line| line.starts_with(kind)).expect("a record");
            line.split('\t').nth(at).expect("a field").to_owned()
        };
        let (stage, trash) = (modules.join(field("staged", 2)), modules.join(field("remove", 2)));
        let (a, b) = (modules.join("a"), modules.join("b"));
        let inode = fs::metadata(&stage).expect("staged").ino();
        text.push_str(&format!("swap\t{A}\t{}\t{inode}\ncommit\n", field("staged", 2)));
        fs::write(&journal, &text).expect("written");
        let mut did = 0;
        let mut step = |action: &dyn Fn()| {
            if did < steps {
                action();
                did += 1;
            }
        };
        step(&|| fs::rename(&b, &trash).expect("moved"));
        step(&|| {
            let aside = modules.join("aside");
            fs::rename(&a, &aside).expect("moved");
            fs::rename(&stage, &a).expect("moved");
            fs::rename(&aside, &stage).expect("moved");
        });
        step(&|| fs::rename(stage.join("node_modules"), a.join("node_modules")).expect("moved"));
        step(&|| fs::remove_dir_all(&trash).expect("removed"));
        step(&|| fs::remove_dir_all(stage.join("lib")).expect("removed"));
        let writer = begin(&killed);
        assert_eq!(writer.recovered().completed, [A, FRESH], "{steps}");
        drop(writer);
        assert_eq!(without_journal(&killed), expected, "{steps}");
        assert_eq!(fixture.repeat(&killed), expected, "{steps}");
    }
}

#[test]
fn killed_between_commit_and_finish() {
    let fixture = Fixture::new();
    let mut writer = fixture.plan(&fixture.project());
    fixture.link(&writer);
    writer.commit().expect("committed");
    let killed = fixture.kill(writer);
    let writer = begin(&killed);
    assert_eq!(writer.recovered().completed, [A, FRESH]);
    drop(writer);
    assert_eq!(without_journal(&killed), undisturbed());
}

const HIDDEN: &str = ".package-lock.json";

impl Fixture {
    /// An install that was killed between its commit and its end, with the hidden lockfile that it left to be promoted.
    fn killed_after_commit(&self) -> PathBuf {
        let mut writer = self.plan(&self.project());
        self.link(&writer);
        writer.commit_described(&[(HIDDEN, b"new")]).expect("committed");
        self.kill(writer)
    }
}

fn hidden_lockfile(project: &Path) -> Option<String> {
    fs::read_to_string(project.join("node_modules").join(HIDDEN)).ok()
}

#[test]
fn killed_while_the_hidden_lockfile_is_promoted() {
    let fixture = Fixture::new();
    let killed = fixture.killed_after_commit();
    let modules = killed.join("node_modules");
    // The recovery came so far, and did not come to say in the journal that it had.
    fs::rename(modules.join(format!(".knit-after{HIDDEN}")), modules.join(HIDDEN)).expect("promoted");
    fs::write(modules.join(format!(".knit-before{HIDDEN}")), "old").expect("written");
    drop(begin(&killed));
    assert_eq!(hidden_lockfile(&killed).as_deref(), Some("new"));
    assert!(!modules.join(format!(".knit-before{HIDDEN}")).exists());
}

#[test]
fn an_install_that_fails_after_one_that_was_killed_leaves_the_hidden_lockfile() {
    let fixture = Fixture::new();
    let killed = fixture.killed_after_commit();
    let mut writer = begin(&killed);
    writer.plan([A], []).expect("a plan");
    assert_eq!(hidden_lockfile(&killed), None);
    drop(writer);
    assert_eq!(hidden_lockfile(&killed).as_deref(), Some("new"));
    assert_eq!(begin(&killed).recovered().completed, [A, FRESH]);
    assert_eq!(hidden_lockfile(&killed).as_deref(), Some("new"));
}

#[test]
fn killed_while_a_state_file_is_written() {
    let expected = undisturbed();
    let fixture = Fixture::new();
    let killed = fixture.killed_after_commit();
    let unfinished = killed.join("node_modules/.knit-unfinished");
    fs::write(&unfinished, "ne").expect("written");
    assert_eq!(fixture.repeat(&killed), expected);
}

#[test]
fn killed_while_the_directories_of_an_entry_are_made() {
    let place = "node_modules/.store/@s/x@1.0.0-key/node_modules/@s/x";
    let folders = ["", "node_modules/.store/@s", "node_modules/.store/@s/x@1.0.0-key/node_modules"];
    for made in folders {
        let fixture = Fixture::new();
        let project = fixture.project();
        let before = tree(&project);
        fs::write(project.join("node_modules/.knit-journal"), format!("knit journal 1\nfresh\t{place}\n"))
            .expect("written");
        fs::create_dir_all(project.join(made)).expect("directories");
        assert_eq!(begin(&project).recovered().undone, [place]);
        assert!(!project.join("node_modules/.store").exists(), "{made}");
        assert_eq!(tree(&project), before);
    }
}

/// On a file system that cannot exchange two names it takes three steps.
#[test]
fn killed_within_an_exchange_of_names() {
    let expected = undisturbed();
    for steps in 1..=2 {
        let fixture = Fixture::new();
        let writer = fixture.plan(&fixture.project());
        fixture.link(&writer);
        let killed = fixture.kill(writer);
        let modules = killed.join("node_modules");
        let journal = modules.join(".knit-journal");
        let mut text = fs::read_to_string(&journal).expect("a journal");
        let staged = text.lines().find_map(|line| line.strip_prefix(&format!("staged\t{A}\t")));
        let stage = staged.expect("a record").to_owned();
        let inode = fs::metadata(modules.join(&stage)).expect("staged").ino();
        text.push_str(&format!("swap\t{A}\t{stage}\t{inode}\ncommit\n"));
        fs::write(&journal, &text).expect("written");
        fs::rename(modules.join("a"), modules.join(format!("{stage}-before"))).expect("moved");
        if steps == 2 {
            fs::rename(modules.join(&stage), modules.join("a")).expect("moved");
        }
        drop(begin(&killed));
        assert_eq!(without_journal(&killed), expected, "{steps}");
    }
}

/// The tree after a recovery. The journal goes on to say what was recovered until an install is finished.
fn without_journal(project: &Path) -> Vec<String> {
    let mut lines = tree(project);
    lines.retain(|line| !line.starts_with(".knit-journal"));
    lines
}

#[test]
fn a_journal_from_elsewhere_does_no_harm() {
    let fixture = Fixture::new();
    let project = fixture.project();
    let outside = fixture.directory.path().join("outside");
    fs::create_dir_all(outside.join("node_modules/x")).expect("directory");
    fs::write(outside.join("precious"), "").expect("written");
    fs::write(project.join("precious"), "").expect("written");
    symlink(&outside, project.join("node_modules/link")).expect("link");
    let before = |project: &Path| {
        let link = project.join("node_modules/link");
        fs::remove_file(&link).expect("removed");
        let tree = tree(project);
        symlink(&outside, &link).expect("link");
        tree
    };
    let expected = before(&project);
    let lines = [
        "fresh\t../outside",
        "fresh\tprecious",
        "fresh\t/etc/passwd",
        "fresh\tnode_modules/..",
        "fresh\tnode_modules",
        "fresh\tnode_modules/link/node_modules/x",
        "staged\tnode_modules/a\t../../precious",
        "staged\tnode_modules/a\t..",
        "staged\tnode_modules/a\ta",
        "staged\tnode_modules/a\t.x/../../precious",
        "staged\tnode_modules/link/node_modules/x\t.x",
        "remove\tprecious\t.x",
        "remove\t../outside/precious\t.x",
        "remove\tnode_modules/a\t../../x",
        "remove\tnode_modules/link/node_modules/x\t.x",
        "swap\tnode_modules/a\t../../precious\t1",
        "swap\tnode_modules/a\t.missing\t1",
        "swap\t\t\t",
        "nonsense",
        "",
    ];
    for end in ["", "commit\n"] {
        let journal = format!("knit journal 1\n{}\n{end}", lines.join("\n"));
        fs::write(project.join("node_modules/.knit-journal"), journal).expect("written");
        // Refusing is as good as ignoring.
        if let Ok(writer) = NodeModulesWriter::begin(&project, &BeginOptions::default()) {
            drop(writer);
        }
        let _ = fs::remove_file(project.join("node_modules/.knit-journal"));
        assert_eq!(before(&project), expected, "{end}");
        assert!(outside.join("precious").exists() && outside.join("node_modules/x").exists(), "{end}");
        assert!(project.join("precious").exists(), "{end}");
    }
}

#[test]
fn an_ingest_dropped_half_way_can_be_repeated() {
    let fixture = Fixture::new();
    let tarball =
        Tar::default().file("package/package.json", "{}").file("package/x", "y".repeat(100_000)).gzip();
    let request = || TarballRequest::new("x@1.0.0", "a test", None);
    let mut ingest = fixture.store.ingest(request()).expect("begun");
    ingest.write(&tarball[..tarball.len() / 2]).expect("written");
    drop(ingest);
    let entry = fixture.store.ingest_tarball(request(), &tarball).expect("a good tarball").entry;
    assert_eq!(entry.read("x").expect("file").len(), 100_000);
}
