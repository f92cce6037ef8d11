//! npm itself, in one process for all commands.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// The npm that the resolver reproduces.
const MAJOR: &str = "11.";

/// A running npm.
pub struct Npm {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Npm {
    /// npm 11, if it is installed.
    pub fn start() -> Result<Npm, String> {
        let root = npm_folder()?;
        let worker = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/npm_oracle/npm_worker.cjs");
        let mut process = Command::new("node")
            .arg(worker)
            .arg(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("node cannot be run: {error}"))?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        Ok(Npm { process, input, output: BufReader::new(output.expect("a pipe")) })
    }

    /// Runs a command in a project. Gives the error's code where it fails.
    pub fn run(
        &mut self,
        project: &Path,
        home: &Path,
        registry: &str,
        arguments: &[String],
    ) -> Option<String> {
        let job = json!({ "cwd": project, "home": home, "registry": registry, "args": arguments });
        let input = self.input.as_mut().expect("npm runs");
        writeln!(input, "{job}").and_then(|()| input.flush()).expect("npm listens");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("npm answers");
        let answer: Value = serde_json::from_str(&answer).expect("an answer in JSON");
        if let (Some(message), true) =
            (answer["message"].as_str(), std::env::var_os("ORACLE_VERBOSE").is_some())
        {
            eprintln!("npm: {message}");
        }
        answer["code"].as_str().map(str::to_owned)
    }
}

impl Drop for Npm {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

/// Where the npm on PATH is installed, if it is the version that can be compared with.
fn npm_folder() -> Result<PathBuf, String> {
    let npm = |arguments: &[&str]| {
        let output = Command::new("npm").args(arguments).stderr(Stdio::null()).output();
        let output = output.map_err(|error| format!("npm cannot be run: {error}"))?;
        Ok::<_, String>(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let version = npm(&["--version"])?;
    if !version.starts_with(MAJOR) {
        return Err(format!("npm is version {version}, not {MAJOR}x"));
    }
    let folder = Path::new(&npm(&["root", "--global"])?).join("npm");
    if folder.join("lib/npm.js").exists() {
        Ok(folder)
    } else {
        Err("npm's own files are not found".to_owned())
    }
}
