//! What is seen of an installation while it runs: on a terminal one line that is rewritten and finally
//! wiped, elsewhere a plain line now and then that names what is slow.
//!
//! Owns when something is shown and where. What the line says is `work`'s.
//!
//! The cost is that of counting. A thread exists only once something was asked of a registry, or a step
//! was entered, and sleeps between two looks.

mod work;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diagnostics::Diagnostic;
use package_manager::{Event, Reporter};
use registry_client::{Progress, RegistryError, RequestId, RequestInfo, Stage};

use crate::commands::Invocation;
use crate::terminal::{LogLevel, Terminal};
use work::Work;

/// What takes less is over before anybody could read of it.
const FIRST_LOOK: Duration = Duration::from_millis(300);
const BETWEEN_LOOKS: Duration = Duration::from_millis(125);
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// How it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// One line, rewritten.
    Line,
    /// Plain lines, ten seconds apart.
    Plain,
    Nothing,
}

impl Mode {
    /// `progress` decides where somebody has set it; else it is for a person at a terminal.
    fn of(invocation: &Invocation<'_>) -> Self {
        let (terminal, process) = (invocation.terminal, invocation.process);
        let config = &invocation.configuration.config;
        let is_unwanted = !config.is_default("progress") && !config.flag("progress");
        if terminal.level == LogLevel::Silent || is_unwanted {
            return Self::Nothing;
        }
        let can_rewrite = process.stderr_is_terminal && process.text_variable("TERM") != Some("dumb");
        if can_rewrite && !process.is_build_server() && !terminal.json {
            Self::Line
        } else if terminal.level >= LogLevel::Notice {
            Self::Plain
        } else {
            Self::Nothing
        }
    }
}

/// Shows the progress of one installation until it is dropped. Everything else that is said meanwhile
/// goes through it, so that the line is out of the way.
pub struct Display {
    shared: Arc<Shared>,
}

impl Display {
    pub fn new(invocation: &Invocation<'_>) -> Self {
        Self {
            shared: Arc::new(Shared {
                mode: Mode::of(invocation),
                terminal: invocation.terminal.clone(),
                work: Mutex::default(),
                bytes: work::Bytes::default(),
                screen: Mutex::default(),
                is_over: Mutex::new(false),
                ends: Condvar::new(),
                looker: OnceLock::new(),
                is_stale: AtomicBool::new(false),
                notices: Mutex::default(),
            }),
        }
    }

    /// What the registry client tells.
    pub fn hook(&self) -> Arc<dyn Progress> {
        Arc::new(Hook(Arc::clone(&self.shared)))
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        *locked(&self.shared.is_over) = true;
        self.shared.ends.notify_all();
        let looker = self.shared.looker.get().and_then(|looker| locked(looker).take());
        if let Some(looker) = looker {
            // A look that panicked has nothing to say.
            let _ = looker.join();
        }
        locked(&self.shared.screen).wipe();
    }
}

impl Reporter for Display {
    fn report(&self, event: Event<'_>) {
        let shared = &self.shared;
        match event {
            Event::Step(step) => {
                locked(&shared.screen).is_lent = false;
                shared.change(|work| work.enter(step));
            }
            Event::ScriptStarted { .. } => {
                // The terminal is the script's until something else begins.
                let mut screen = locked(&shared.screen);
                screen.wipe();
                screen.is_lent = true;
                shared.terminal.report(event);
            }
            event => shared.aside(|terminal| terminal.report(event)),
        }
    }
}

/// The line on standard error.
#[derive(Default)]
struct Screen {
    shown: String,
    /// Whether a script has the terminal.
    is_lent: bool,
}

impl Screen {
    /// Lines are not wrapped while it is written: what is too long is cut off by the terminal.
    fn show(&mut self, line: String) {
        if self.is_lent || line == self.shown {
            return;
        }
        let mut stream = std::io::stderr().lock();
        let _ = stream.write_all(format!("\r\u{1b}[?7l{line}\u{1b}[K\u{1b}[?7h").as_bytes());
        self.shown = line;
    }

    fn wipe(&mut self) {
        if !self.shown.is_empty() {
            let _ = std::io::stderr().lock().write_all(b"\r\x1b[K");
            self.shown.clear();
        }
    }
}

struct Shared {
    mode: Mode,
    terminal: Terminal,
    work: Mutex<Work>,
    bytes: work::Bytes,
    screen: Mutex<Screen>,
    is_over: Mutex<bool>,
    ends: Condvar,
    looker: OnceLock<Mutex<Option<JoinHandle<()>>>>,
    is_stale: AtomicBool,
    notices: Mutex<BTreeSet<String>>,
}

impl Shared {
    /// Says something with the line out of the way.
    fn aside(&self, say: impl FnOnce(&Terminal)) {
        let mut screen = locked(&self.screen);
        screen.wipe();
        say(&self.terminal);
    }

    /// Whether the client's word is of interest; if so, somebody looks at it from now on.
    fn listens(self: &Arc<Self>) -> bool {
        let is_shown = self.mode != Mode::Nothing;
        if is_shown {
            self.looker.get_or_init(|| {
                let shared = Arc::clone(self);
                let look = move || shared.look();
                // Without the thread nothing is shown, and nothing else is lost.
                Mutex::new(std::thread::Builder::new().name("progress".to_owned()).spawn(look).ok())
            });
        }
        is_shown
    }

    fn change(self: &Arc<Self>, change: impl FnOnce(&mut Work)) {
        if self.listens() {
            change(&mut locked(&self.work));
        }
    }

    fn look(&self) {
        let mut pause = if self.mode == Mode::Line { FIRST_LOOK } else { BETWEEN_LINES };
        while !self.ended_within(pause) {
            let now = Instant::now();
            if self.mode == Mode::Line {
                let line = locked(&self.work).line(&self.bytes, now);
                locked(&self.screen).show(line);
                pause = BETWEEN_LOOKS;
            } else {
                let slow = locked(&self.work).slow(now);
                slow.inspect(|slow| self.terminal.notice(slow));
            }
        }
    }

    fn ended_within(&self, pause: Duration) -> bool {
        let is_over = locked(&self.is_over);
        let waited = self.ends.wait_timeout_while(is_over, pause, |is_over| !*is_over);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// The registry client's side of it.
struct Hook(Arc<Shared>);

impl Progress for Hook {
    fn stage(&self, id: RequestId, request: &RequestInfo, stage: Stage) {
        self.0.change(|work| work.stage(id, request, stage, Instant::now()));
    }

    fn received(&self, _: RequestId, bytes: usize) {
        self.0.bytes.add(bytes);
    }

    fn retrying(&self, id: RequestId, error: &RegistryError, attempt: u32, delay: Duration) {
        self.0.change(|work| work.retrying(id, attempt));
        if self.0.terminal.level >= LogLevel::Info {
            let text = format!("{error}; attempt {} in {} ms", attempt + 1, delay.as_millis());
            self.0.aside(|terminal| terminal.inform(&text));
        }
    }

    fn finished(&self, id: RequestId) {
        self.0.change(|work| work.finished(id));
    }

    /// The first is a warning: the others have the same cause.
    fn stale(&self, package: &str, error: &RegistryError) {
        let text = format!("the registry could not be asked about {package}; what the cache has is used");
        self.0.aside(|terminal| match self.0.is_stale.swap(true, Ordering::Relaxed) {
            false => {
                terminal.warn(&Diagnostic::warning("ESTALE", text).with_cause(error.to_string()));
            }
            true => terminal.inform(&text),
        });
    }

    fn not_kept(&self, path: &Path, error: &std::io::Error) {
        let text = format!("could not write {}: {error}", path.display());
        self.0.aside(|terminal| terminal.inform(&text));
    }

    fn notice(&self, text: &str) {
        if locked(&self.0.notices).insert(text.to_owned()) {
            self.0.aside(|terminal| terminal.notice(text));
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
