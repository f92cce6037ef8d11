//! Two-way pipes between processes: local sockets whose other end a child process (or the parent) has.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::UnixStream as StdStream;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use js_engine::{Binding, Fd, Object, OpError, Scope, Wrapped, op};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown};
use tokio::io::Interest;
use tokio::net::UnixStream;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(open).op(descriptor).op(read).op(cancel_read).op(try_write).op(write).op(shutdown).op(close);
}

/// The most that one read takes.
const CHUNK: usize = 64 * 1024;

/// A child that takes over one of our ends makes it wait for the peer; we still must not.
const SEND: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

pub(crate) struct Pipe {
    state: RefCell<State>,
}

struct State {
    stream: Stream,
    /// Operations under way, which are to hear that the pipe is closed.
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// The read under way is to end with nothing.
    cancelled: bool,
}

enum Stream {
    /// Not yet known to the event loop: it joins with its first asynchronous operation, which runs there.
    Fresh(StdStream),
    Joined(Rc<UnixStream>),
    Closed,
}

impl Pipe {
    /// Over a stream that does not block.
    pub(crate) fn new(stream: StdStream) -> Self {
        let state = State { stream: Stream::Fresh(stream), reader: None, writer: None, cancelled: false };
        Self { state: RefCell::new(state) }
    }

    /// The stream, on the event loop; none once it is closed.
    fn join(&self) -> io::Result<Option<Rc<UnixStream>>> {
        let mut state = self.state.borrow_mut();
        let stream = match std::mem::replace(&mut state.stream, Stream::Closed) {
            Stream::Fresh(stream) => {
                // A child that had it may have left it otherwise.
                stream.set_nonblocking(true)?;
                Rc::new(UnixStream::from_std(stream)?)
            }
            Stream::Joined(stream) => stream,
            Stream::Closed => return Ok(None),
        };
        state.stream = Stream::Joined(stream.clone());
        Ok(Some(stream))
    }

    /// Runs one system call on it. Closed is what C would find: no such descriptor.
    fn with<T>(&self, call: impl FnOnce(BorrowedFd<'_>) -> Result<T, Errno>) -> Result<T, Errno> {
        match &self.state.borrow().stream {
            Stream::Fresh(stream) => call(stream.as_fd()),
            Stream::Joined(stream) => call(stream.as_fd()),
            Stream::Closed => Err(Errno::BADF),
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.state.borrow().stream, Stream::Closed)
    }

    fn poll_read(&self, stream: &UnixStream, context: &mut Context<'_>) -> Poll<io::Result<Option<Vec<u8>>>> {
        let mut buffer = [MaybeUninit::uninit(); CHUNK];
        loop {
            if self.is_closed() {
                return Poll::Ready(Ok(None));
            }
            if std::mem::take(&mut self.state.borrow_mut().cancelled) {
                return Poll::Ready(Ok(Some(Vec::new())));
            }
            self.state.borrow_mut().reader = Some(context.waker().clone());
            ready!(stream.poll_read_ready(context))?;
            let received = stream.try_io(Interest::READABLE, || {
                let ((bytes, _), _) = rustix::net::recv(stream, &mut buffer[..], RecvFlags::DONTWAIT)?;
                Ok(bytes.to_vec())
            });
            match received {
                Ok(bytes) => return Poll::Ready(Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn poll_write(
        &self,
        stream: &UnixStream,
        bytes: &mut &[u8],
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !bytes.is_empty() {
            if self.is_closed() {
                return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
            }
            self.state.borrow_mut().writer = Some(context.waker().clone());
            ready!(stream.poll_write_ready(context))?;
            match stream.try_io(Interest::WRITABLE, || Ok(rustix::net::send(stream, bytes, SEND)?)) {
                Ok(size) => *bytes = &bytes[size..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

fn failed(error: Errno, syscall: &'static str) -> OpError {
    OpError::system(error.raw_os_error(), syscall)
}

/// Takes over a descriptor that the parent process left: from here on the number belongs to nobody.
#[op]
fn open<'s>(scope: &mut Scope<'s>, fd: Fd) -> Result<Object<'s>, OpError> {
    let taken = fd.as_fd().try_clone_to_owned().and_then(|owned| {
        let stream = StdStream::from(owned);
        stream.set_nonblocking(true)?;
        fd.close()?;
        Ok(stream)
    });
    let stream = taken.map_err(|error| OpError::io(&error, "open"))?;
    Ok(scope.wrap(Pipe::new(stream))?)
}

/// The number of its descriptor, to be handed to a child process; -1 once it is closed.
#[op]
fn descriptor(pipe: Wrapped<Pipe>) -> i32 {
    pipe.with(|stream| Ok(stream.as_raw_fd())).unwrap_or(-1)
}

/// The next bytes; none at the end, and no bytes if it was cancelled.
#[op(async)]
async fn read(pipe: Wrapped<Pipe>) -> Result<Option<Vec<u8>>, OpError> {
    if std::mem::take(&mut pipe.state.borrow_mut().cancelled) {
        return Ok(Some(Vec::new()));
    }
    let Some(stream) = pipe.join().map_err(|error| OpError::io(&error, "read"))? else { return Ok(None) };
    let read = poll_fn(|context| pipe.poll_read(&stream, context)).await;
    pipe.state.borrow_mut().reader = None;
    read.map_err(|error| OpError::io(&error, "read"))
}

/// Ends the read under way, which then brings no bytes at all. If that has just ended by itself, the next one does.
#[op]
fn cancel_read(pipe: Wrapped<Pipe>) -> Result<(), OpError> {
    let mut state = pipe.state.borrow_mut();
    state.cancelled = true;
    if let Some(reader) = state.reader.take() {
        reader.wake();
    }
    Ok(())
}

/// Writes what fits at once; how much that was.
#[op]
fn try_write(pipe: Wrapped<Pipe>, bytes: Vec<u8>) -> Result<usize, OpError> {
    let sent = pipe.with(|stream| match rustix::net::send(stream, &bytes, SEND) {
        Err(Errno::AGAIN | Errno::INTR) => Ok(0),
        sent => sent,
    });
    sent.map_err(|error| failed(error, "write"))
}

#[op(async)]
async fn write(pipe: Wrapped<Pipe>, bytes: Vec<u8>) -> Result<(), OpError> {
    let joined = pipe.join().map_err(|error| OpError::io(&error, "write"))?;
    let stream = joined.ok_or_else(|| failed(Errno::PIPE, "write"))?;
    let mut rest = bytes.as_slice();
    let written = poll_fn(|context| pipe.poll_write(&stream, &mut rest, context)).await;
    written.map_err(|error| failed(Errno::from_io_error(&error).unwrap_or(Errno::PIPE), "write"))
}

/// Ends the direction in which it is written.
#[op]
fn shutdown(pipe: Wrapped<Pipe>) -> Result<(), OpError> {
    match pipe.with(|stream| rustix::net::shutdown(stream, Shutdown::Write)) {
        Err(Errno::NOTCONN) | Ok(()) => Ok(()),
        Err(error) => Err(failed(error, "shutdown")),
    }
}

#[op]
fn close(pipe: Wrapped<Pipe>) -> Result<(), OpError> {
    let mut state = pipe.state.borrow_mut();
    state.stream = Stream::Closed;
    let waiting = [state.reader.take(), state.writer.take()];
    drop(state);
    waiting.into_iter().flatten().for_each(Waker::wake);
    Ok(())
}
