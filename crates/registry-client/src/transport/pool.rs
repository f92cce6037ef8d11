//! Connections that are kept and shared.
//!
//! HTTP/2: few connections, many requests on each. HTTP/1.1: one request at a time, idle connections reused,
//! latest first. The number of requests is bounded by the caller; the pool never queues for a connection, but
//! lets the first one to an origin finish its handshake before others dial, because it may turn out to speak
//! HTTP/2 and serve them all.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::dial::{DialFailure, Dialer};
use super::proxy::Proxy;
use crate::credentials::ClientIdentity;

/// Bytes that a server may send on one stream before we have read them: a metadata document of usual size
/// never waits for us.
const STREAM_WINDOW: u32 = 2 << 20;
/// The same for a whole connection; the bound of what one connection can make us keep.
const CONNECTION_WINDOW: u32 = 32 << 20;
const MAX_FRAME: u32 = 64 << 10;
/// A silent HTTP/2 connection with requests on it is probed after this time, and dropped without an answer.
const PROBE_AFTER: Duration = Duration::from_secs(20);
/// Two connections let both cores decrypt; more only cost handshakes.
const MAX_HTTP2_CONNECTIONS: usize = 2;
/// Requests on one HTTP/2 connection before another is made.
const STREAMS_BEFORE_ANOTHER: usize = 16;
/// How often a request is sent again because a kept connection turned out to be closed.
const MAX_RESENDS: u32 = 2;

type Body = Full<Bytes>;

/// What two requests must have in common to share a connection.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct OriginKey {
    pub(crate) https: bool,
    /// Host name or address, without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) proxy: Option<Arc<Proxy>>,
    pub(crate) identity: Option<Arc<ClientIdentity>>,
}

/// Why a request has no answer.
#[derive(Debug)]
pub(crate) enum SendFailure {
    Dial(DialFailure),
    Lost {
        peer: String,
        source: hyper::Error,
    },
    /// The server stayed silent for as long as it may.
    Silent,
}

/// All connections of a client.
pub(crate) struct Pool {
    dialer: Dialer,
    /// How long a server may be silent before its answer.
    silence: Duration,
    origins: Mutex<HashMap<OriginKey, Arc<Origin>>>,
    /// The tasks that move bytes; aborted with the pool.
    tasks: Arc<Mutex<JoinSet<()>>>,
}

struct Origin {
    key: OriginKey,
    state: Mutex<State>,
    /// Held while the first connection is made.
    first: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    idle: Vec<http1::SendRequest<Body>>,
    shared: Vec<Shared>,
    /// Whether the origin has shown that it speaks HTTP/1.1 only.
    only_http1: bool,
    dialling_another: bool,
}

#[derive(Clone)]
struct Shared {
    sender: http2::SendRequest<Body>,
    /// Counts its own clones: the list's and one for each request under way.
    streams: Arc<()>,
    serial: usize,
}

enum Pick {
    Shared(Shared),
    /// An HTTP/2 connection that is so busy that another one should be made.
    Another(Shared, DiallingAnother),
    /// Possibly closed by now.
    Idle(http1::SendRequest<Body>),
    Nothing,
}

/// Marks that one more HTTP/2 connection is being made.
struct DiallingAnother(Arc<Origin>);

impl Drop for DiallingAnother {
    fn drop(&mut self) {
        self.0.lock().dialling_another = false;
    }
}

enum Connection {
    Http1 { sender: http1::SendRequest<Body>, reused: bool },
    Http2 { shared: Shared, reused: bool },
}

/// Keeps a connection for as long as its answer is read; gives it back when the answer was read to its end.
pub(crate) struct Lease {
    origin: Arc<Origin>,
    kept: Option<http1::SendRequest<Body>>,
    _stream: Option<Shared>,
}

impl Lease {
    /// The body has been read to its end: the connection can be used again.
    pub(crate) fn give_back(mut self) {
        if let Some(sender) = self.kept.take().filter(|sender| !sender.is_closed()) {
            self.origin.lock().idle.push(sender);
        }
    }

    /// `host:port`, for messages.
    pub(crate) fn peer(&self) -> String {
        self.origin.peer()
    }
}

impl Origin {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn peer(&self) -> String {
        format!("{}:{}", self.key.host, self.key.port)
    }

    /// What the connections made so far offer.
    fn pick(self: &Arc<Self>) -> Pick {
        let mut state = self.lock();
        state.shared.retain(|shared| !shared.sender.is_closed());
        let least_busy = state.shared.iter().min_by_key(|shared| Arc::strong_count(&shared.streams));
        let Some(best) = least_busy.cloned() else {
            return state.idle.pop().map_or(Pick::Nothing, Pick::Idle);
        };
        // the list's clone and the one just made are not requests
        let busy = Arc::strong_count(&best.streams) - 2 >= STREAMS_BEFORE_ANOTHER;
        if busy && state.shared.len() < MAX_HTTP2_CONNECTIONS && !state.dialling_another {
            state.dialling_another = true;
            return Pick::Another(best, DiallingAnother(self.clone()));
        }
        Pick::Shared(best)
    }

    fn forget(&self, serial: usize) {
        self.lock().shared.retain(|shared| shared.serial != serial);
    }
}

static SERIAL: AtomicUsize = AtomicUsize::new(0);

impl Pool {
    pub(crate) fn new(dialer: Dialer, silence: Duration) -> Self {
        Pool { dialer, silence, origins: Mutex::default(), tasks: Arc::default() }
    }

    /// Sends a request, again on another connection if a kept one turns out to be closed; a request that may
    /// not be repeated only when it was not sent. `build` gets whether the connection is HTTP/2.
    pub(crate) async fn send(
        &self,
        key: &OriginKey,
        repeatable: bool,
        build: &(dyn Fn(bool) -> Request<Body> + Sync),
    ) -> Result<(Response<Incoming>, Lease), SendFailure> {
        let origin = self.origin(key);
        let mut resends = 0;
        loop {
            let connection =
                self.checkout(&origin, resends == MAX_RESENDS).await.map_err(SendFailure::Dial)?;
            let exchanging = exchange(&origin, connection, build);
            let (reused, outcome) =
                timeout(self.silence, exchanging).await.map_err(|_| SendFailure::Silent)?;
            let (source, unsent) = match outcome {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            if !reused || resends == MAX_RESENDS || !(repeatable || unsent) {
                return Err(SendFailure::Lost { peer: origin.peer(), source });
            }
            resends += 1;
        }
    }

    fn origin(&self, key: &OriginKey) -> Arc<Origin> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(origin) = origins.get(key) {
            return origin.clone();
        }
        let origin = Arc::new(Origin {
            key: key.clone(),
            state: Mutex::default(),
            first: tokio::sync::Mutex::default(),
        });
        origins.insert(key.clone(), origin.clone());
        origin
    }

    async fn checkout(&self, origin: &Arc<Origin>, fresh: bool) -> Result<Connection, DialFailure> {
        if fresh {
            return self.connect(origin).await;
        }
        if let Some(kept) = self.kept(origin).await {
            return Ok(kept);
        }
        if !origin.key.https || origin.lock().only_http1 {
            return self.connect(origin).await;
        }
        let first = origin.first.lock().await;
        if let Some(kept) = self.kept(origin).await {
            return Ok(kept);
        }
        if origin.lock().only_http1 {
            drop(first);
        }
        self.connect(origin).await
    }

    async fn kept(&self, origin: &Arc<Origin>) -> Option<Connection> {
        loop {
            match origin.pick() {
                Pick::Shared(shared) => return Some(Connection::Http2 { shared, reused: true }),
                Pick::Another(busy, _dialling) => {
                    let busy = Connection::Http2 { shared: busy, reused: true };
                    return Some(self.connect(origin).await.unwrap_or(busy));
                }
                Pick::Idle(mut sender) => {
                    if sender.ready().await.is_ok() {
                        return Some(Connection::Http1 { sender, reused: true });
                    }
                }
                Pick::Nothing => return None,
            }
        }
    }

    async fn connect(&self, origin: &Arc<Origin>) -> Result<Connection, DialFailure> {
        let dialled = self.dialer.dial(&origin.key).await?;
        let io = TokioIo::new(dialled.io);
        let broken = |error: hyper::Error| DialFailure::Connect {
            peer: origin.peer(),
            source: std::io::Error::other(error),
        };
        if !dialled.http2 {
            let (sender, driver) = http1::handshake(io).await.map_err(broken)?;
            origin.lock().only_http1 = true;
            self.tasks().spawn(driver);
            return Ok(Connection::Http1 { sender, reused: false });
        }
        let (sender, driver) = http2::Builder::new(self.tasks())
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_frame_size(MAX_FRAME)
            .keep_alive_interval(PROBE_AFTER)
            .handshake(io)
            .await
            .map_err(broken)?;
        self.tasks().spawn(driver);
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let shared = Shared { sender, streams: Arc::new(()), serial };
        let mut state = origin.lock();
        state.only_http1 = false;
        state.shared.push(shared.clone());
        Ok(Connection::Http2 { shared, reused: false })
    }

    fn tasks(&self) -> Tasks {
        Tasks(Arc::downgrade(&self.tasks))
    }
}

type Failed = (hyper::Error, bool);

/// Sends on one connection. Answers whether the connection had been used before, and the failure with
/// whether the request stayed unsent.
async fn exchange(
    origin: &Arc<Origin>,
    connection: Connection,
    build: &(dyn Fn(bool) -> Request<Body> + Sync),
) -> (bool, Result<(Response<Incoming>, Lease), Failed>) {
    match connection {
        Connection::Http1 { mut sender, reused } => {
            let outcome = sender.try_send_request(build(false)).await;
            let answer = outcome.map_err(|mut failed| {
                let unsent = failed.take_message().is_some();
                (failed.into_error(), unsent)
            });
            let lease = Lease { origin: origin.clone(), kept: Some(sender), _stream: None };
            (reused, answer.map(|answer| (answer, lease)))
        }
        Connection::Http2 { mut shared, reused } => {
            let outcome = shared.sender.try_send_request(build(true)).await;
            let answer = outcome.map_err(|mut failed| {
                origin.forget(shared.serial);
                let unsent = failed.take_message().is_some();
                (failed.into_error(), unsent)
            });
            let lease = Lease { origin: origin.clone(), kept: None, _stream: Some(shared) };
            (reused, answer.map(|answer| (answer, lease)))
        }
    }
}

/// Spawns into the pool's set while the pool lives.
#[derive(Clone)]
struct Tasks(Weak<Mutex<JoinSet<()>>>);

impl Tasks {
    fn spawn<Output>(&self, task: impl Future<Output = Output> + Send + 'static) {
        if let Some(tasks) = self.0.upgrade() {
            let mut tasks = tasks.lock().unwrap_or_else(PoisonError::into_inner);
            while tasks.try_join_next().is_some() {}
            // how a connection ends is told to the requests on it
            tasks.spawn(async move { drop(task.await) });
        }
    }
}

impl<Task: Future<Output: Send> + Send + 'static> hyper::rt::Executor<Task> for Tasks {
    fn execute(&self, task: Task) {
        self.spawn(task);
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pool")
    }
}
