//! When the cache answers, when the registry is asked, and what survives accidents.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use registry_client::{
    ApiRequest, CachePolicy, ClientOptions, PackumentKind, Progress, RegistryClient, RegistryError,
};
use tempfile::TempDir;

use crate::support::{Reply, Server, StoppedClock, gzip, options};

const KIND: PackumentKind = PackumentKind::Abbreviated;

/// A cache that several commands share, each with a client of its own.
struct Commands {
    folder: TempDir,
    clock: StoppedClock,
}

impl Commands {
    fn new() -> Self {
        Commands { folder: TempDir::new().unwrap(), clock: StoppedClock::new() }
    }

    fn options(&self, server: &Server, cache_policy: CachePolicy) -> ClientOptions {
        ClientOptions {
            cache_directory: Some(self.folder.path().to_owned()),
            clock: self.clock.clock(),
            cache_policy,
            ..options(server)
        }
    }

    async fn get(&self, server: &Server, policy: CachePolicy) -> Result<String, RegistryError> {
        self.get_kind(server, policy, KIND).await
    }

    async fn get_kind(
        &self,
        server: &Server,
        policy: CachePolicy,
        kind: PackumentKind,
    ) -> Result<String, RegistryError> {
        let client = RegistryClient::new(self.options(server, policy)).unwrap();
        let packument = client.packument("lodash", kind).await?;
        client.flush().await;
        Ok(String::from_utf8(packument.text()).unwrap())
    }

    fn files(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { walk(&path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        walk(self.folder.path(), &mut found);
        found
    }
}

/// A registry whose packument has an ETag and is fresh for a minute; its text can be changed.
async fn registry(text: &Arc<Mutex<&'static str>>) -> Server {
    let text = text.clone();
    Server::start(move |asked| {
        let text = *text.lock().unwrap();
        let etag = format!("\"{}\"", text.len());
        let reply = if asked.header("if-none-match") == Some(&etag) {
            Reply::new(304, "")
        } else {
            Reply::ok(gzip(text.as_bytes())).header("content-encoding", "gzip")
        };
        reply.header("etag", &etag).header("cache-control", "public, max-age=60")
    })
    .await
}

#[tokio::test]
async fn what_is_fresh_is_used_and_what_is_stale_is_confirmed() {
    let text = Arc::new(Mutex::new(r#"{"a":1}"#));
    let (server, commands) = (registry(&text).await, Commands::new());
    let get = async || commands.get(&server, CachePolicy::Default).await.unwrap();
    assert_eq!(get().await, r#"{"a":1}"#);
    commands.clock.forward(59);
    assert_eq!(get().await, r#"{"a":1}"#);
    assert_eq!(server.count(), 1, "fresh");
    commands.clock.forward(1);
    assert_eq!(get().await, r#"{"a":1}"#);
    assert_eq!(server.count(), 2, "stale");
    assert_eq!(server.last().header("if-none-match"), Some("\"7\""));
    commands.clock.forward(59);
    get().await;
    assert_eq!(server.count(), 2, "fresh again after the confirmation");
    *text.lock().unwrap() = r#"{"a":22}"#;
    commands.clock.forward(1);
    assert_eq!(get().await, r#"{"a":22}"#);
    get().await;
    assert_eq!(server.count(), 3, "replaced, and fresh");
}

#[tokio::test]
async fn policies_decide_between_cache_and_registry() {
    use CachePolicy::{Default, Offline, PreferOffline, PreferOnline};
    // policy, age in seconds (none: nothing cached), requests made, whether it succeeds
    let rows = [
        (Default, None, 1, true),
        (Default, Some(0), 0, true),
        (Default, Some(600), 1, true),
        (PreferOffline, None, 1, true),
        (PreferOffline, Some(600), 0, true),
        (PreferOnline, None, 1, true),
        (PreferOnline, Some(0), 1, true),
        (Offline, None, 0, false),
        (Offline, Some(600), 0, true),
    ];
    for (policy, age, requests, succeeds) in rows {
        let text = Arc::new(Mutex::new("{}"));
        let (server, commands) = (registry(&text).await, Commands::new());
        if let Some(age) = age {
            commands.get(&server, Default).await.unwrap();
            commands.clock.forward(age);
        }
        let before = server.count();
        let outcome = commands.get(&server, policy).await;
        assert_eq!(server.count() - before, requests, "{policy:?} at {age:?}");
        match outcome {
            Ok(_) => assert!(succeeds),
            Err(error) => {
                assert!(!succeeds, "{error}");
                assert_eq!(error.code(), "ENOTCACHED");
                assert!(error.to_string().contains("lodash"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn a_damaged_entry_is_fetched_again() {
    let text = Arc::new(Mutex::new(r#"{"name":"lodash"}"#));
    let (server, commands) = (registry(&text).await, Commands::new());
    commands.get(&server, CachePolicy::Default).await.unwrap();
    let [file] = commands.files().try_into().unwrap();
    let whole = std::fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() - 5] ^= 1;
    for damaged in [&flipped[..], &whole[..whole.len() - 1], b""] {
        std::fs::write(&file, damaged).unwrap();
        let before = server.count();
        let offline = commands.get(&server, CachePolicy::Offline).await.unwrap_err();
        assert_eq!(offline.code(), "ENOTCACHED");
        assert_eq!(commands.get(&server, CachePolicy::Default).await.unwrap(), r#"{"name":"lodash"}"#);
        assert_eq!(server.count(), before + 1);
        assert_eq!(server.last().header("if-none-match"), None, "nothing is left to confirm");
        assert_eq!(std::fs::read(&file).unwrap(), whole, "and kept again");
    }
}

#[derive(Default)]
struct StaleNames(Mutex<Vec<String>>);

impl Progress for StaleNames {
    fn stale(&self, package: &str, error: &RegistryError) {
        self.0.lock().unwrap().push(format!("{package} {}", error.code()));
    }
}

#[tokio::test]
async fn in_an_outage_the_stale_entry_serves_and_is_reported() {
    for (cache_control, serves) in [("max-age=1", true), ("max-age=1, must-revalidate", false)] {
        let server = Server::start(move |asked| {
            let status = if asked.number == 0 { 200 } else { 503 };
            Reply::new(status, "{}").header("cache-control", cache_control)
        })
        .await;
        let commands = Commands::new();
        commands.get(&server, CachePolicy::Default).await.unwrap();
        commands.clock.forward(5);
        let heard = Arc::new(StaleNames::default());
        let progress: Arc<dyn Progress> = heard.clone();
        let options =
            ClientOptions { progress: Some(progress), ..commands.options(&server, CachePolicy::Default) };
        let outcome = RegistryClient::new(options).unwrap().packument("lodash", KIND).await;
        assert_eq!(outcome.is_ok(), serves, "{cache_control}");
        assert_eq!(heard.0.lock().unwrap().as_slice(), if serves { &["lodash E503"][..] } else { &[] });
    }
}

#[tokio::test]
async fn a_full_packument_serves_as_abbreviated_but_not_the_other_way() {
    let text = Arc::new(Mutex::new("{}"));
    let (server, commands) = (registry(&text).await, Commands::new());
    commands.get_kind(&server, CachePolicy::Default, PackumentKind::Abbreviated).await.unwrap();
    commands.get_kind(&server, CachePolicy::Default, PackumentKind::Full).await.unwrap();
    assert_eq!(server.count(), 2);
    let [one, other] = commands.files().try_into().unwrap();
    std::fs::remove_file(if one.to_string_lossy().contains("abbreviated") { one } else { other }).unwrap();
    commands.get_kind(&server, CachePolicy::Default, PackumentKind::Abbreviated).await.unwrap();
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn what_may_not_be_stored_is_not() {
    let server = Server::start(|_| Reply::ok("{}").header("cache-control", "no-store")).await;
    let commands = Commands::new();
    commands.get(&server, CachePolicy::Default).await.unwrap();
    assert!(commands.files().is_empty());
}

#[tokio::test]
async fn entries_of_two_registries_do_not_mix() {
    let one = Server::start(|_| Reply::ok(r#"{"r":1}"#).header("cache-control", "max-age=60")).await;
    let two = Server::start(|_| Reply::ok(r#"{"r":2}"#).header("cache-control", "max-age=60")).await;
    let commands = Commands::new();
    for _ in 0..2 {
        assert_eq!(commands.get(&one, CachePolicy::Default).await.unwrap(), r#"{"r":1}"#);
        assert_eq!(commands.get(&two, CachePolicy::Default).await.unwrap(), r#"{"r":2}"#);
    }
    assert_eq!((one.count(), two.count()), (1, 1));
}

#[tokio::test]
async fn a_package_that_was_changed_is_forgotten() {
    let server = Server::start(|_| Reply::ok("{}").header("cache-control", "max-age=60")).await;
    let commands = Commands::new();
    let client = RegistryClient::new(commands.options(&server, CachePolicy::Default)).unwrap();
    client.packument("lodash", KIND).await.unwrap();
    client.flush().await;
    let change =
        ApiRequest { package: Some("lodash".into()), ..ApiRequest::new(http::Method::PUT, "/lodash") };
    client.request(&change).await.unwrap();
    assert!(commands.files().is_empty());
    client.packument("lodash", KIND).await.unwrap();
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn a_packument_from_the_cache_is_that_from_the_registry() {
    let text =
        r#"{"name":"lodash","dist-tags":{"latest":"1.0.1"},"versions":{"1.0.0":{"a":1},"1.0.1":{"a":2}}}"#;
    let text = Arc::new(Mutex::new(text));
    let (server, commands) = (registry(&text).await, Commands::new());
    for policy in [CachePolicy::Default, CachePolicy::Offline] {
        let client = RegistryClient::new(commands.options(&server, policy)).unwrap();
        let packument = client.packument("lodash", KIND).await.unwrap();
        client.flush().await;
        assert_eq!((packument.name(), packument.dist_tag("latest")), ("lodash", Some("1.0.1")));
        let version = packument.version("1.0.1").unwrap();
        assert_eq!(packument.manifest(version).unwrap().get("a"), Some(&2.into()));
    }
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_large_uncompressed_text_comes_back_as_it_was() {
    let text = format!("{{\"readme\":\"{}\"}}", "all work and no play ".repeat(5000));
    let served = text.clone();
    let server = Server::start(move |_| Reply::ok(served.clone())).await;
    let commands = Commands::new();
    commands.get(&server, CachePolicy::Default).await.unwrap();
    let [file] = commands.files().try_into().unwrap();
    assert!(std::fs::metadata(file).unwrap().len() < text.len() as u64 / 7);
    assert_eq!(commands.get(&server, CachePolicy::Offline).await.unwrap(), text);
}
