//! Runs one test as Node's own runner does: its flags, a folder of its own, a process group that ends with it.

use super::Arguments;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Failed,
    /// It reaches for Node's private modules, so it is no test of what knit promises.
    Private,
}

pub struct Runner {
    knit: PathBuf,
    tests: PathBuf,
    jobs: usize,
    timeout: Duration,
    scratch: TempDir,
    serial: AtomicUsize,
    /// Which flags knit takes.
    flags: Mutex<HashMap<String, bool>>,
}

impl Runner {
    pub fn new(arguments: &Arguments) -> io::Result<Runner> {
        let knit = arguments.knit.canonicalize()?;
        let scratch = TempDir::with_prefix("nt")?;
        fs::create_dir(scratch.path().join("bin"))?;
        symlink(&knit, scratch.path().join("bin/node"))?;
        fs::write(scratch.path().join("empty.js"), "")?;
        Ok(Runner {
            knit: scratch.path().join("bin/node"),
            tests: arguments.tests.canonicalize()?,
            jobs: arguments.jobs.max(1),
            timeout: Duration::from_secs(arguments.timeout),
            scratch,
            serial: AtomicUsize::new(1),
            flags: Mutex::default(),
        })
    }

    /// Runs them `jobs` at a time; those of `sequential/` by themselves, after the others.
    pub fn run_all(&self, names: &[String]) -> io::Result<BTreeMap<String, Outcome>> {
        let (alone, together): (Vec<&String>, Vec<&String>) =
            names.iter().partition(|name| name.starts_with("sequential/"));
        let next = AtomicUsize::new(0);
        let work = || {
            let mut outcomes = Vec::new();
            while let Some(name) = together.get(next.fetch_add(1, Ordering::Relaxed)) {
                outcomes.push(((*name).clone(), self.run_one(name)?));
            }
            Ok::<_, io::Error>(outcomes)
        };
        let mut all = BTreeMap::new();
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.jobs).map(|_| scope.spawn(work)).collect();
            for worker in workers {
                all.extend(worker.join().unwrap_or_else(|_| Err(io::Error::other("a worker panicked")))?);
            }
            Ok::<_, io::Error>(())
        })?;
        for name in alone {
            all.insert(name.clone(), self.run_one(name)?);
        }
        Ok(all)
    }

    pub fn run_one(&self, name: &str) -> io::Result<Outcome> {
        let path = self.tests.join(name);
        let source = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        let flags = comment(&source, "Flags:");
        if flags
            .iter()
            .any(|flag| flag.starts_with("--expose-internals") || flag.starts_with("--expose_internals"))
            || (flags.is_empty()
                && ["require('internal/", "internalBinding("].iter().any(|text| source.contains(text)))
        {
            return Ok(Outcome::Private);
        }
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let folder = self.scratch.path().join(serial.to_string());
        fs::create_dir(&folder)?;
        let mut command = self.command(&folder)?;
        for flag in flags {
            if self.takes(&flag)? {
                command.arg(flag);
            }
        }
        for pair in comment(&source, "Env:") {
            if let Some((key, value)) = pair.split_once('=') {
                command.env(key, value);
            }
        }
        command
            .arg(&path)
            .env("TEST_THREAD_ID", serial.to_string())
            .env("TEST_SERIAL_ID", serial.to_string())
            .env("TEST_PARALLEL", if name.starts_with("sequential/") { "0" } else { "1" })
            .env("NODE_TEST_DIR", &folder)
            .env("NODE_COMMON_PORT", (20_000 + serial % 8_000).to_string());
        let passed = self.succeeds(command)?;
        // a test may leave folders that nobody may enter; they go with the machine's temporary files
        let _ = fs::remove_dir_all(&folder);
        Ok(if passed { Outcome::Passed } else { Outcome::Failed })
    }

    fn command(&self, folder: &Path) -> io::Result<Command> {
        let mut command = Command::new(&self.knit);
        for (key, _) in std::env::vars_os() {
            let name = key.to_string_lossy();
            if name.starts_with("NODE_")
                || name.to_ascii_lowercase().starts_with("npm_")
                || name.ends_with("_COLOR")
            {
                command.env_remove(&key);
            }
        }
        let mut path = std::ffi::OsString::from(self.scratch.path().join("bin"));
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        command
            .current_dir(self.tests.parent().unwrap_or(&self.tests))
            .env("PATH", path)
            .env("NODE_SKIP_FLAG_CHECK", "1")
            .env("TERM", "dumb")
            .stdin(Stdio::null())
            .stdout(File::create(folder.join("stdout"))?)
            .stderr(File::create(folder.join("stderr"))?)
            .process_group(0);
        Ok(command)
    }

    fn takes(&self, flag: &str) -> io::Result<bool> {
        if let Some(known) = self.flags.lock().expect("no holder panics").get(flag) {
            return Ok(*known);
        }
        let folder = self.scratch.path();
        let mut command = self.command(folder)?;
        command.arg(flag).arg(folder.join("empty.js")).stdout(Stdio::null()).stderr(Stdio::null());
        let taken = self.succeeds(command)?;
        self.flags.lock().expect("no holder panics").insert(flag.to_owned(), taken);
        Ok(taken)
    }

    /// Whether it ends with 0 in time. Its process group is killed either way.
    fn succeeds(&self, mut command: Command) -> io::Result<bool> {
        let mut child = command.spawn()?;
        let begin = Instant::now();
        let mut pause = Duration::from_millis(2);
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if begin.elapsed() > self.timeout {
                break None;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        };
        // it fails when nobody is left
        let _ = killpg(Pid::from_raw(child.id() as i32), Signal::SIGKILL);
        child.wait()?;
        Ok(status.is_some_and(|status| status.success()))
    }
}

/// The words after `// <label>` in a test's head.
fn comment(source: &str, label: &str) -> Vec<String> {
    let marked = source.lines().filter_map(|line| line.trim().strip_prefix("//")?.trim().strip_prefix(label));
    marked.take(1).flat_map(|words| words.split_whitespace()).map(str::to_owned).collect()
}
