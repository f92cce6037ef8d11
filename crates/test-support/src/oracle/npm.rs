//! npm itself, in one process for all commands.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// The npm that the resolver reproduces.
const MAJOR: &str = "11.";

/// How long a command may take; some graphs send npm round in circles.
const PATIENCE: Duration = Duration::from_secs(20);

/// What stands for the error code where npm came to no end.
pub const ENDLESS: &str = "ENDLESS";

/// What a command of npm writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// package.json and the lockfile alone.
    LockfileOnly,
    /// node_modules too.
    Everything,
}

/// A running npm.
pub struct Npm {
    root: PathBuf,
    worker: Worker,
}

struct Worker {
    process: Child,
    input: Option<ChildStdin>,
    answers: Receiver<String>,
}

impl Npm {
    /// npm 11, if it is installed.
    pub fn start() -> Result<Npm, String> {
        let root = npm_folder()?;
        let worker = Worker::start(&root).map_err(|error| format!("node cannot be run: {error}"))?;
        Ok(Npm { root, worker })
    }

    /// Runs a command in a project. Gives the error's code where it fails.
    pub fn run(
        &mut self,
        project: &Path,
        home: &Path,
        registry: &str,
        arguments: &[String],
        writes: Writes,
    ) -> Option<String> {
        let job = json!({
            "cwd": project,
            "home": home,
            "registry": registry,
            "args": arguments,
            "lockfileOnly": writes == Writes::LockfileOnly,
        });
        self.code_of(&job)
    }

    /// Unpacks a tarball into a folder, as for an installation. Gives the error's code where it fails.
    pub fn unpack(&mut self, tarball: &Path, folder: &Path, home: &Path) -> Option<String> {
        self.code_of(&json!({ "unpack": tarball, "into": folder, "home": home }))
    }

    fn code_of(&mut self, job: &Value) -> Option<String> {
        let input = self.worker.input.as_mut().expect("npm runs");
        writeln!(input, "{job}").and_then(|()| input.flush()).expect("npm listens");
        let Ok(answer) = self.worker.answers.recv_timeout(PATIENCE) else {
            self.worker = Worker::start(&self.root).expect("node ran before");
            return Some(ENDLESS.to_owned());
        };
        let answer: Value = serde_json::from_str(&answer).expect("an answer in JSON");
        if let Some(message) = answer["message"].as_str().filter(|_| is_verbose()) {
            eprintln!("npm: {message}");
        }
        answer["code"].as_str().map(str::to_owned)
    }
}

impl Worker {
    fn start(root: &Path) -> std::io::Result<Worker> {
        let mut process = Command::new("node")
            .args(["--eval", include_str!("npm_worker.cjs")])
            .arg(root)
            .env("NODE_NO_WARNINGS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // some tarballs end it
            .stderr(if is_verbose() { Stdio::inherit() } else { Stdio::null() })
            .spawn()?;
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        let (send, answers) = channel();
        // ends with the process
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Ok(Worker { process, input, answers })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may be one that goes round in circles.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_verbose() -> bool {
    std::env::var_os("ORACLE_VERBOSE").is_some()
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
