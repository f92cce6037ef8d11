//! Signals sent to the process, for `process.on('SIGINT')`. A signal once watched never again does by itself what it
//! does by default: JavaScript says what happens when nobody listens any more.

use js_engine::{Binding, Object, OpError, Scope, Wrapped, op};
use nix::errno::Errno;
use nix::libc::{SIGFPE, SIGILL, SIGKILL, SIGSEGV, SIGSTOP};
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use std::cell::OnceCell;
use std::io::Read;
use std::os::unix::net::UnixStream as StdStream;
use tokio::net::UnixStream;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(watch).op(arrived).op(kill).op(emulate_default);
}

/// A watched signal: a byte comes in for each that arrives.
pub(crate) struct Watch {
    bytes: StdStream,
    /// The same within the event loop, which it joins when it is first read.
    joined: OnceCell<UnixStream>,
}

/// From now on the signal is watched.
#[op]
fn watch<'s>(scope: &mut Scope<'s>, number: i32) -> Result<Option<Object<'s>>, OpError> {
    if number <= 0 || [SIGKILL, SIGSTOP].contains(&number) {
        return Err(OpError::system(Errno::EINVAL as i32, "uv_signal_start"));
    }
    // What the processor raises cannot be put off until the loop comes round.
    if [SIGFPE, SIGILL, SIGSEGV].contains(&number) {
        return Ok(None);
    }
    let failed = |error: std::io::Error| OpError::io(&error, "uv_signal_start");
    let (bytes, sender) = StdStream::pair().map_err(failed)?;
    bytes.set_nonblocking(true).map_err(failed)?;
    signal_hook::low_level::pipe::register(number, sender).map_err(failed)?;
    Ok(Some(scope.wrap(Watch { bytes, joined: OnceCell::new() })?))
}

/// Waits until the signal has arrived, and says how often.
#[op(async)]
async fn arrived(watch: Wrapped<Watch>) -> Result<f64, OpError> {
    let failed = |error: std::io::Error| OpError::io(&error, "uv_signal_start");
    if watch.joined.get().is_none() {
        let stream = watch.bytes.try_clone().and_then(UnixStream::from_std).map_err(failed)?;
        let _ = watch.joined.set(stream);
    }
    let stream = watch.joined.get().expect("set above");
    let mut buffer = [0; 64];
    // What is there already does not wait for the loop to look at the system.
    if let Ok(count) = (&watch.bytes).read(&mut buffer) {
        return Ok(count as f64);
    }
    loop {
        stream.readable().await.map_err(failed)?;
        match stream.try_read(&mut buffer) {
            Ok(count) => return Ok(count as f64),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

fn raise_signal(pid: Pid, signal: i32) -> nix::Result<()> {
    let signal = match signal {
        0 => None,
        number => Some(Signal::try_from(number)?),
    };
    signal::kill(pid, signal)
}

/// Zero, or a negative error number.
#[op]
fn kill(pid: i32, signal: i32) -> i32 {
    match raise_signal(Pid::from_raw(pid), signal) {
        Ok(()) => 0,
        Err(errno) => -(errno as i32),
    }
}

/// Does what the signal does to a process that does not handle it.
#[op]
fn emulate_default(signal: i32) {
    let _ = signal_hook::low_level::emulate_default_handler(signal);
}
