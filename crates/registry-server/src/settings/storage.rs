//! `[storage]`: where rows and tarballs are kept.

use std::path::PathBuf;

use registry_client::Secret;
use url::Url;

use super::location::{BlobLocation, DatabaseLocation};
use super::reader::Section;
use super::secret::{self, SecretKeys};
use super::values::BaseUrl;

/// Where rows and tarballs are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageSettings {
    /// The rows.
    pub database: DatabaseLocation,
    /// The tarballs.
    pub blobs: BlobLocation,
    /// How an S3-compatible store is reached.
    pub s3: S3Settings,
    /// What secrets in the database are sealed with.
    pub secrets_key: Option<Secret>,
}

/// How an S3-compatible store is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Settings {
    /// Its address; without one it is that of the region.
    pub endpoint: Option<Url>,
    /// Its region.
    pub region: String,
    /// The access key; without one requests are not signed by a key of the file.
    pub access_key: Option<Secret>,
    /// The secret of the access key.
    pub secret_key: Option<Secret>,
    /// Whether the bucket is the first part of the path, not of the host name.
    pub path_style: bool,
}

impl Default for StorageSettings {
    fn default() -> Self {
        StorageSettings {
            database: DatabaseLocation::Sqlite(PathBuf::from("registry.db")),
            blobs: BlobLocation::Folder(PathBuf::from("blobs")),
            s3: S3Settings {
                endpoint: None,
                region: "us-east-1".into(),
                access_key: None,
                secret_key: None,
                path_style: true,
            },
            secrets_key: None,
        }
    }
}

pub(super) fn read(section: &Section<'_, '_>) -> StorageSettings {
    let database = read_database(section);
    let blobs = section.optional::<String>("blobs");
    let located = blobs.as_ref().and_then(|blobs| {
        BlobLocation::parse(&blobs.value, &section.resolve(""))
            .map_err(|problem| {
                let hint = "write a folder, or \"s3://bucket/prefix\"";
                section.report(&blobs.span, format!("storage.blobs {problem}"), hint);
            })
            .ok()
    });
    let default_blobs = || BlobLocation::Folder(section.resolve("blobs"));
    let settings = StorageSettings {
        database,
        blobs: located.unwrap_or_else(default_blobs),
        s3: read_s3(&section.section("s3")),
        secrets_key: read_secrets_key(section),
    };
    let s3 = section.section("s3");
    if s3.is_present() && matches!(settings.blobs, BlobLocation::Folder(_)) {
        let hint = "write blobs = \"s3://bucket/prefix\" in [storage], or leave [storage.s3] out";
        section.report(&s3.span(), "storage.s3 is given, but the blobs are in a folder", hint);
    }
    section.finish();
    settings
}

fn read_database(section: &Section<'_, '_>) -> DatabaseLocation {
    let given = section.optional::<String>("database");
    let password =
        secret::read(section, SecretKeys { env: "database_password_env", file: "database_password_file" });
    let default = || DatabaseLocation::Sqlite(section.resolve("registry.db"));
    let Some(given) = given else { return default() };
    let located =
        DatabaseLocation::parse(&given.value, &section.resolve("")).and_then(|located| match &password {
            Some(password) => located.with_password(password),
            None => Ok(located),
        });
    located.unwrap_or_else(|problem| {
        let hint = "write a file, or \"postgres://user@host/database\"";
        section.report(&given.span, format!("storage.database {problem}"), hint);
        default()
    })
}

/// Characters of a key: those of 24 random bytes in base64.
const KEY_LENGTH: usize = 32;

fn read_secrets_key(section: &Section<'_, '_>) -> Option<Secret> {
    let key = secret::read(section, SecretKeys { env: "secrets_key_env", file: "secrets_key_file" })?;
    if key.reveal().chars().count() < KEY_LENGTH {
        let message = format!("the key of storage.secrets_key has less than {KEY_LENGTH} characters");
        section.report(&section.span(), message, "make one with `openssl rand -base64 32`");
    }
    Some(key)
}

fn read_s3(section: &Section<'_, '_>) -> S3Settings {
    let default = StorageSettings::default().s3;
    let settings = S3Settings {
        endpoint: section.optional::<BaseUrl>("endpoint").map(|url| url.value.0),
        region: section.or("region", default.region),
        access_key: secret::read(section, SecretKeys { env: "access_key_env", file: "access_key_file" }),
        secret_key: secret::read(section, SecretKeys { env: "secret_key_env", file: "secret_key_file" }),
        path_style: section.or("path_style", default.path_style),
    };
    if section.is_present() && settings.access_key.is_some() != settings.secret_key.is_some() {
        let hint = "give both access_key_env and secret_key_env, or neither";
        section.report(&section.span(), "storage.s3 has one half of a key", hint);
    }
    section.finish();
    settings
}
