//! Requests that want a second factor.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http::Method;
use registry_client::{
    AccountHolder, ApiBody, ApiRequest, ClientOptions, RegistryClient, RequestInfo, Secret, Visit,
    VisitPurpose, WebSession,
};
use serde_json::json;
use url::Url;

use crate::support::{Reply, Server, options};

/// Answers one code after the other, and remembers the pages it was shown.
#[derive(Default)]
struct Person {
    codes: Mutex<Vec<&'static str>>,
    asked: AtomicUsize,
    pages: Mutex<Vec<(String, VisitPurpose)>>,
    absent: bool,
    leaves: Arc<AtomicUsize>,
}

struct Leaving(Arc<AtomicUsize>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl AccountHolder for Person {
    fn one_time_password(&self, _request: &RequestInfo) -> Option<Secret> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.codes.lock().unwrap().pop().map(Secret::new)
    }

    fn visit(&self, page: &Url, purpose: VisitPurpose) -> Option<Visit> {
        self.pages.lock().unwrap().push((page.to_string(), purpose));
        (!self.absent).then(|| Box::new(Leaving(self.leaves.clone())) as Visit)
    }
}

fn client(server: &Server, person: &Arc<Person>) -> RegistryClient {
    let options = ClientOptions { account_holder: Some(person.clone()), ..options(server) };
    RegistryClient::new(options).unwrap()
}

fn put() -> ApiRequest {
    ApiRequest { body: ApiBody::Json(json!({ "a": 1 })), ..ApiRequest::new(Method::PUT, "/thing") }
}

/// Takes 123456 alone.
async fn strict() -> Server {
    Server::start(|asked| match asked.header("npm-otp") {
        Some("123456") => Reply::ok(asked.body.clone()),
        _ => Reply::new(401, "{}").header("www-authenticate", "OTP"),
    })
    .await
}

#[tokio::test]
async fn a_code_is_asked_for_once_and_used_for_what_follows() {
    let server = strict().await;
    let person = Arc::new(Person { codes: Mutex::new(vec!["123456"]), ..Default::default() });
    let client = client(&server, &person);
    assert_eq!(&client.request(&put()).await.unwrap().body[..], br#"{"a":1}"#);
    client.request(&ApiRequest::new(Method::DELETE, "/thing")).await.unwrap();
    assert_eq!(person.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn two_requests_at_a_time_ask_once() {
    let server = strict().await;
    let person = Arc::new(Person { codes: Mutex::new(vec!["123456"]), ..Default::default() });
    let client = client(&server, &person);
    let (one, two) = (put(), put());
    let (one, two) = tokio::join!(client.request(&one), client.request(&two));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(person.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_mistyped_code_is_asked_for_again_but_not_for_ever() {
    let server = strict().await;
    for (codes, asked, succeeds) in
        [(vec!["123456", "1"], 2, true), (vec!["9", "8", "7", "6", "5"], 3, false), (vec![], 1, false)]
    {
        let person = Arc::new(Person { codes: Mutex::new(codes), ..Default::default() });
        let outcome = client(&server, &person).request(&put()).await;
        assert_eq!(outcome.is_ok(), succeeds);
        assert_eq!(person.asked.load(Ordering::SeqCst), asked);
        assert!(outcome.err().is_none_or(|error| error.code() == "EOTP"));
    }
}

#[tokio::test]
async fn the_configured_code_is_sent_at_once_and_nobody_is_asked_without_a_person() {
    let server = strict().await;
    let configured = |code: &str| ClientOptions { otp: Some(Secret::new(code)), ..options(&server) };
    RegistryClient::new(configured("123456")).unwrap().request(&put()).await.unwrap();
    let refused = RegistryClient::new(configured("1")).unwrap().request(&put()).await.unwrap_err();
    assert_eq!(refused.code(), "EOTP");
    assert!(refused.hint().unwrap().contains("--otp=<code>"));
}

/// Refuses with a session, whose page is visited until the second question.
async fn with_session(last: Reply) -> Server {
    Server::start(move |asked| {
        let host = format!("http://{}", asked.header("host").unwrap());
        match (asked.target.as_str(), asked.header("npm-otp")) {
            ("/done", _) if asked.number == 1 => Reply::new(202, "{}").header("retry-after", "1"),
            ("/done", _) => last.clone(),
            (_, Some("fr0m-web")) => Reply::ok("{}"),
            _ => {
                let body = json!({ "authUrl": format!("{host}/page"), "doneUrl": format!("{host}/done") });
                Reply::new(401, body.to_string()).header("www-authenticate", "OTP")
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_page_is_shown_until_the_registry_has_the_token() {
    let server = with_session(Reply::ok(r#"{"token":"fr0m-web"}"#)).await;
    let person = Arc::new(Person::default());
    client(&server, &person).request(&put()).await.unwrap();
    let page = (server.url("/page").to_string(), VisitPurpose::SecondFactor);
    assert_eq!(*person.pages.lock().unwrap(), [page]);
    assert_eq!(person.leaves.load(Ordering::SeqCst), 1);
    assert_eq!(person.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_session_without_an_outcome_is_an_error() {
    let rows = [
        (Reply::new(404, "{}"), "E404"),
        (Reply::ok("{}"), "EINVALIDRESPONSE"),
        (Reply::ok("no JSON"), "EINVALIDRESPONSE"),
        (Reply::new(204, ""), "EINVALIDRESPONSE"),
    ];
    for (last, code) in rows {
        let server = with_session(last).await;
        let error = client(&server, &Arc::new(Person::default())).request(&put()).await.unwrap_err();
        assert_eq!(error.code(), code);
    }
}

#[tokio::test]
async fn where_nobody_can_visit_the_page_the_error_names_it() {
    let server = with_session(Reply::ok("{}")).await;
    let person = Arc::new(Person { absent: true, ..Default::default() });
    let error = client(&server, &person).request(&put()).await.unwrap_err();
    assert_eq!(error.code(), "EOTP");
    assert!(error.hint().unwrap().contains(server.url("/page").as_str()), "{:?}", error.hint());
    assert!(!error.to_string().contains("/done"), "{error}");
}

#[tokio::test]
async fn a_login_session_answers_its_token() {
    let server = with_session(Reply::ok(r#"{"token":"l0gin"}"#)).await;
    let person = Arc::new(Person::default());
    let session = WebSession::new(server.url("/page").as_str(), server.url("/done").as_str()).unwrap();
    let token = client(&server, &person).visit(&session, None, VisitPurpose::Login).await.unwrap();
    assert_eq!(token.reveal(), "l0gin");
    assert_eq!(person.pages.lock().unwrap()[0].1, VisitPurpose::Login);
}
