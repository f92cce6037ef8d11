//! Having a module: by the lock and the cache where they know it, else from the network, and then pinned.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use module_syntax::static_imports;
use url::Url;

use crate::address;
use crate::cache::Cache;
use crate::error::ImportError;
use crate::integrity::Integrity;
use crate::lock::{self, Pin, Pins};

/// As many as browsers follow.
const MAX_REDIRECTS: usize = 20;

/// Speaks HTTP.
pub trait Network: Send + Sync {
    /// Gets `urls`, several at a time, and hands what comes to `take`, which answers the URLs to get next. Redirects are
    /// answers. Ends when all have come.
    fn fetch(&self, urls: Vec<Url>, take: Taker<'_>);
}

/// Keeps what came for a URL, and says what to get next.
pub type Taker<'a> = &'a mut dyn FnMut(&Url, Result<Answer, ImportError>) -> Vec<Url>;

/// What a server said.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// The header `content-type`.
    pub content_type: Option<String>,
    /// The header `location`.
    pub location: Option<String>,
    pub body: Vec<u8>,
}

/// What may be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// What is not pinned yet is fetched and pinned.
    Pin,
    /// Only what is pinned is imported.
    Frozen,
    /// Everything is fetched again once, and pinned anew.
    Reload,
}

/// Where things are kept.
#[derive(Clone, Debug)]
pub struct Places {
    /// The folder of the cache.
    pub cache: PathBuf,
    /// The lock's file, which need not be there.
    pub lock: PathBuf,
}

/// A module's source.
#[derive(Clone, Debug)]
pub struct RemoteModule {
    /// Where it was found: the last of its redirects, without a fragment.
    pub url: String,
    /// The media type without parameters, in lower case; empty where the server gave none.
    pub media_type: String,
    pub source: Vec<u8>,
}

/// The network imports of one process.
pub struct NetworkImports {
    network: Box<dyn Network>,
    cache: Cache,
    places: Places,
    mode: Mode,
    is_offline: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pins: Pins,
    /// With [`Mode::Reload`]: what this process has fetched.
    reloaded: BTreeSet<String>,
    /// What went wrong ahead of its import, told when it is imported.
    failed: BTreeMap<String, ImportError>,
}

impl NetworkImports {
    /// Reads the lock.
    ///
    /// # Errors
    /// A lock that is none.
    pub fn open(
        network: Box<dyn Network>,
        places: Places,
        mode: Mode,
        is_offline: bool,
    ) -> Result<NetworkImports, ImportError> {
        let state = State { pins: lock::read(&places.lock)?, ..State::default() };
        let cache = Cache::new(places.cache.join("sha512"));
        Ok(NetworkImports { network, cache, places, mode, is_offline, state: Mutex::new(state) })
    }

    /// The module at `url`. Blocks while it is fetched, together with what it imports statically.
    ///
    /// # Errors
    /// As [`ImportError`] has them.
    pub fn load(&self, url: &str) -> Result<RemoteModule, ImportError> {
        let first = address::parse(url)?;
        let mut at = first.clone();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..=MAX_REDIRECTS {
            let key = at.to_string();
            if let Some(error) = state.failed.remove(&key) {
                return Err(error);
            }
            let found = match self.pinned(&state, &key) {
                Some(pin) => self.found(&key, pin),
                None => None,
            };
            let found = match found {
                Some(found) => found,
                None => {
                    self.crawl(&mut state, &at)?;
                    let pin = self.pinned(&state, &key).and_then(|pin| self.found(&key, pin));
                    pin.ok_or_else(|| unkept(&key))?
                }
            };
            match found {
                Found::Module(module) => return Ok(module),
                // what a lock says is checked as what a server says
                Found::Redirect(to) => at = address::redirected(&at, &to)?,
            }
        }
        let problem = format!("it redirects more than {MAX_REDIRECTS} times");
        Err(ImportError::BadResponse { url: first.into(), problem })
    }

    /// Has a module fetched for a [`load`](Self::load) to come, which tells what goes wrong. Blocks as that does.
    pub fn fetch(&self, url: &str) {
        if let Err(error) = self.load(url)
            && let Ok(url) = address::parse(url)
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.failed.insert(url.into(), error);
        }
    }

    /// Whether [`load`](Self::load) would answer without the network.
    pub fn is_at_hand(&self, url: &str) -> bool {
        let Ok(mut at) = address::parse(url) else { return true };
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..=MAX_REDIRECTS {
            match self.pinned(&state, at.as_str()) {
                Some(Pin::Content { integrity, .. }) => return self.cache.has(integrity),
                Some(Pin::Redirect(to)) => match address::redirected(&at, to) {
                    Ok(to) => at = to,
                    Err(_) => return true,
                },
                None => return false,
            }
        }
        true
    }

    fn pinned<'s>(&self, state: &'s State, url: &str) -> Option<&'s Pin> {
        let is_valid = self.mode != Mode::Reload || state.reloaded.contains(url);
        state.pins.get(url).filter(|_| is_valid)
    }

    fn found(&self, url: &str, pin: &Pin) -> Option<Found> {
        match pin {
            Pin::Redirect(to) => Some(Found::Redirect(to.clone())),
            Pin::Content { integrity, media_type } => Some(Found::Module(RemoteModule {
                url: url.to_owned(),
                media_type: media_type.clone(),
                source: self.cache.read(integrity)?,
            })),
        }
    }

    /// Fetches a module and, while at it, the modules that it imports statically, as they will be asked for next. All
    /// are pinned; what goes wrong with those others is told when they are asked for.
    fn crawl(&self, state: &mut State, root: &Url) -> Result<(), ImportError> {
        self.check(state, root)?;
        let mut crawl =
            Crawl { imports: self, state, seen: BTreeSet::new(), fresh: Pins::new(), broken: None };
        crawl.seen.insert(root.to_string());
        self.network.fetch(vec![root.clone()], &mut |url, answer| crawl.take(url, answer));
        let Crawl { fresh, broken, .. } = crawl;
        if !fresh.is_empty() {
            let guard = self.places.cache.join("guard");
            let pins = lock::add(&self.places.lock, &guard, &fresh, self.mode == Mode::Reload)?;
            // another process may have pinned something else meanwhile
            for (url, pin) in &fresh {
                let theirs = pins.get(url).unwrap_or(pin);
                if theirs != pin && self.mode != Mode::Reload {
                    state.failed.insert(url.clone(), self.changed(url, theirs, pin));
                }
            }
            state.pins = pins;
        }
        broken.or_else(|| state.failed.remove(root.as_str())).map_or(Ok(()), Err)
    }

    /// Whether a URL may be fetched now.
    fn check(&self, state: &State, url: &Url) -> Result<(), ImportError> {
        if self.is_offline {
            return Err(ImportError::NotCached { url: url.to_string() });
        }
        if self.mode == Mode::Frozen && !state.pins.contains_key(url.as_str()) {
            return Err(ImportError::NotPinned { url: url.to_string(), lock: self.places.lock.clone() });
        }
        Ok(())
    }

    fn changed(&self, url: &str, expected: &Pin, found: &Pin) -> ImportError {
        let told = |pin: &Pin| match pin {
            Pin::Content { integrity, .. } => integrity.to_string(),
            Pin::Redirect(to) => format!("a redirect to {to}"),
        };
        ImportError::Changed {
            url: url.to_owned(),
            lock: self.places.lock.clone(),
            expected: told(expected),
            found: told(found),
        }
    }
}

/// The cache gave back nothing of what was just put into it.
fn unkept(url: &str) -> ImportError {
    let problem = "what came was not found in the cache afterwards".to_owned();
    ImportError::BadResponse { url: url.to_owned(), problem }
}

enum Found {
    Module(RemoteModule),
    Redirect(String),
}

/// One visit to the network.
struct Crawl<'a> {
    imports: &'a NetworkImports,
    state: &'a mut State,
    seen: BTreeSet<String>,
    fresh: Pins,
    /// Nothing can be kept.
    broken: Option<ImportError>,
}

impl Crawl<'_> {
    /// Keeps what came, and answers what to get next.
    fn take(&mut self, url: &Url, answer: Result<Answer, ImportError>) -> Vec<Url> {
        match answer.and_then(|answer| self.keep(url, answer)) {
            Ok(next) => next.into_iter().filter(|next| self.is_wanted(next)).collect(),
            Err(error @ ImportError::Io { .. }) => {
                self.broken = Some(error);
                Vec::new()
            }
            Err(error) => {
                self.state.failed.insert(url.to_string(), error);
                Vec::new()
            }
        }
    }

    /// Whether a URL is still to be got. Seen from then on.
    fn is_wanted(&mut self, url: &Url) -> bool {
        let is_at_hand = match self.imports.pinned(self.state, url.as_str()) {
            Some(Pin::Content { integrity, .. }) => self.imports.cache.has(integrity),
            Some(Pin::Redirect(_)) => true,
            None => false,
        };
        !is_at_hand
            && self.broken.is_none()
            && self.imports.check(self.state, url).is_ok()
            && self.seen.insert(url.to_string())
    }

    fn keep(&mut self, url: &Url, answer: Answer) -> Result<Vec<Url>, ImportError> {
        let bad = |problem: String| ImportError::BadResponse { url: url.to_string(), problem };
        let (pin, next) = match answer.status {
            200 => {
                let integrity = Integrity::of(&answer.body);
                let media_type = essence(answer.content_type.as_deref().unwrap_or_default());
                let next = imports_of(url, &media_type, &answer.body);
                (Pin::Content { integrity, media_type }, next)
            }
            301 | 302 | 303 | 307 | 308 => {
                let location = answer.location.as_deref();
                let location =
                    location.ok_or_else(|| bad(format!("HTTP {} without a location", answer.status)))?;
                let to = address::redirected(url, location)?;
                (Pin::Redirect(to.to_string()), vec![to])
            }
            404 | 410 => return Err(ImportError::NotFound { url: url.to_string(), status: answer.status }),
            status => return Err(bad(format!("HTTP {status}"))),
        };
        let pinned = self.state.pins.get(url.as_str()).filter(|_| self.imports.mode != Mode::Reload);
        match pinned {
            Some(pinned) if !is_same(pinned, &pin) => {
                return Err(self.imports.changed(url.as_str(), pinned, &pin));
            }
            _ => {}
        }
        if let Pin::Content { integrity, .. } = &pin {
            self.imports.cache.write(integrity, &answer.body)?;
        }
        self.state.reloaded.insert(url.to_string());
        if pinned.is_none() {
            self.fresh.insert(url.to_string(), pin);
        }
        Ok(next)
    }
}

/// Whether a pin holds: the same content, whatever its media type is called by now.
fn is_same(pinned: &Pin, found: &Pin) -> bool {
    match (pinned, found) {
        (Pin::Content { integrity: a, .. }, Pin::Content { integrity: b, .. }) => a == b,
        (a, b) => a == b,
    }
}

/// A media type without its parameters.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Where the static imports of a module lead that are to be fetched.
fn imports_of(url: &Url, media_type: &str, body: &[u8]) -> Vec<Url> {
    let is_text = |part: &str| media_type.contains(part);
    let path = url.path();
    let is_typescript = is_text("typescript") || path.ends_with(".ts") || path.ends_with(".mts");
    let is_script = is_typescript || is_text("javascript") || path.ends_with(".js") || path.ends_with(".mjs");
    let Some(text) = std::str::from_utf8(body).ok().filter(|_| is_script) else { return Vec::new() };
    let to_url = |specifier: String| {
        let is_relative = ["/", "./", "../"].iter().any(|start| specifier.starts_with(start));
        let joined = if is_relative { url.join(&specifier) } else { Url::parse(&specifier) };
        let mut joined = joined.ok()?;
        joined.set_fragment(None);
        address::check(&joined).is_ok().then_some(joined)
    };
    static_imports(text, is_typescript).into_iter().filter_map(to_url).collect()
}
