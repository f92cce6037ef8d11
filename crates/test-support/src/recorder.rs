//! A server on loopback that gives prepared answers and remembers every request with its body.
//!
//! For calls whose server side is not under test: an answer is found by method and path, whatever a registry
//! would say. What no answer was prepared for is 404.

use std::collections::HashMap;
use std::future::IntoFuture as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use http::HeaderMap;
use serde_json::Value;
use tokio::sync::oneshot;

/// A prepared answer.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    wanted: Option<(String, String)>,
}

impl Answer {
    /// An answer with a body of JSON.
    pub fn json(status: u16, body: &Value) -> Answer {
        Answer::new(status, body.to_string()).header("content-type", "application/json")
    }

    /// An answer with any body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status, headers: Vec::new(), body: body.into(), wanted: None }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Given only to requests whose header is this; such answers go before those for every request.
    #[must_use]
    pub fn to_header(mut self, name: &str, value: &str) -> Answer {
        self.wanted = Some((name.to_owned(), value.to_owned()));
        self
    }

    fn suits(&self, headers: &HeaderMap) -> bool {
        let Some((name, value)) = &self.wanted else { return false };
        headers.get(name).is_some_and(|found| found.as_bytes() == value.as_bytes())
    }
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path as it stood in the request line, with its query.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl RecordedRequest {
    /// `METHOD path`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A header's value, where it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON; null for an empty one.
    #[track_caller]
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

#[derive(Default)]
struct Prepared {
    /// By method and path; the last of several is given again and again.
    answers: HashMap<(String, String), Vec<Answer>>,
    requests: Vec<RecordedRequest>,
}

impl Prepared {
    fn answer(&mut self, request: &RecordedRequest) -> Answer {
        let path = request.path.split('?').next().unwrap_or_default();
        let keys = [&request.path, path].map(|path| (request.method.clone(), path.to_owned()));
        let found = keys.into_iter().find(|key| self.answers.contains_key(key));
        let Some(answers) = found.and_then(|key| self.answers.get_mut(&key)) else {
            return Answer::new(404, r#"{"error":"Not found"}"#);
        };
        if let Some(suited) = answers.iter().find(|answer| answer.suits(&request.headers)) {
            return suited.clone();
        }
        let mut plain = answers.iter().enumerate().filter(|(_, answer)| answer.wanted.is_none());
        match (plain.next().map(|(at, _)| at), plain.next()) {
            (Some(at), Some(_)) => answers.remove(at),
            (Some(at), None) => answers[at].clone(),
            (None, _) => Answer::new(404, r#"{"error":"Not found"}"#),
        }
    }
}

/// The server; stops when dropped.
pub struct Recorder {
    address: SocketAddr,
    prepared: Arc<Mutex<Prepared>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// A server without answers.
    pub fn start() -> Recorder {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        listener.set_nonblocking(true).expect("a socket that does not block");
        let address = listener.local_addr().expect("the address of the socket");
        let prepared = Arc::new(Mutex::default());
        let router = axum::Router::new().fallback(answer).with_state(prepared.clone());
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || serve(listener, router, stopped));
        Recorder { address, prepared, stop: Some(stop), thread: Some(thread) }
    }

    /// Prepares an answer. `path` is as in the request line; without a query it stands for every query. Answers
    /// to the same request are given one after the other, the last one again and again.
    pub fn answer(&self, method: &str, path: &str, answer: Answer) -> &Recorder {
        let key = (method.to_owned(), path.to_owned());
        lock(&self.prepared).answers.entry(key).or_default().push(answer);
        self
    }

    /// Its address with a slash at the end, as `registry=` wants it.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Its host and port, as keys of `.npmrc` want them.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Takes the requests so far, in the order they came in.
    pub fn take_requests(&self) -> Vec<RecordedRequest> {
        std::mem::take(&mut lock(&self.prepared).requests)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server thread has been printed by itself.
            let _ = thread.join();
        }
    }
}

async fn answer(State(prepared): State<Arc<Mutex<Prepared>>>, request: Request) -> Response {
    const MAX_BODY: usize = 64 << 20;
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let method = head.method.to_string();
    let request = RecordedRequest { method, path, headers: head.headers, body: body.to_vec() };
    let answer = {
        let mut prepared = lock(&prepared);
        let answer = prepared.answer(&request);
        prepared.requests.push(request);
        answer
    };
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).expect("a valid answer")
}

fn serve(listener: TcpListener, router: axum::Router, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        tokio::select! {
            served = axum::serve(listener, router).into_future() => served.expect("a working listener"),
            _ = stopped => {}
        }
    });
    runtime.shutdown_background();
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
