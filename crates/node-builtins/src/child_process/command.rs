//! From a request of JavaScript's to a running process.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use command_fds::{CommandFdExt, FdMapping};
use js_engine::{Fd, OsPath};
use process_wrap::std::{CommandWrap, CommandWrapper, ProcessSession};
use rustix::fs::Access;
use rustix::io::Errno;

/// What JavaScript asks for. The first argument is the name that the program is called by.
pub(super) struct Request {
    pub file: String,
    pub arguments: Vec<String>,
    /// `NAME=value`
    pub environment: Vec<String>,
    pub directory: Option<OsPath>,
    pub descriptors: Vec<Fd>,
    pub user: Option<u32>,
    pub group: Option<u32>,
    /// Whether it leads a session of its own, which outlives ours.
    pub detached: bool,
}

const NOTHING: i32 = -1;
const PIPE: i32 = -2;

/// A child, and our ends of its pipes by the number of its end.
pub(super) struct Started {
    pub child: Child,
    pub pipes: Vec<Option<UnixStream>>,
}

pub(super) fn start(request: &Request) -> io::Result<Started> {
    let program = find(request)?;
    match Prepared::new(request, program.as_os_str(), &request.arguments)?.start() {
        // A script that does not say what runs it is the shell's, as it always was.
        Err(error) if Errno::from_io_error(&error) == Some(Errno::NOEXEC) => {
            let mut arguments = vec![SHELL.to_owned(), program.to_string_lossy().into_owned()];
            arguments.extend(request.arguments.iter().skip(1).cloned());
            Prepared::new(request, OsStr::new(SHELL), &arguments)?.start()
        }
        started => started,
    }
}

const SHELL: &str = "/bin/sh";

/// The program's path. Looking for it here, rather than after the fork, lets the cheap way of starting be taken.
fn find(request: &Request) -> io::Result<PathBuf> {
    if request.file.contains('/') {
        return Ok(PathBuf::from(&request.file));
    }
    let path = request.environment.iter().find_map(|entry| entry.strip_prefix("PATH="));
    let mut failure = Errno::NOENT;
    for directory in path.unwrap_or("/usr/local/bin:/bin:/usr/bin").split(':') {
        let candidate = Path::new(if directory.is_empty() { "." } else { directory }).join(&request.file);
        match rustix::fs::access(&candidate, Access::EXEC_OK) {
            Ok(()) if !candidate.is_dir() => return Ok(candidate),
            Ok(()) | Err(Errno::ACCESS) => failure = Errno::ACCESS,
            Err(_) => {}
        }
    }
    Err(failure.into())
}

/// A command with the child's ends of its pipes, which end here with it.
struct Prepared {
    command: Command,
    pipes: Vec<Option<UnixStream>>,
    /// Numbers that must not be free while the child starts.
    reserved: Vec<OwnedFd>,
}

impl Prepared {
    fn new(request: &Request, program: &OsStr, arguments: &[String]) -> io::Result<Self> {
        let mut command = Command::new(program);
        if let [name, rest @ ..] = arguments {
            command.arg0(name).args(rest);
        }
        command.env_clear().envs(request.environment.iter().filter_map(|entry| entry.split_once('=')));
        if let Some(directory) = &request.directory {
            command.current_dir(directory.as_path());
        }
        if let Some(group) = request.group {
            command.gid(group);
        }
        if let Some(user) = request.user {
            command.uid(user);
        }
        if request.detached {
            ProcessSession.pre_spawn(&mut command, &CommandWrap::from(Command::new(program)))?;
        }
        let mut prepared = Self { command, pipes: Vec::new(), reserved: Vec::new() };
        prepared.connect(&request.descriptors)?;
        Ok(prepared)
    }

    fn start(mut self) -> io::Result<Started> {
        let child = self.command.spawn()?;
        Ok(Started { child, pipes: self.pipes })
    }

    fn connect(&mut self, descriptors: &[Fd]) -> io::Result<()> {
        let mut mappings = Vec::new();
        for (number, descriptor) in (0..).zip(descriptors) {
            let theirs = self.end(*descriptor)?;
            // Programs expect their standard streams to wait.
            if let Some(theirs) = theirs.as_ref().filter(|_| number < 3) {
                rustix::io::ioctl_fionbio(theirs, false)?;
            }
            let stdio = |theirs: Option<OwnedFd>| theirs.map_or_else(Stdio::null, Stdio::from);
            match number {
                0 => drop(self.command.stdin(stdio(theirs))),
                1 => drop(self.command.stdout(stdio(theirs))),
                2 => drop(self.command.stderr(stdio(theirs))),
                _ => mappings.extend(theirs.map(|parent_fd| FdMapping { parent_fd, child_fd: number })),
            }
        }
        if !mappings.is_empty() {
            self.reserve(&mappings)?;
            self.command.fd_mappings(mappings).map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// The child's end of a descriptor; ours, if it has two, is kept.
    fn end(&mut self, descriptor: Fd) -> io::Result<Option<OwnedFd>> {
        let mut ours = None;
        let theirs = match descriptor.number() {
            NOTHING => None,
            PIPE => {
                let (end, theirs) = UnixStream::pair()?;
                end.set_nonblocking(true)?;
                ours = Some(end);
                Some(theirs.into())
            }
            _ => Some(descriptor.as_fd().try_clone_to_owned()?),
        };
        self.pipes.push(ours);
        Ok(theirs)
    }

    /// Takes the numbers that the child's further descriptors get, if they are free: else the standard library might
    /// use one to hear of a failed start, and the child's descriptor would take its place.
    fn reserve(&mut self, mappings: &[FdMapping]) -> io::Result<()> {
        for mapping in mappings {
            let copy = rustix::io::fcntl_dupfd_cloexec(&mapping.parent_fd, mapping.child_fd)?;
            if copy.as_raw_fd() == mapping.child_fd {
                self.reserved.push(copy);
            }
        }
        Ok(())
    }
}
