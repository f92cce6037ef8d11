//! Secrets in the database: in clear without a key, sealed at the next start with one, and of no use without it.

use std::path::Path;

use registry_server::settings::StorageSettings;
use registry_server::{Registry, RegistryError, Secret};
use test_support::{FixturePackage, Keeping};

use super::accounts::{Accounts, PASSWORD};
use super::authenticator::{code_at, enable};
use super::profile::asked;

const KEY: &str = "a key of the test, long enough to be one";

fn with(storage: &StorageSettings, key: Option<&str>) -> StorageSettings {
    StorageSettings { secrets_key: key.map(Secret::new), ..storage.clone() }
}

/// Whether a text stands anywhere in the files of the database.
fn stands(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).expect("the folder").any(|entry| {
        let path = entry.expect("an entry").path();
        let bytes = if path.is_file() { std::fs::read(path).expect("a file") } else { Vec::new() };
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[test]
fn secrets_that_lay_in_clear_are_sealed_and_work_as_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let storage = Keeping::Embedded.options(folder.path()).storage;
    let accounts = Accounts::with(|options| options.storage = with(&storage, None));
    let ada = accounts.user("ada");
    accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0"));
    let signed = accounts.get("", "/-/npm/v1/keys").json();
    let (uri, _) = enable(&accounts, &ada, "auth-only");
    let secret = uri.split_once("secret=").and_then(|(_, rest)| rest.split('&').next()).expect("a secret");
    drop(accounts);
    assert!(stands(folder.path(), secret));

    let accounts = Accounts::with(|options| options.storage = with(&storage, Some(KEY)));
    assert_eq!(accounts.get("", "/-/npm/v1/keys").json(), signed);
    accounts.pass(3600);
    assert!(asked(&accounts.log_in("ada", PASSWORD, &[])));
    let code = code_at(&uri, accounts.now().as_second() / 30);
    assert_eq!(accounts.log_in("ada", PASSWORD, &[("npm-otp", &code)]).status, 201);
    let bob = accounts.user("bob");
    let (uri, _) = enable(&accounts, &bob, "auth-only");
    let another = uri.split_once("secret=").and_then(|(_, rest)| rest.split('&').next()).expect("a secret");
    drop(accounts);
    assert!(!stands(folder.path(), secret) && !stands(folder.path(), another));

    for key in [None, Some("another key of the test, as long as the first")] {
        let mut options = Keeping::Embedded.options(folder.path());
        options.storage = with(&storage, key);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let opened = runtime.block_on(Registry::open(&options));
        assert!(matches!(opened.err(), Some(RegistryError::SealingKey)), "{key:?}");
    }
}
