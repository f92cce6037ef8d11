//! Standard input and output as descriptors: what is behind them, writing at once, reading when there is something.
//! Their flags are left as they are, since other processes share them.

use js_engine::{Binding, OpError, op};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd, BorrowedFd};
use rustix::fs::{FileType, fstat};
use rustix::io::{Errno, read, write};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, OnceLock};
use tokio::sync::oneshot;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(kind).op(write_bytes).op(write_text).op(read_input).op(input_readable);
}

/// Standard input, output or error.
fn with_descriptor<R>(number: i32, act: impl FnOnce(BorrowedFd<'_>) -> R) -> R {
    match number {
        0 => act(std::io::stdin().as_fd()),
        1 => act(std::io::stdout().as_fd()),
        _ => act(std::io::stderr().as_fd()),
    }
}

fn failed(errno: Errno, syscall: &'static str) -> OpError {
    OpError::system(errno.raw_os_error(), syscall)
}

/// What a standard descriptor leads to.
#[op]
fn kind(number: i32) -> &'static str {
    with_descriptor(number, |fd| {
        if rustix::termios::isatty(fd) {
            return "tty";
        }
        match fstat(fd).map(|status| FileType::from_raw_mode(status.st_mode)) {
            Ok(FileType::RegularFile | FileType::CharacterDevice | FileType::BlockDevice) => "file",
            Ok(FileType::Fifo | FileType::Socket) => "pipe",
            _ => "unknown",
        }
    })
}

/// Writes everything before it comes back, also where the other end lets us wait.
fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match write(fd, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let mut waiting = [PollFd::new(&fd, PollFlags::OUT)];
                match poll(&mut waiting, None) {
                    Ok(_) | Err(Errno::INTR) => {}
                    Err(errno) => return Err(errno),
                }
            }
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

#[op]
fn write_bytes(bytes: &[u8], number: i32) -> Result<(), OpError> {
    with_descriptor(number, |fd| write_all(fd, bytes)).map_err(|errno| failed(errno, "write"))
}

/// Writes a text as UTF-8.
#[op]
fn write_text(text: String, number: i32) -> Result<(), OpError> {
    with_descriptor(number, |fd| write_all(fd, text.as_bytes())).map_err(|errno| failed(errno, "write"))
}

/// Reads what is there, waiting where nothing is. Empty at the end.
#[op]
fn read_input(most: usize) -> Result<Vec<u8>, OpError> {
    let mut buffer = vec![0; most.clamp(1, 1 << 20)];
    let count = loop {
        match with_descriptor(0, |fd| read(fd, &mut *buffer)) {
            Ok(count) => break count,
            Err(Errno::INTR) => {}
            // Somebody set the descriptor that we share to say so.
            Err(Errno::AGAIN) => wait_for_input(),
            Err(errno) => return Err(failed(errno, "read")),
        }
    };
    buffer.truncate(count);
    Ok(buffer)
}

fn wait_for_input() {
    with_descriptor(0, |fd| {
        // Whatever it says, reading tells.
        let _ = poll(&mut [PollFd::new(&fd, PollFlags::IN)], None);
    });
}

/// Comes back when standard input has something to read, its end included. A thread of its own waits for that: it may
/// be a terminal, a pipe, a socket or a device, and none of them may be made non-blocking.
#[op(async)]
async fn input_readable() -> Result<(), OpError> {
    static WAITER: OnceLock<Mutex<Sender<oneshot::Sender<()>>>> = OnceLock::new();
    let waiter = WAITER.get_or_init(|| {
        let (requests, inbox) = channel::<oneshot::Sender<()>>();
        std::thread::spawn(move || {
            for answer in inbox {
                wait_for_input();
                // Nobody waits any more when the program has ended.
                let _ = answer.send(());
            }
        });
        Mutex::new(requests)
    });
    let (answer, answered) = oneshot::channel();
    let sent = waiter.lock().expect("no panic while locked").send(answer).is_ok();
    if !sent || answered.await.is_err() {
        return Err(failed(Errno::IO, "read"));
    }
    Ok(())
}
