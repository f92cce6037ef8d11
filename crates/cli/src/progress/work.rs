//! What an installation is doing, counted from what the registry client and the installation tell, and
//! said in a line.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use package_manager::Step;
use registry_client::{RequestId, RequestInfo, Stage};

/// From here on a request is named.
const SLOW: Duration = Duration::from_secs(2);

/// Bytes received; counted for every piece of every body, so without a lock.
#[derive(Debug, Default)]
pub struct Bytes(AtomicU64);

impl Bytes {
    pub fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Packument,
    Tarball,
    Other,
}

impl Kind {
    /// A tarball's package is `name@version`, a packument's `name`.
    fn of(request: &RequestInfo) -> Self {
        match request.package.as_deref() {
            Some(package) if package.get(1..).is_some_and(|rest| rest.contains('@')) => Self::Tarball,
            Some(_) => Self::Packument,
            None => Self::Other,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Packument => " (packument)",
            Self::Tarball => " (tarball)",
            Self::Other => "",
        }
    }
}

#[derive(Debug)]
struct Open {
    kind: Kind,
    /// The package, else the URL.
    about: Arc<str>,
    /// Since it left the queue for the first time: waiting for its turn is not its own slowness.
    since: Option<Instant>,
    is_receiving: bool,
    failed: u32,
}

#[derive(Debug, Default)]
enum Doing {
    #[default]
    Resolving,
    Filling,
    Script(String),
    Finishing,
}

/// The state of an installation.
#[derive(Debug, Default)]
pub struct Work {
    doing: Doing,
    open: HashMap<RequestId, Open>,
    packuments: usize,
    tarballs: usize,
    tarballs_done: usize,
}

impl Work {
    pub fn enter(&mut self, step: Step<'_>) {
        self.doing = match step {
            Step::Resolving => Doing::Resolving,
            Step::Filling => Doing::Filling,
            Step::Script { package, event } => Doing::Script(format!("running {event} of {package}")),
            Step::Finishing => Doing::Finishing,
        };
    }

    pub fn stage(&mut self, id: RequestId, request: &RequestInfo, stage: Stage, now: Instant) {
        let open = self.open.entry(id).or_insert_with(|| {
            let kind = Kind::of(request);
            match kind {
                Kind::Packument => self.packuments += 1,
                Kind::Tarball => self.tarballs += 1,
                Kind::Other => {}
            }
            let about = request.package.clone().unwrap_or_else(|| Arc::clone(&request.url));
            Open { kind, about, since: None, is_receiving: false, failed: 0 }
        });
        if stage != Stage::Queued {
            open.since.get_or_insert(now);
        }
        open.is_receiving = matches!(stage, Stage::Receiving(_));
    }

    pub fn retrying(&mut self, id: RequestId, failed: u32) {
        if let Some(open) = self.open.get_mut(&id) {
            open.failed = failed;
            open.is_receiving = false;
        }
    }

    pub fn finished(&mut self, id: RequestId) {
        let done = self.open.remove(&id);
        self.tarballs_done += usize::from(done.is_some_and(|open| open.kind == Kind::Tarball));
    }

    /// *Shape*: `fetching 3 of 12 packages, 4.5 MB; waiting for react (packument) 3 s`.
    pub fn line(&self, bytes: &Bytes, now: Instant) -> String {
        let mut line = match &self.doing {
            Doing::Resolving if self.packuments == 0 => "resolving".to_owned(),
            Doing::Resolving => format!("resolving {}", packages(self.packuments)),
            Doing::Filling if self.tarballs_done < self.tarballs => {
                format!("fetching {} of {}", self.tarballs_done, packages(self.tarballs))
            }
            Doing::Filling => "linking".to_owned(),
            Doing::Script(text) => text.clone(),
            Doing::Finishing => "finishing".to_owned(),
        };
        if matches!(self.doing, Doing::Resolving) && self.tarballs > 0 {
            let _ = write!(line, ", fetched {} of {}", self.tarballs_done, self.tarballs);
        }
        if matches!(self.doing, Doing::Resolving | Doing::Filling) && !self.open.is_empty() {
            line.push_str(&size(bytes.0.load(Ordering::Relaxed)));
        }
        if let Some(slow) = self.slow(now) {
            let _ = write!(line, "; {slow}");
        }
        line
    }

    /// The request that has been under way longest, once that is long.
    ///
    /// *Shape*: `waiting for react (packument) 3 s`, `receiving typescript@5.9.3 (tarball) 12 s, attempt 2`.
    pub fn slow(&self, now: Instant) -> Option<String> {
        let (since, open) = self
            .open
            .values()
            .filter_map(|open| Some((open.since?, open)))
            .min_by_key(|(since, _)| *since)?;
        let waited = now.saturating_duration_since(since);
        if waited < SLOW {
            return None;
        }
        let verb = if open.is_receiving { "receiving" } else { "waiting for" };
        let mut text = format!("{verb} {}{} {} s", open.about, open.kind.word(), waited.as_secs());
        if open.failed > 0 {
            let _ = write!(text, ", attempt {}", open.failed + 1);
        }
        // Names come from registries; what is no text must not reach the terminal.
        text.retain(|character| !character.is_control());
        Some(text)
    }
}

fn packages(count: usize) -> String {
    if count == 1 { "1 package".to_owned() } else { format!("{count} packages") }
}

/// Decimal units, as npm has them.
#[expect(clippy::cast_precision_loss, reason = "one digit behind the point is shown")]
fn size(bytes: u64) -> String {
    match bytes {
        0 => String::new(),
        1..1_000_000 => format!(", {} kB", bytes.div_ceil(1000)),
        _ => format!(", {:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests;
