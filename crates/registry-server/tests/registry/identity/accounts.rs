//! A registry with users, for the tests of everything that takes one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use registry_server::HostedOptions;
use registry_server::settings::Registration;
use serde_json::{Value, json};
use test_support::hosted::publication;
use test_support::plain_http::Answer;
use test_support::{FixturePackage, HostedRegistry, Keeping};

/// The password of every user here but the first administrator.
pub const PASSWORD: &str = "correct horse";

/// A registry that lets people make accounts, and whose clock can be moved.
pub struct Accounts {
    pub registry: HostedRegistry,
    start: Timestamp,
    seconds: Arc<AtomicI64>,
}

impl Accounts {
    pub fn start() -> Accounts {
        Accounts::with(|_| {})
    }

    /// With other options than usual.
    pub fn with(change: impl FnOnce(&mut HostedOptions)) -> Accounts {
        Accounts::keeping(Keeping::Embedded, change)
    }

    /// Kept in some way, and with other options than usual.
    pub fn keeping(keeping: Keeping, change: impl FnOnce(&mut HostedOptions)) -> Accounts {
        let seconds = Arc::new(AtomicI64::new(0));
        let moved = seconds.clone();
        let start = Timestamp::now();
        let registry = HostedRegistry::keeping(keeping, |options| {
            options.everyone = None;
            options.accounts.access.registration = Registration::Open;
            options.clock =
                Arc::new(move || start + SignedDuration::from_secs(moved.load(Ordering::Relaxed)));
            change(options);
        });
        Accounts { registry, start, seconds }
    }

    /// What the registry's clock shows, which stands still unless it is moved.
    pub fn now(&self) -> Timestamp {
        self.start + SignedDuration::from_secs(self.seconds.load(Ordering::Relaxed))
    }

    /// Moves the registry's clock.
    pub fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Sends the body of a login.
    pub fn log_in(&self, user: &str, password: &str, headers: &[(&str, &str)]) -> Answer {
        let path = format!("/-/user/org.couchdb.user:{user}");
        let body = json!({ "_id": format!("org.couchdb.user:{user}"), "name": user, "password": password });
        self.registry.send_with(headers, "PUT", &path, &body)
    }

    /// A new user's token.
    #[track_caller]
    pub fn user(&self, name: &str) -> String {
        let path = format!("/-/user/org.couchdb.user:{name}");
        let body = json!({ "name": name, "password": PASSWORD, "email": format!("{name}@example.com") });
        token(&self.registry.send("PUT", &path, &body))
    }

    /// A token of the first administrator.
    #[track_caller]
    pub fn administrator(&self) -> String {
        let administrator = self.registry.administrator().expect("a first start");
        token(&self.log_in(&administrator.name, administrator.password.reveal(), &[]))
    }

    #[track_caller]
    pub fn get(&self, token: &str, path: &str) -> Answer {
        self.call(token, "GET", path, &Value::Null)
    }

    /// A request with a token, none for the empty text.
    #[track_caller]
    pub fn call(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        match token {
            "" => self.registry.send(method, path, body),
            token => self.registry.send_as(token, method, path, body),
        }
    }

    /// Publishes as npm does.
    #[track_caller]
    pub fn publish(&self, token: &str, package: &FixturePackage) -> Answer {
        let path = format!("/{}", package.name().replace('/', "%2f"));
        self.call(token, "PUT", &path, &publication(package))
    }

    /// A status, and what is said where it is an error.
    #[track_caller]
    pub fn check(&self, rows: &[(&str, &str, &str, Value, u16)]) {
        for (token, method, path, body, expected) in rows {
            let answer = self.call(token, method, path, body);
            assert_eq!(answer.status, *expected, "{method} {path} {body}: {}", answer.text());
        }
    }
}

/// The token in an answer.
#[track_caller]
pub fn token(answer: &Answer) -> String {
    assert!(matches!(answer.status, 200 | 201), "{}: {}", answer.status, answer.text());
    answer.json()["token"].as_str().expect("a token").to_owned()
}
