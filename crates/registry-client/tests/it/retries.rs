//! What is tried again, how often, and what is said in the end.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use registry_client::{
    ApiRequest, ClientOptions, PackumentKind, Progress, RegistryClient, RegistryError, RequestId,
    RequestInfo, Stage, TimeoutPhase,
};

use crate::support::{Reply, Server, client, options};

async fn get(server: &Server) -> Result<(), RegistryError> {
    client(server).packument("x", PackumentKind::Full).await.map(drop)
}

#[tokio::test]
async fn statuses_are_tried_again_as_npm_does() {
    // status, requests made with two retries
    let rows = [
        (408, 3),
        (420, 3),
        (429, 3),
        (500, 3),
        (503, 3),
        (599, 3),
        (400, 1),
        (401, 1),
        (403, 1),
        (404, 1),
        (410, 1),
    ];
    for (status, requests) in rows {
        let server = Server::start(move |_| Reply::new(status, "{}")).await;
        let error = get(&server).await.unwrap_err();
        assert_eq!(error.code(), format!("E{status}"));
        assert_eq!(server.count(), requests, "{status}");
    }
}

#[tokio::test]
async fn a_retry_can_succeed() {
    let server = Server::start(|asked| Reply::new(if asked.number < 2 { 503 } else { 200 }, "{}")).await;
    get(&server).await.unwrap();
}

#[tokio::test]
async fn post_is_not_tried_again_but_put_is() {
    for (method, requests) in [(http::Method::POST, 1), (http::Method::PUT, 3), (http::Method::DELETE, 3)] {
        let server = Server::start(|_| Reply::new(503, "{}")).await;
        client(&server).request(&ApiRequest::new(method.clone(), "/-/x")).await.unwrap_err();
        assert_eq!(server.count(), requests, "{method}");
    }
}

#[tokio::test]
async fn a_longer_wait_than_we_are_willing_to_is_not_begun() {
    // the maximum in these tests is two milliseconds
    for (retry_after, requests) in [("0", 3), ("3600", 1), ("Fri, 31 Dec 2100 23:59:59 GMT", 1), ("soon", 3)]
    {
        let server = Server::start(move |_| Reply::new(429, "{}").header("retry-after", retry_after)).await;
        let error = get(&server).await.unwrap_err();
        assert_eq!(error.code(), "E429");
        assert_eq!(server.count(), requests, "{retry_after}");
    }
}

#[tokio::test]
async fn broken_transfers_are_tried_again() {
    let body = r#"{"name":"x"}"#;
    for broken in [Reply::dropped(), Reply::ok(body).cut_off(5), Reply::ok(body).cut_off(0)] {
        let once = broken.clone();
        let server =
            Server::start(move |asked| if asked.number == 0 { once.clone() } else { Reply::ok(body) }).await;
        get(&server).await.unwrap();
        let server = Server::start(move |_| broken.clone()).await;
        let error = get(&server).await.unwrap_err();
        assert_eq!(error.code(), "ECONNRESET", "{error}");
        assert_eq!(server.count(), 4, "one at once, two after a pause");
    }
}

#[tokio::test]
async fn a_cut_off_answer_says_how_much_came() {
    let server = Server::start(|_| Reply::ok(r#"{"name":"x"}"#).cut_off(5)).await;
    let error = get(&server).await.unwrap_err();
    assert!(error.to_string().ends_with("was cut off after 5 of 12 bytes"), "{error}");
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    for silent in [Reply::silent(), Reply::ok("{}").stalled(1)] {
        let server = Server::start(move |_| silent.clone()).await;
        let options = ClientOptions { fetch_timeout: Duration::from_millis(20), ..options(&server) };
        let client = RegistryClient::new(options).unwrap();
        let error = client.packument("x", PackumentKind::Full).await.unwrap_err();
        assert_eq!(error.code(), "ERR_SOCKET_TIMEOUT");
        assert!(matches!(error, RegistryError::Timeout { phase: TimeoutPhase::Answer, .. }));
        assert_eq!(server.count(), 3);
    }
}

#[tokio::test]
async fn nobody_there_is_refused() {
    let server = Server::start(|_| Reply::ok("{}")).await;
    let options = options(&server);
    drop(server);
    let client = RegistryClient::new(options).unwrap();
    let error = client.packument("x", PackumentKind::Full).await.unwrap_err();
    assert_eq!(error.code(), "ECONNREFUSED");
    assert!(error.hint().is_some_and(|hint| hint.contains("proxy")));
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_costs_no_retry() {
    let server = Server::start(|_| Reply::ok("{}").closing()).await;
    let options = ClientOptions {
        retry: registry_client::RetryOptions { retries: 0, ..options(&server).retry },
        ..options(&server)
    };
    let client = RegistryClient::new(options).unwrap();
    for name in ["a", "b", "c"] {
        client.packument(name, PackumentKind::Full).await.unwrap();
    }
    assert_eq!(server.last().connection, 2);
}

#[derive(Default)]
struct Events(Mutex<Vec<String>>);

impl Events {
    fn push(&self, event: String) {
        self.0.lock().unwrap().push(event);
    }
}

impl Progress for Events {
    fn stage(&self, id: RequestId, _: &RequestInfo, stage: Stage) {
        self.push(format!("{} {stage:?}", id.0));
    }
    fn received(&self, id: RequestId, bytes: usize) {
        self.push(format!("{} {bytes} bytes", id.0));
    }
    fn retrying(&self, id: RequestId, error: &RegistryError, attempt: u32, _: Duration) {
        self.push(format!("{} {} attempt {attempt}", id.0, error.code()));
    }
    fn finished(&self, id: RequestId) {
        self.push(format!("{} finished", id.0));
    }
    fn notice(&self, text: &str) {
        self.push(format!("notice: {text}"));
    }
}

#[tokio::test]
async fn progress_tells_the_story_of_a_request() {
    let server = Server::start(|asked| {
        Reply::new(if asked.number == 0 { 503 } else { 200 }, "{}").header("npm-notice", "hello")
    })
    .await;
    let events = Arc::new(Events::default());
    let progress: Arc<dyn Progress> = events.clone();
    let options = ClientOptions { progress: Some(progress), ..options(&server) };
    RegistryClient::new(options).unwrap().packument("x", PackumentKind::Full).await.unwrap();
    let expected = [
        "0 Queued",
        "0 Waiting",
        "0 2 bytes",
        "0 E503 attempt 1",
        "0 Queued",
        "0 Waiting",
        "notice: hello",
        "0 Receiving(Some(2))",
        "0 2 bytes",
        "0 finished",
    ];
    assert_eq!(events.0.lock().unwrap().as_slice(), expected);
}
