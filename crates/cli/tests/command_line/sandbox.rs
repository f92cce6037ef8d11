//! A world for one test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Directories of one test: `project` is where commands run, `home` the home directory, `bin` holds a
/// `node` that only knows its version.
pub struct Sandbox {
    root: PathBuf,
    _directory: tempfile::TempDir,
    variables: Vec<(String, String)>,
    directory: PathBuf,
    called_as: Option<PathBuf>,
}

impl Sandbox {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let root = directory.path().canonicalize().expect("it exists");
        let sandbox = Self {
            directory: root.join("project"),
            root,
            _directory: directory,
            variables: Vec::new(),
            called_as: None,
        };
        for directory in ["project", "home"] {
            fs::create_dir_all(sandbox.root.join(directory)).expect("created");
        }
        sandbox.program("bin/node", "echo v20.0.0");
        sandbox
    }

    /// Writes a file, below the root: `project/package.json`.
    pub fn file(&self, path: &str, content: &str) -> &Self {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("has a parent")).expect("created");
        fs::write(path, content).expect("written");
        self
    }

    /// Writes a shell script that can be executed.
    pub fn program(&self, path: &str, text: &str) -> &Self {
        use std::os::unix::fs::PermissionsExt as _;
        self.file(path, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(self.root.join(path), fs::Permissions::from_mode(0o755)).expect("permitted");
        self
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_else(|error| format!("({error})"))
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Later runs see this variable.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Later runs start in this directory, below the root.
    pub fn enter(&mut self, directory: &str) -> &mut Self {
        self.directory = self.root.join(directory);
        fs::create_dir_all(&self.directory).expect("created");
        self
    }

    /// Later runs call the executable by this name.
    pub fn call_as(&mut self, name: &str) -> &mut Self {
        let link = self.root.join("bin").join(name);
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_knit"), &link).expect("linked");
        self.called_as = Some(link);
        self
    }

    fn command(&self, line: &[&str]) -> Command {
        let program = self.called_as.as_deref().unwrap_or(Path::new(env!("CARGO_BIN_EXE_knit")));
        let mut command = Command::new(program);
        command
            .args(line)
            .current_dir(&self.directory)
            .env_clear()
            .env("HOME", self.root.join("home"))
            .env("PATH", format!("{}:/usr/bin:/bin", self.root.join("bin").display()))
            .env("LANG", "C.UTF-8")
            .env("EDITOR", "cat")
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs and tells everything: the line, the exit, both streams.
    pub fn knit(&self, line: &[&str]) -> String {
        self.knit_with_input(line, "")
    }

    pub fn knit_with_input(&self, line: &[&str], input: &str) -> String {
        use std::io::Write as _;
        let mut child = self
            .command(line)
            // an empty pipe would be an empty program
            .stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("knit starts");
        // A command that does not read its input may be gone already.
        let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().expect("knit ends");
        let status = match output.status.code() {
            Some(code) => code.to_string(),
            None => format!("{}", output.status),
        };
        let mut text = format!("$ knit {}\nexit: {status}\n", line.join(" "));
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !bytes.is_empty() {
                text.push_str(&format!("--- {name}\n{}", String::from_utf8_lossy(bytes)));
            }
        }
        self.neutral(&text)
    }

    /// Runs until the first line of output, sends a signal, and tells the exit and what else was said.
    pub fn knit_signalled(&self, line: &[&str], signal: &str) -> (i32, String) {
        use std::io::{BufRead as _, BufReader, Read as _};
        let mut command = self.command(line);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("knit starts");
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        output.read_line(&mut String::new()).expect("says something");
        let killed = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(killed.expect("kill runs").success());
        let mut rest = String::new();
        output.read_to_string(&mut rest).expect("ends");
        (child.wait().expect("ends").code().unwrap_or(-1), rest)
    }

    /// Several runs, one after the other.
    pub fn knit_all(&self, lines: &[&str]) -> String {
        let runs: Vec<String> = lines
            .iter()
            .map(|line| self.knit(&line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>()))
            .collect();
        runs.join("\n")
    }

    /// Without what differs from run to run.
    fn neutral(&self, text: &str) -> String {
        text.replace(&*self.root.to_string_lossy(), "[ROOT]")
            .replace(env!("CARGO_BIN_EXE_knit"), "[KNIT]")
            .replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
    }
}
