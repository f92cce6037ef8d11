//! Ends a script that runs too long, or when the user presses Ctrl-C.

use js_engine::{InterruptHandle, OpError, Scope, Thrown, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

const RUNNING: u8 = 0;
const TIMED_OUT: u8 = 1;
const SIGNALLED: u8 = 2;

pub(super) struct Watchdog {
    handle: InterruptHandle,
    outcome: Arc<AtomicU8>,
    timeout: Option<f64>,
    timer: Option<(Sender<()>, JoinHandle<()>)>,
    signal: Option<signal::Watch>,
}

impl Watchdog {
    /// None where there is nothing to watch for.
    pub(super) fn start(
        scope: &mut Scope<'_>,
        timeout: Option<f64>,
        break_on_sigint: bool,
    ) -> Result<Option<Watchdog>, OpError> {
        if timeout.is_none() && !break_on_sigint {
            return Ok(None);
        }
        let handle = scope.interrupt_handle();
        let outcome = Arc::new(AtomicU8::new(RUNNING));
        let end = |reason: u8| {
            let (handle, outcome) = (handle.clone(), outcome.clone());
            move || {
                if outcome.compare_exchange(RUNNING, reason, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                    handle.terminate();
                }
            }
        };
        let signal = if break_on_sigint { Some(signal::Watch::start(end(SIGNALLED))?) } else { None };
        let timer = timeout.map(|timeout| spawn_timer(timeout, end(TIMED_OUT))).transpose()?;
        Ok(Some(Watchdog { handle, outcome, timeout, timer, signal }))
    }

    /// Ends watching. A result that was cut short becomes Node's error.
    pub(super) fn stop<'s>(
        self,
        scope: &mut Scope<'s>,
        result: Result<Value<'s>, Thrown>,
    ) -> Result<Value<'s>, OpError> {
        if let Some((done, thread)) = self.timer {
            drop(done);
            let _ = thread.join();
        }
        drop(self.signal);
        let outcome = self.outcome.load(Ordering::SeqCst);
        if outcome == RUNNING {
            return Ok(result?);
        }
        self.handle.clear();
        if result.is_err() {
            // an exception of its own that came at the same moment gives way
            let _ = scope.take_exception();
        }
        Err(if outcome == TIMED_OUT {
            let timeout = self.timeout.unwrap_or_default();
            OpError::error(format!("Script execution timed out after {timeout}ms"))
                .code("ERR_SCRIPT_EXECUTION_TIMEOUT")
        } else {
            OpError::error("Script execution was interrupted by `SIGINT`")
                .code("ERR_SCRIPT_EXECUTION_INTERRUPTED")
        })
    }
}

fn spawn_timer(
    milliseconds: f64,
    end: impl FnOnce() + Send + 'static,
) -> Result<(Sender<()>, JoinHandle<()>), OpError> {
    let (done, waiting) = channel::<()>();
    let limit = Duration::from_secs_f64(milliseconds / 1000.0);
    let thread = std::thread::Builder::new()
        .name("vm timeout".into())
        .spawn(move || {
            if waiting.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                end();
            }
        })
        .map_err(|error| OpError::io(&error, "thread"))?;
    Ok((done, thread))
}

/// Ctrl-C while scripts run that asked for it: the innermost is ended, and the process goes on.
pub(super) mod signal {
    use js_engine::OpError;
    use signal_hook::consts::SIGINT;
    use signal_hook::iterator::Signals;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    type End = Box<dyn Fn() + Send>;

    /// What is to be ended, the innermost last.
    static WATCHES: Mutex<Vec<(usize, End)>> = Mutex::new(Vec::new());
    static LISTENING: Mutex<bool> = Mutex::new(false);
    /// Whether the program itself listens to the signal; if not, it still ends the process.
    static HANDLED: AtomicBool = AtomicBool::new(false);

    pub(in crate::internal::vm) fn set_handled(handled: bool) {
        HANDLED.store(handled, Ordering::SeqCst);
    }

    pub(super) struct Watch(usize);

    impl Watch {
        pub(super) fn start(end: impl Fn() + Send + 'static) -> Result<Watch, OpError> {
            listen()?;
            let mut watches = WATCHES.lock().expect("no panic while locked");
            let id = watches.last().map_or(0, |(id, _)| id + 1);
            watches.push((id, Box::new(end)));
            Ok(Watch(id))
        }
    }

    impl Drop for Watch {
        fn drop(&mut self) {
            let mut watches = WATCHES.lock().expect("no panic while locked");
            watches.retain(|(id, _)| *id != self.0);
        }
    }

    fn listen() -> Result<(), OpError> {
        let mut listening = LISTENING.lock().expect("no panic while locked");
        if *listening {
            return Ok(());
        }
        let mut signals = Signals::new([SIGINT]).map_err(|error| OpError::io(&error, "sigaction"))?;
        let receive = move || {
            for _ in signals.forever() {
                let watches = WATCHES.lock().expect("no panic while locked");
                match watches.last() {
                    Some((_, end)) => end(),
                    None if HANDLED.load(Ordering::SeqCst) => {}
                    None => {
                        let _ = signal_hook::low_level::emulate_default_handler(SIGINT);
                    }
                }
            }
        };
        let thread = std::thread::Builder::new().name("vm signals".into()).spawn(receive);
        thread.map_err(|error| OpError::io(&error, "thread"))?;
        *listening = true;
        Ok(())
    }
}
