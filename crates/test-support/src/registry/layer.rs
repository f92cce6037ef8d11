//! What stands between the network and the registry: log, authorization, faults, pace, and answers that a test gives.

use std::collections::HashMap;
use std::io::Read as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use tokio::time::sleep;

use super::fault::FaultRule;
use super::network::Line;
use super::{Fault, LoggedRequest, NetworkLimits, Times, lock};

/// What a test has asked for, and what it can ask about.
#[derive(Default)]
pub(super) struct Control {
    faults: Mutex<Vec<FaultRule>>,
    requests: Mutex<Vec<LoggedRequest>>,
    authorization: Mutex<Option<String>>,
    line: Arc<Line>,
    advisories: Mutex<Option<Map<String, Value>>>,
    documents: Mutex<HashMap<String, Value>>,
}

const BUNDLES: &str = "/-/knit/v1/";
const BULK: &str = "/-/npm/v1/security/advisories/bulk";

impl Control {
    pub fn add_fault(&self, path: &str, fault: Fault, times: Times) {
        lock(&self.faults).push(FaultRule { path: path.into(), fault, times });
    }

    pub fn clear_faults(&self) {
        lock(&self.faults).clear();
    }

    pub fn set_advisories(&self, advisories: Map<String, Value>) {
        *lock(&self.advisories) = Some(advisories);
    }

    pub fn put_document(&self, path: &str, document: Value) {
        lock(&self.documents).insert(path.into(), document);
    }

    /// The answer that a test has given for a request, if it has.
    async fn given(&self, request: &mut Request) -> Option<Value> {
        let path = request.uri().path().to_owned();
        if request.method() == Method::GET {
            return lock(&self.documents).get(&path).cloned();
        }
        let advisories = lock(&self.advisories).clone().filter(|_| path == BULK)?;
        let is_packed = request.headers().get(header::CONTENT_ENCODING).is_some_and(|name| name == "gzip");
        let body = std::mem::take(request.body_mut()).collect().await.expect("a body").to_bytes();
        let mut text = body.to_vec();
        if is_packed {
            text.clear();
            MultiGzDecoder::new(&body[..]).read_to_end(&mut text).expect("gzip");
        }
        let asked: Map<String, Value> = serde_json::from_slice(&text).expect("names and versions");
        let known = advisories.into_iter().filter(|(name, _)| asked.contains_key(name));
        Some(Value::Object(known.collect()))
    }

    pub fn require_authorization(&self, authorization: &str) {
        *lock(&self.authorization) = Some(authorization.into());
    }

    pub fn limit(&self, limits: NetworkLimits) {
        self.line.limit(limits);
    }

    pub fn requests(&self) -> Vec<LoggedRequest> {
        lock(&self.requests).clone()
    }

    pub fn clear_requests(&self) {
        lock(&self.requests).clear();
    }

    /// Writes a request down; the answer's status follows under the returned index.
    fn log(&self, request: &Request) -> usize {
        let path = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
        let logged = LoggedRequest {
            method: request.method().to_string(),
            path,
            headers: request.headers().clone(),
            body: Bytes::new(),
            status: 0,
        };
        let mut requests = lock(&self.requests);
        requests.push(logged);
        requests.len() - 1
    }

    /// Writes down what a bundle is asked to have in it.
    async fn log_body(&self, index: usize, request: &mut Request) {
        if !request.uri().path().starts_with(BUNDLES) {
            return;
        }
        // a body that is cut off is the registry's to refuse
        let Ok(body) = std::mem::take(request.body_mut()).collect().await else { return };
        let body = body.to_bytes();
        *request.body_mut() = Body::from(body.clone());
        if let Some(request) = lock(&self.requests).get_mut(index) {
            request.body = body;
        }
    }

    fn log_status(&self, index: usize, status: StatusCode) {
        if let Some(request) = lock(&self.requests).get_mut(index) {
            request.status = status.as_u16();
        }
    }

    fn allows(&self, request: &Request) -> bool {
        let required = lock(&self.authorization);
        let given = request.headers().get(header::AUTHORIZATION);
        required.as_ref().is_none_or(|required| given.is_some_and(|given| given == required.as_str()))
    }

    fn take_fault(&self, path: &str) -> Option<Fault> {
        lock(&self.faults).iter_mut().find_map(|rule| rule.take(path))
    }
}

pub(super) fn wrap(router: Router, control: Arc<Control>) -> Router {
    router.layer(middleware::from_fn_with_state(control, answer))
}

async fn answer(State(control): State<Arc<Control>>, mut request: Request, next: Next) -> Response {
    let index = control.log(&request);
    control.log_body(index, &mut request).await;
    control.line.wait_latency().await;
    let fault = control.take_fault(request.uri().path());
    let given = control.given(&mut request).await;
    let response = if control.allows(&request) {
        misbehave(fault, given, request, next).await
    } else {
        error(StatusCode::UNAUTHORIZED)
    };
    control.log_status(index, response.status());
    let line = control.line.clone();
    response.map(|body| line.pace(body))
}

async fn misbehave(fault: Option<Fault>, given: Option<Value>, request: Request, next: Next) -> Response {
    match fault {
        None if given.is_some() => json(&given.unwrap_or_default()),
        None => next.run(request).await,
        Some(Fault::Delayed(duration)) => {
            sleep(duration).await;
            next.run(request).await
        }
        Some(Fault::Status(status)) => error(StatusCode::from_u16(status).expect("a status")),
        Some(Fault::TooManyRequests { retry_after }) => {
            let mut response = error(StatusCode::TOO_MANY_REQUESTS);
            response.headers_mut().insert(header::RETRY_AFTER, retry_after.into());
            response
        }
        Some(Fault::Redirected(location)) => {
            let mut response = error(StatusCode::FOUND);
            let location = HeaderValue::try_from(location).expect("an address");
            response.headers_mut().insert(header::LOCATION, location);
            response
        }
        Some(Fault::Replaced(bytes)) => Response::new(Body::from(bytes)),
        Some(Fault::Corrupted) => {
            let (response, body) = whole(next.run(request).await).await;
            let mut bytes = body.to_vec();
            let middle = bytes.len() / 2;
            if let Some(byte) = bytes.get_mut(middle) {
                *byte ^= 0xff;
            }
            response.map(|()| Body::from(bytes))
        }
        Some(Fault::Truncated { bytes }) => {
            let cut = stream::once(async {
                // The server writes out what it has when the body has nothing ready, and drops it on an error.
                tokio::task::yield_now().await;
                Err(std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "cut off on purpose"))
            });
            cut_short(next.run(request).await, bytes, cut).await
        }
        Some(Fault::Stalled { bytes }) => cut_short(next.run(request).await, bytes, stream::pending()).await,
    }
}

/// The answer with its true length in the headers, `bytes` of its body, and then `rest`.
async fn cut_short(
    response: Response,
    bytes: usize,
    rest: impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static,
) -> Response {
    let (mut response, body) = whole(response).await;
    response.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
    let start = body.slice(..bytes.min(body.len()));
    response.map(|()| Body::from_stream(stream::iter([Ok(start)]).chain(rest)))
}

async fn whole(response: Response) -> (Response<()>, Bytes) {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("the registry's own answer").to_bytes();
    (Response::from_parts(parts, ()), bytes)
}

fn json(document: &Value) -> Response {
    let mut response = Response::new(Body::from(document.to_string()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn error(status: StatusCode) -> Response {
    let mut response = Response::new(Body::from("{\"error\":\"on purpose\"}"));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
