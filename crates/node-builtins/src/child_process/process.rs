//! Processes that run beside the program: the object that stands for one, and the call that waits for its end.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};

use js_engine::{Fd, Object, OpError, OsPath, Scope, Wrapped, op};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};
use tokio::net::unix::pipe::Receiver;

use super::command::{Request, start};
use crate::pipe::Pipe;

pub(super) struct Process {
    child: RefCell<Child>,
    /// Becomes readable when the process ends; taken by the call that waits.
    end: RefCell<Option<OwnedFd>>,
    pipes: RefCell<Vec<Option<UnixStream>>>,
    ended: Cell<bool>,
}

/// `settings`: whether it is detached, user and group (-1: ours).
#[op]
pub(super) fn spawn<'s>(
    scope: &mut Scope<'s>,
    file: String,
    arguments: Vec<String>,
    environment: Vec<String>,
    directory: Option<OsPath>,
    descriptors: Vec<f64>,
    settings: Vec<f64>,
) -> Result<Object<'s>, OpError> {
    let request = request(file, arguments, environment, directory, &descriptors, &settings);
    let started = start(&request).map_err(|error| OpError::io(&error, "spawn"))?;
    let end = end_of(started.child.id()).map_err(|error| OpError::io(&error, "spawn"))?;
    Ok(scope.wrap(Process {
        child: RefCell::new(started.child),
        end: RefCell::new(Some(end)),
        pipes: RefCell::new(started.pipes),
        ended: Cell::new(false),
    })?)
}

pub(super) fn request(
    file: String,
    arguments: Vec<String>,
    environment: Vec<String>,
    directory: Option<OsPath>,
    descriptors: &[f64],
    settings: &[f64],
) -> Request {
    let setting = |i: usize| settings.get(i).copied().filter(|&value| value >= 0.0);
    Request {
        file,
        arguments,
        environment,
        directory,
        descriptors: descriptors.iter().map(|&number| Fd::from(number as i32)).collect(),
        detached: setting(0).is_some_and(|value| value > 0.0),
        user: setting(1).map(|id| id as u32),
        group: setting(2).map(|id| id as u32),
    }
}

/// A descriptor that becomes readable when the process has ended.
#[cfg(target_os = "linux")]
pub(super) fn end_of(pid: u32) -> io::Result<OwnedFd> {
    use rustix::process::{PidfdFlags, pidfd_open};
    let pid = Pid::from_raw(pid as i32).ok_or(Errno::SRCH)?;
    Ok(pidfd_open(pid, PidfdFlags::NONBLOCK)?)
}

/// The same from a thread that waits.
#[cfg(not(target_os = "linux"))]
pub(super) fn end_of(pid: u32) -> io::Result<OwnedFd> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let pid = Pid::from_raw(pid as i32).ok_or(Errno::SRCH)?;
    let (end, signal) = UnixStream::pair()?;
    end.set_nonblocking(true)?;
    std::thread::Builder::new().spawn(move || {
        // The child stays to be asked how it ended.
        let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        drop(signal);
    })?;
    Ok(end.into())
}

#[op]
pub(super) fn pid(process: Wrapped<Process>) -> u32 {
    process.child.borrow().id()
}

/// Our end of the child's descriptor, if that is a pipe; once.
#[op]
pub(super) fn pipe<'s>(
    scope: &mut Scope<'s>,
    process: Wrapped<Process>,
    number: usize,
) -> Result<Option<Object<'s>>, OpError> {
    let pipe = process.pipes.borrow_mut().get_mut(number).and_then(Option::take);
    Ok(pipe.map(|pipe| scope.wrap(Pipe::new(pipe))).transpose()?)
}

/// How the process ended: the exit code, or the number of the signal.
#[op(async)]
pub(super) async fn wait(process: Wrapped<Process>) -> Result<(Option<i32>, Option<i32>), OpError> {
    process.wait().await.map(outcome).map_err(|error| OpError::io(&error, "wait"))
}

impl Process {
    async fn wait(&self) -> io::Result<ExitStatus> {
        let end = self.end.borrow_mut().take();
        if let Some(end) = end {
            // (To tokio it is a pipe; its other way to wait asks for promises about the descriptor.)
            let end = Receiver::from_owned_fd_unchecked(end)?;
            poll_fn(|context| end.poll_read_ready(context)).await?;
        }
        let status = self.child.borrow_mut().wait();
        self.ended.set(true);
        status
    }
}

pub(super) fn outcome(status: ExitStatus) -> (Option<i32>, Option<i32>) {
    (status.code(), status.signal())
}

/// Sends a signal; 0 asks whether there is a process to send one to. What the system says, as a negative number.
#[op]
pub(super) fn kill(process: Wrapped<Process>, signal: i32) -> i32 {
    // Once waited for, the number may be another process's.
    if process.ended.get() {
        return -Errno::SRCH.raw_os_error();
    }
    send(process.child.borrow().id(), signal).map_or_else(|error| -error.raw_os_error(), |()| 0)
}

pub(super) fn send(pid: u32, signal: i32) -> Result<(), Errno> {
    let pid = Pid::from_raw(pid as i32).ok_or(Errno::SRCH)?;
    if signal == 0 {
        return rustix::process::test_kill_process(pid);
    }
    rustix::process::kill_process(pid, Signal::from_named_raw(signal).ok_or(Errno::INVAL)?)
}
