//! Terminals: whether a descriptor leads to one, its size and modes, writing to it and reading from it.
//!
//! A terminal is read through an open file of our own: that one may be non-blocking, while the descriptor is shared with
//! other processes, which would not expect it.

use std::cell::RefCell;
use std::future::poll_fn;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::sync::Mutex;
use std::task::{Poll, Waker, ready};

use js_engine::{Binding, Fd, Object, OpError, Scope, Wrapped, op};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{
    ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios, tcgetattr,
    tcgetwinsize, tcsetattr,
};
use tokio::io::unix::AsyncFd;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(isatty).op(window_size).op(set_raw_mode).op(write).op(open).op(readable).op(read).op(close);
}

fn failed(errno: Errno, syscall: &'static str) -> OpError {
    OpError::system(errno.raw_os_error(), syscall)
}

#[op]
fn isatty(fd: Fd) -> bool {
    rustix::termios::isatty(fd.as_fd())
}

/// Columns and rows.
#[op]
fn window_size(fd: Fd) -> Result<(u32, u32), OpError> {
    let size = tcgetwinsize(fd.as_fd()).map_err(|errno| failed(errno, "getWindowSize"))?;
    Ok((size.ws_col.into(), size.ws_row.into()))
}

/// How terminals were before raw mode, by descriptor.
static ORIGINAL_MODES: Mutex<Vec<(i32, Termios)>> = Mutex::new(Vec::new());

/// In raw mode keys arrive one by one, are not shown, and send no signals.
#[op]
fn set_raw_mode(fd: Fd, on: bool) -> Result<(), OpError> {
    change_mode(fd, on).map_err(|errno| failed(errno, "setRawMode"))
}

fn change_mode(fd: Fd, on: bool) -> Result<(), Errno> {
    let mut originals = ORIGINAL_MODES.lock().expect("no panic while locked");
    let known = originals.iter().position(|(number, _)| *number == fd.number());
    if !on {
        let Some(row) = known else { return Ok(()) };
        let (_, original) = originals.remove(row);
        return tcsetattr(fd.as_fd(), OptionalActions::Drain, &original);
    }
    let mut mode = tcgetattr(fd.as_fd())?;
    if known.is_none() {
        originals.push((fd.number(), mode.clone()));
    }
    mode.input_modes &=
        !(InputModes::BRKINT | InputModes::ICRNL | InputModes::INPCK | InputModes::ISTRIP | InputModes::IXON);
    mode.output_modes |= OutputModes::ONLCR;
    mode.control_modes |= ControlModes::CS8;
    mode.local_modes &= !(LocalModes::ECHO | LocalModes::ICANON | LocalModes::IEXTEN | LocalModes::ISIG);
    mode.special_codes[SpecialCodeIndex::VMIN] = 1;
    mode.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(fd.as_fd(), OptionalActions::Drain, &mode)
}

/// Leaves all terminals as they were found. To be called before the process ends.
pub fn restore_terminals() {
    for (number, original) in std::mem::take(&mut *ORIGINAL_MODES.lock().expect("no panic while locked")) {
        // There is nobody left to be told.
        let _ = tcsetattr(Fd::from(number).as_fd(), OptionalActions::Now, &original);
    }
}

/// Writes everything before it comes back, so that nothing is lost or mixed up at exit.
#[op]
fn write(mut bytes: &[u8], fd: Fd) -> Result<(), OpError> {
    while !bytes.is_empty() {
        match rustix::io::write(fd.as_fd(), bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => _ = is_ready(fd.as_fd(), PollFlags::OUT, None),
            Err(errno) => return Err(failed(errno, "write")),
        }
    }
    Ok(())
}

/// Whether there is something to read, or room to write. Without a limit it waits for that.
fn is_ready(fd: BorrowedFd<'_>, interest: PollFlags, limit: Option<&Timespec>) -> bool {
    // Whatever it says of errors, the call that follows tells better.
    poll(&mut [PollFd::new(&fd, interest)], limit).is_ok_and(|ready| ready > 0)
}

const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// A terminal that is read from.
pub(crate) struct Terminal {
    state: RefCell<State>,
}

struct State {
    source: Source,
    /// Who waits for input, and is to hear that the terminal is closed.
    waiting: Option<Waker>,
}

enum Source {
    /// Not yet known to the event loop: it joins when input is waited for, which happens there.
    Fresh(OwnedFd),
    Joined(Rc<AsyncFd<OwnedFd>>),
    Closed,
}

impl Terminal {
    fn join(&self) -> std::io::Result<Option<Rc<AsyncFd<OwnedFd>>>> {
        let mut state = self.state.borrow_mut();
        let joined = match std::mem::replace(&mut state.source, Source::Closed) {
            Source::Fresh(fd) => Rc::new(watched(fd)?),
            Source::Joined(joined) => joined,
            Source::Closed => return Ok(None),
        };
        state.source = Source::Joined(joined.clone());
        Ok(Some(joined))
    }

    fn is_closed(&self) -> bool {
        matches!(self.state.borrow().source, Source::Closed)
    }
}

// What replaces it asks for promises, for the sake of types that may change their descriptor; this one keeps it.
#[expect(deprecated)]
fn watched(fd: OwnedFd) -> std::io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::new(fd)
}

/// Opens the terminal behind a descriptor for reading.
#[op]
fn open<'s>(scope: &mut Scope<'s>, fd: Fd) -> Result<Object<'s>, OpError> {
    if !rustix::termios::isatty(fd.as_fd()) {
        return Err(failed(Errno::INVAL, "uv_tty_init"));
    }
    let own = reopen(fd).map_err(|errno| failed(errno, "uv_tty_init"))?;
    Ok(scope.wrap(Terminal { state: RefCell::new(State { source: Source::Fresh(own), waiting: None }) })?)
}

fn reopen(fd: Fd) -> Result<OwnedFd, Errno> {
    let path = format!("/proc/self/fd/{}", fd.number());
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    // Another user's terminal, as after su, can only be shared. It is polled before it is read, so that this works too.
    rustix::fs::open(path, flags, Mode::empty()).or_else(|_| rustix::io::fcntl_dupfd_cloexec(fd.as_fd(), 3))
}

/// Comes back when there is something to read, the end included, or the terminal is closed.
#[op(async)]
async fn readable(terminal: Wrapped<Terminal>) -> Result<(), OpError> {
    let Some(fd) = terminal.join().map_err(|error| OpError::io(&error, "read"))? else { return Ok(()) };
    let waited = poll_fn(|context| {
        loop {
            if terminal.is_closed() {
                return Poll::Ready(Ok(()));
            }
            terminal.state.borrow_mut().waiting = Some(context.waker().clone());
            let mut guard = ready!(fd.poll_read_ready(context))?;
            // What was there before may have been read since.
            if is_ready(fd.get_ref().as_fd(), PollFlags::IN, Some(&AT_ONCE)) {
                return Poll::Ready(Ok(()));
            }
            guard.clear_ready();
        }
    })
    .await;
    terminal.state.borrow_mut().waiting = None;
    waited.map_err(|error: std::io::Error| OpError::io(&error, "read"))
}

/// What is there: nothing at all at the end, none if there is nothing yet.
#[op]
fn read(terminal: Wrapped<Terminal>, most: usize) -> Result<Option<Vec<u8>>, OpError> {
    let state = terminal.state.borrow();
    let fd = match &state.source {
        Source::Fresh(fd) => fd.as_fd(),
        Source::Joined(joined) => joined.get_ref().as_fd(),
        Source::Closed => return Err(failed(Errno::BADF, "read")),
    };
    if !is_ready(fd, PollFlags::IN, Some(&AT_ONCE)) {
        return Ok(None);
    }
    let mut buffer = vec![0; most.clamp(1, 1 << 20)];
    match rustix::io::read(fd, &mut *buffer) {
        Ok(count) => {
            buffer.truncate(count);
            Ok(Some(buffer))
        }
        Err(Errno::AGAIN | Errno::INTR) => Ok(None),
        Err(errno) => Err(failed(errno, "read")),
    }
}

#[op]
fn close(terminal: Wrapped<Terminal>) {
    let mut state = terminal.state.borrow_mut();
    state.source = Source::Closed;
    let waiting = state.waiting.take();
    drop(state);
    if let Some(waiting) = waiting {
        waiting.wake();
    }
}
