//! Processes that the program waits for: fed, read, and ended when they take too long or say too much.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use js_engine::{OpError, OsPath, op};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::SendFlags;

use super::command::{Started, start};
use super::process::{end_of, outcome, request, send};

/// What ended before its time, and how far it may go.
struct Limits {
    deadline: Option<Instant>,
    /// Bytes that all pipes together may bring.
    output: Option<usize>,
    signal: i32,
}

/// One pipe of the child's. Its standard input is only written, all others are only read.
struct Channel {
    stream: Option<UnixStream>,
    is_read: bool,
    input: Vec<u8>,
    written: usize,
    output: Vec<u8>,
}

struct Run {
    pid: u32,
    channels: Vec<Option<Channel>>,
    limits: Limits,
    received: usize,
    /// The child was ended; its pipes are closed.
    killed: bool,
    failure: Option<Errno>,
    pipe_failure: Option<Errno>,
}

/// Number of the process, exit code, number of the signal, what failed (0: nothing), and the output of each pipe
/// (false where there is none).
type Outcome = (u32, Option<i32>, Option<i32>, i32, Vec<(bool, Vec<u8>)>);

/// `settings` as of `spawn`, then: timeout in milliseconds, most bytes of output, signal that ends the child; -1 for
/// none. `input` is what the child reads.
#[op]
pub(super) fn spawn_sync(
    file: String,
    arguments: Vec<String>,
    environment: Vec<String>,
    directory: Option<OsPath>,
    descriptors: Vec<f64>,
    settings: Vec<f64>,
    input: Vec<u8>,
) -> Result<Outcome, OpError> {
    let request = request(file, arguments, environment, directory, &descriptors, &settings);
    let started = match start(&request) {
        Ok(started) => started,
        Err(error) => {
            let errno = Errno::from_io_error(&error).unwrap_or(Errno::IO).raw_os_error();
            return Ok((0, None, None, errno, Vec::new()));
        }
    };
    let setting = |i: usize| settings.get(i).copied().filter(|&value| value >= 0.0);
    let limits = Limits {
        deadline: setting(3).map(|timeout| Instant::now() + Duration::from_millis(timeout as u64)),
        output: setting(4).map(|most| most as usize),
        signal: setting(5).map_or(15, |signal| signal as i32),
    };
    run(started, input, limits).map_err(|error| OpError::io(&error, "spawnSync"))
}

fn run(started: Started, input: Vec<u8>, limits: Limits) -> io::Result<Outcome> {
    let Started { mut child, pipes } = started;
    let channels = (0..).zip(pipes).map(|(number, pipe)| {
        let (is_read, input) = (number > 0, if number == 0 { input.clone() } else { Vec::new() });
        // Without anything to say, standard input ends at once.
        let stream = pipe.map(|pipe| (is_read || !input.is_empty()).then_some(pipe));
        stream.map(|stream| Channel { stream, is_read, input, written: 0, output: Vec::new() })
    });
    let mut run = Run {
        pid: child.id(),
        channels: channels.collect(),
        limits,
        received: 0,
        killed: false,
        failure: None,
        pipe_failure: None,
    };
    let end = end_of(run.pid)?;
    let mut status: Option<ExitStatus> = None;
    while status.is_none() || run.channels.iter().flatten().any(|channel| channel.stream.is_some()) {
        if run.turn(status.is_none().then_some(&end))? {
            status = Some(child.wait()?);
        }
    }
    let (code, signal) = status.map_or((None, None), outcome);
    let failure = run.failure.or(run.pipe_failure).map_or(0, Errno::raw_os_error);
    let outputs = run.channels.into_iter().map(|channel| match channel {
        Some(channel) => (true, channel.output),
        None => (false, Vec::new()),
    });
    Ok((run.pid, code, signal, failure, outputs.collect()))
}

impl Run {
    /// Waits until something can be done, and does it. Whether the child has ended.
    fn turn(&mut self, end: Option<&OwnedFd>) -> io::Result<bool> {
        let mut ready = Vec::new();
        let mut polled = Vec::new();
        for (i, channel) in self.channels.iter().enumerate() {
            let Some(Channel { stream: Some(stream), is_read, .. }) = channel else { continue };
            polled.push(PollFd::new(stream, if *is_read { PollFlags::IN } else { PollFlags::OUT }));
            ready.push(i);
        }
        if let Some(end) = end {
            polled.push(PollFd::from_borrowed_fd(end.as_fd(), PollFlags::IN));
        }
        let left = self
            .limits
            .deadline
            .filter(|_| !self.killed)
            .map(|at| at.saturating_duration_since(Instant::now()));
        let timeout =
            left.map(|left| Timespec { tv_sec: left.as_secs() as _, tv_nsec: left.subsec_nanos().into() });
        match poll(&mut polled, timeout.as_ref()) {
            Err(Errno::INTR) => return Ok(false),
            Ok(0) => {
                drop(polled);
                self.fail(Errno::TIMEDOUT);
                return Ok(false);
            }
            polled => polled?,
        };
        let events: Vec<PollFlags> = polled.iter().map(PollFd::revents).collect();
        drop(polled);
        for (&i, &events) in ready.iter().zip(&events) {
            self.serve(i, events);
        }
        Ok(end.is_some() && events.last().is_some_and(|events| !events.is_empty()))
    }

    fn serve(&mut self, i: usize, events: PollFlags) {
        let Some(channel) = &mut self.channels[i] else { return };
        if events.is_empty() {
            return;
        }
        if !channel.is_read {
            if let Err(error) = channel.write() {
                self.pipe_failure.get_or_insert(error);
            }
            return;
        }
        match channel.read() {
            Ok(size) => self.received += size,
            Err(error) => {
                self.pipe_failure.get_or_insert(error);
            }
        }
        if let Some(most) = self.limits.output
            && self.received > most
        {
            self.fail(Errno::NOBUFS);
        }
    }

    /// Ends the child, with the signal asked for or the one that cannot be refused, and stops listening to it.
    fn fail(&mut self, failure: Errno) {
        self.failure.get_or_insert(failure);
        if std::mem::replace(&mut self.killed, true) {
            return;
        }
        if send(self.pid, self.limits.signal).is_err_and(|error| error != Errno::SRCH) {
            let _ = send(self.pid, 9);
        }
        for channel in self.channels.iter_mut().flatten() {
            channel.stream = None;
        }
    }
}

impl Channel {
    /// Writes what fits, and closes the stream after the last byte.
    fn write(&mut self) -> Result<(), Errno> {
        let Some(stream) = &self.stream else { return Ok(()) };
        let sent = match rustix::net::send(stream, &self.input[self.written..], SendFlags::NOSIGNAL) {
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            sent => sent,
        };
        self.written += sent.unwrap_or(0);
        // Or nobody reads it any more.
        if sent.is_err() || self.written == self.input.len() {
            self.stream = None;
        }
        sent.map(drop)
    }

    /// How much came; the stream is closed at its end.
    fn read(&mut self) -> Result<usize, Errno> {
        const CHUNK: usize = 64 * 1024;
        let Some(stream) = &self.stream else { return Ok(0) };
        self.output.reserve(CHUNK);
        match rustix::io::read(stream, rustix::buffer::spare_capacity(&mut self.output)) {
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            // A child that ends with input unread resets the connection.
            Ok(0) | Err(Errno::CONNRESET) => {
                self.stream = None;
                Ok(0)
            }
            size => size,
        }
    }
}
