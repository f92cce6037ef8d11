//! The npm that is installed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// The npm whose rules are reproduced.
const MAJOR: &str = "11.";

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packlist").join(name)
}

/// Where npm 11 is installed; `None`, and a remark, where it is not.
pub fn folder_or_skip() -> Option<PathBuf> {
    let npm = |arguments: &[&str]| {
        let output = Command::new("npm").args(arguments).stderr(Stdio::null()).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let folder = npm(&["--version"])
        .filter(|version| version.starts_with(MAJOR))
        .and_then(|_| Some(Path::new(&npm(&["root", "--global"])?).join("npm")))
        .filter(|folder| folder.join("lib/npm.js").exists());
    if folder.is_none() {
        eprintln!("SKIPPED, nothing was compared: npm {MAJOR}x is not installed");
    }
    folder
}

/// Cases made from a seed, with what npm packs of them, one a line.
pub fn record(npm: &Path, count: usize, seed: u64) -> String {
    let mut command = Command::new("node");
    command.arg(script("record.cjs")).arg(npm).args([count.to_string(), seed.to_string()]);
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().expect("node runs");
    String::from_utf8(output.stdout).expect("JSON lines")
}

/// `npm pack --dry-run --json`, for one folder after another.
pub struct Packer {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Packer {
    pub fn start(npm: &Path) -> Packer {
        let mut command = Command::new("node");
        command.arg(script("npm_pack.cjs")).arg(npm).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("node runs");
        let input = process.stdin.take().expect("a pipe");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        Packer { process, input, output }
    }

    /// The paths of the files; `None` where npm fails.
    pub fn pack(&mut self, folder: &Path, home: &Path, workspace: Option<&str>) -> Option<Vec<String>> {
        let job = json!({ "cwd": folder, "home": home, "workspace": workspace });
        writeln!(self.input, "{job}").and_then(|()| self.input.flush()).expect("npm listens");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("npm answers");
        let paths: Value = serde_json::from_str(&answer).expect("an answer in JSON");
        let paths = paths.as_array()?.iter();
        Some(paths.map(|path| path.as_str().expect("a path").to_owned()).collect())
    }
}

impl Drop for Packer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
