//! Change events of files and directories, from inotify. One watcher may watch many paths, each under a number of its own.

use std::cell::{Cell, OnceCell, RefCell};
use std::future::poll_fn;
use std::io::ErrorKind;
use std::task::{Context, Poll, Waker, ready};

use js_engine::{Object, OpError, OsPath, Scope, Wrapped, op};
use rustix::fd::OwnedFd;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use tokio::net::unix::pipe::Receiver;

use super::failure::During;

pub(super) struct Watcher {
    inotify: OwnedFd,
    /// The same, readable from the event loop. It joins the loop when it is first read, which happens there.
    /// (To tokio it is a pipe; its other way to wait asks for promises about the descriptor.)
    events: OnceCell<Receiver>,
    closed: Cell<bool>,
    /// Who waits for events, and is to hear of the end.
    waiting: RefCell<Option<Waker>>,
}

const EVENTS: WatchFlags = WatchFlags::ATTRIB
    .union(WatchFlags::CREATE)
    .union(WatchFlags::MODIFY)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO);

#[op]
pub(super) fn watch_open<'s>(scope: &mut Scope<'s>) -> Result<Object<'s>, OpError> {
    let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).during("watch")?;
    Ok(scope.wrap(Watcher {
        inotify,
        events: OnceCell::new(),
        closed: Cell::new(false),
        waiting: RefCell::default(),
    })?)
}

#[op]
pub(super) fn watch_add(watcher: Wrapped<Watcher>, path: OsPath) -> Result<i32, OpError> {
    inotify::add_watch(&watcher.inotify, path.as_path(), EVENTS).during_on("watch", path.as_path())
}

#[op]
pub(super) fn watch_remove(watcher: Wrapped<Watcher>, number: i32) -> Result<(), OpError> {
    // The system forgets a watch by itself when what it watched is gone.
    let _ = inotify::remove_watch(&watcher.inotify, number);
    Ok(())
}

/// The next events: the number of the watch, whether a name came or went (rather than content changed), whether the
/// watch ended, and the name, if it is not the watched path itself. Nothing once the watcher is closed.
#[op(async)]
pub(super) async fn watch_read(watcher: Wrapped<Watcher>) -> Result<Option<Vec<Event>>, OpError> {
    if watcher.events.get().is_none() {
        let events =
            watcher.inotify.try_clone().and_then(Receiver::from_owned_fd_unchecked).during("watch")?;
        let _ = watcher.events.set(events);
    }
    poll_fn(|context| watcher.poll(context)).await
}

type Event = (i32, bool, bool, Vec<u8>);

impl Watcher {
    fn poll(&self, context: &mut Context<'_>) -> Poll<Result<Option<Vec<Event>>, OpError>> {
        let mut buffer = [0; 4096];
        loop {
            let Some(events) = self.events.get().filter(|_| !self.closed.get()) else {
                return Poll::Ready(Ok(None));
            };
            *self.waiting.borrow_mut() = Some(context.waker().clone());
            ready!(events.poll_read_ready(context)).during("watch")?;
            match events.try_read(&mut buffer) {
                Ok(size) => return Poll::Ready(Ok(Some(parse(&buffer[..size])))),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error).during("watch")),
            }
        }
    }
}

/// Reads `struct inotify_event`s: four words (watch, flags, cookie, size of the name), then the name, padded with zeros.
fn parse(mut bytes: &[u8]) -> Vec<Event> {
    let word =
        |bytes: &[u8], i: usize| bytes[4 * i..].first_chunk().map_or(0, |&word| u32::from_ne_bytes(word));
    let mut events = Vec::new();
    while bytes.len() >= 16 {
        let flags = ReadFlags::from_bits_retain(word(bytes, 1));
        let end = (16 + word(bytes, 3) as usize).min(bytes.len());
        let name = bytes[16..end].split(|&byte| byte == 0).next().unwrap_or_default();
        let beyond_content = !flags.difference(ReadFlags::ATTRIB | ReadFlags::MODIFY).is_empty();
        events.push((
            word(bytes, 0) as i32,
            beyond_content,
            flags.contains(ReadFlags::IGNORED),
            name.to_vec(),
        ));
        bytes = &bytes[end..];
    }
    events
}

#[op]
pub(super) fn watch_close(watcher: Wrapped<Watcher>) -> Result<(), OpError> {
    watcher.closed.set(true);
    if let Some(waiting) = watcher.waiting.take() {
        waiting.wake();
    }
    Ok(())
}
