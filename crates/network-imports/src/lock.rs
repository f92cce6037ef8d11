//! `imports-lock.json`: which URL means which content.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::error::ImportError;
use crate::integrity::Integrity;

/// The name of the lock, beside the project's package.json.
pub const LOCK_FILE: &str = "imports-lock.json";

const VERSION: u32 = 1;

/// What a URL leads to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pin {
    Content { integrity: Integrity, media_type: String },
    Redirect(String),
}

pub(crate) type Pins = BTreeMap<String, Pin>;

/// The file's shape.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    lockfile_version: u32,
    #[serde(default)]
    imports: BTreeMap<String, Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    integrity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    redirect: Option<String>,
}

/// What the lock says; nothing where there is none.
///
/// # Errors
/// A file that is no lock, or one of a later version.
pub(crate) fn read(path: &Path) -> Result<Pins, ImportError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Pins::new()),
        Err(error) => return Err(ImportError::io("read", path, error)),
    };
    let wrong = |problem: String| ImportError::Lock { lock: path.to_owned(), problem };
    let document: Document = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    if document.lockfile_version != VERSION {
        let version = document.lockfile_version;
        return Err(wrong(format!("its lockfileVersion is {version}, and this knit knows {VERSION}")));
    }
    let pin = |(url, entry): (String, Entry)| match entry.pin() {
        Some(pin) => Ok((url, pin)),
        None => Err(wrong(format!("the entry of {url} has neither a sha512 integrity nor a redirect"))),
    };
    document.imports.into_iter().map(pin).collect()
}

impl Entry {
    fn pin(self) -> Option<Pin> {
        match (self.integrity, self.redirect) {
            (Some(integrity), None) => Some(Pin::Content {
                integrity: Integrity::parse(&integrity)?,
                media_type: self.media_type.unwrap_or_default(),
            }),
            (None, Some(redirect)) => Some(Pin::Redirect(redirect)),
            _ => None,
        }
    }

    fn of(pin: &Pin) -> Entry {
        match pin {
            Pin::Content { integrity, media_type } => Entry {
                integrity: Some(integrity.to_string()),
                media_type: Some(media_type.clone()).filter(|media_type| !media_type.is_empty()),
                redirect: None,
            },
            Pin::Redirect(url) => Entry { integrity: None, media_type: None, redirect: Some(url.clone()) },
        }
    }
}

/// Adds pins to the lock and answers all that it says then. Other processes that hold the same `guard` may add to it at
/// the same time; what they pinned meanwhile stays, unless `replaces`.
pub(crate) fn add(path: &Path, guard: &Path, fresh: &Pins, replaces: bool) -> Result<Pins, ImportError> {
    // the lock itself is replaced, so that it cannot be what processes wait for
    let held = hold(guard).map_err(|error| ImportError::io("lock", guard, error))?;
    let mut pins = read(path)?;
    for (url, pin) in fresh {
        if replaces || !pins.contains_key(url) {
            pins.insert(url.clone(), pin.clone());
        }
    }
    let imports = pins.iter().map(|(url, pin)| (url.clone(), Entry::of(pin))).collect();
    let document = Document { lockfile_version: VERSION, imports };
    write(path, &document).map_err(|error| ImportError::io("write", path, error))?;
    drop(held);
    Ok(pins)
}

fn hold(guard: &Path) -> io::Result<File> {
    if let Some(folder) = guard.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = File::create(guard)?;
    file.lock()?;
    Ok(file)
}

/// Replaces the lock in one step. What is there stays as it is where nothing would change.
fn write(path: &Path, document: &Document) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(document)?;
    text.push(b'\n');
    if fs::read(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let fresh = path.with_extension(format!("json.{}", std::process::id()));
    let written = File::create(&fresh).and_then(|mut file| {
        file.write_all(&text)?;
        file.sync_all()
    });
    let replaced = written.and_then(|()| fs::rename(&fresh, path));
    if replaced.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(text: &str) -> Pin {
        Pin::Content { integrity: Integrity::of(text.as_bytes()), media_type: "text/javascript".to_owned() }
    }

    #[test]
    fn what_is_added_is_read_again_and_what_is_pinned_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, guard) = (folder.path().join(LOCK_FILE), folder.path().join("guard"));
        assert_eq!(read(&path).expect("absent is empty"), Pins::new());
        let first = Pins::from([
            ("https://a.example/1".to_owned(), pin("1")),
            ("https://a.example/".to_owned(), Pin::Redirect("https://a.example/1".to_owned())),
        ]);
        assert_eq!(add(&path, &guard, &first, false).expect("written"), first);
        assert_eq!(read(&path).expect("readable"), first);

        let second = Pins::from([("https://a.example/1".to_owned(), pin("2"))]);
        assert_eq!(add(&path, &guard, &second, false).expect("written"), first);
        let replaced = add(&path, &guard, &second, true).expect("written");
        assert_eq!(replaced["https://a.example/1"], pin("2"));
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 2, "nothing is left over");
    }

    #[test]
    fn what_is_no_lock_is_refused_with_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(LOCK_FILE);
        for (text, expected) in [
            ("{\n  \"lockfileVersion\": 1,\n  \"imports\": [", "line 3"),
            ("[]", "line 1"),
            (r#"{"lockfileVersion":2}"#, "lockfileVersion is 2"),
            (r#"{"lockfileVersion":1,"imports":{"https://a.example/":{}}}"#, "entry of https://a.example/"),
            (r#"{"lockfileVersion":1,"imports":{"https://a.example/":{"integrity":"md5-AA"}}}"#, "integrity"),
        ] {
            fs::write(&path, text).expect("writable");
            let error = read(&path).expect_err(text).to_string();
            assert!(error.contains(expected) && error.contains(LOCK_FILE), "{error}");
            assert!(add(&path, &folder.path().join("guard"), &Pins::new(), true).is_err());
            assert_eq!(fs::read_to_string(&path).expect("still there"), text, "it is left alone");
        }
    }
}
