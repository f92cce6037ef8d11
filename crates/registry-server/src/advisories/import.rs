//! Importing a vulnerability database: a document, a folder of them, or the archive that a database publishes.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;

use super::archive::Archive;
use super::osv::{self, Entry};
use crate::{Registry, RegistryError};

/// Documents that are written at once.
const BATCH: usize = 500;

/// Bytes of one document in a folder.
const MAX_DOCUMENT: u64 = 16 << 20;

/// Documents that could not be read whose problems are told one by one.
const TOLD: usize = 10;

/// What became of the documents of a vulnerability database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedAdvisories {
    /// Documents that were read.
    pub read: u64,
    /// Those that were new or newer than what was known.
    pub changed: u64,
    /// Those that were taken back by who published them.
    pub withdrawn: u64,
    /// Documents that cannot be read.
    pub unreadable: u64,
    /// What is wrong with the first of them.
    pub problems: Vec<String>,
}

/// What the thread that reads has for the one that writes.
enum Message {
    Entry(Box<Entry>),
    Unreadable(String),
}

impl Registry {
    /// Takes in what a file, a folder or an archive says of vulnerable and malicious versions. What is known already and
    /// not older stays.
    ///
    /// # Errors
    /// A path that cannot be read, an archive that is broken, a registry that only reads, a database that fails.
    pub async fn import_advisories(&self, path: &Path) -> Result<ImportedAdvisories, RegistryError> {
        let hosted = self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?;
        let (sender, mut messages) = mpsc::channel(BATCH);
        let from = path.to_owned();
        let reading = tokio::task::spawn_blocking(move || read(&from, &sender));
        let mut imported = ImportedAdvisories::default();
        let mut batch: Vec<Entry> = Vec::with_capacity(BATCH);
        while let Some(message) = messages.recv().await {
            imported.read += 1;
            match message {
                Message::Entry(entry) => batch.push(*entry),
                Message::Unreadable(problem) => {
                    imported.unreadable += 1;
                    if imported.problems.len() < TOLD {
                        imported.problems.push(problem);
                    }
                }
            }
            if batch.len() == BATCH {
                write(hosted, &mut batch, &mut imported).await?;
            }
        }
        write(hosted, &mut batch, &mut imported).await?;
        reading.await.map_err(|_| RegistryError::Interrupted)??;
        Ok(imported)
    }
}

async fn write(
    hosted: &crate::hosted::Hosted,
    batch: &mut Vec<Entry>,
    imported: &mut ImportedAdvisories,
) -> Result<(), RegistryError> {
    let entries = std::mem::take(batch);
    let known: Vec<(String, i64)> = hosted
        .database
        .advisory_times(&entries.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>())
        .await?;
    let is_news = |entry: &Entry| {
        let before = known.iter().find(|(id, _)| *id == entry.id).map(|(_, modified)| *modified);
        match (before, entry.is_withdrawn) {
            (Some(before), true) => before <= entry.modified,
            (None, true) => false,
            (Some(before), false) => before < entry.modified,
            (None, false) => !entry.advisories.is_empty(),
        }
    };
    let news: Vec<Entry> = entries.into_iter().filter(is_news).collect();
    if news.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = news.iter().map(|entry| entry.id.as_str()).collect();
    let advisories: Vec<&super::Advisory> = news.iter().flat_map(|entry| &entry.advisories).collect();
    hosted.database.replace_advisories(&ids, &advisories).await?;
    let withdrawn = news.iter().filter(|entry| entry.is_withdrawn).count() as u64;
    imported.withdrawn += withdrawn;
    imported.changed += news.len() as u64 - withdrawn;
    Ok(())
}

/// Reads all documents; ends early where nobody takes them any more.
fn read(path: &Path, sender: &mpsc::Sender<Message>) -> Result<(), RegistryError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| RegistryError::Io { action: "read", path, source }
    };
    if !path.is_dir() {
        let file = File::open(path).map_err(failed(path))?;
        if Archive::is_one(&file) {
            return read_archive(file, path, sender).map_err(failed(path));
        }
        // the only one must be one
        let bytes = read_file(file).map_err(failed(path))?;
        let entry = osv::parse(&bytes)
            .map_err(|problem| RegistryError::AdvisoryDocument { path: path.to_owned(), problem })?;
        let _ = sender.blocking_send(Message::Entry(Box::new(entry)));
        return Ok(());
    }
    let mut folders: Vec<PathBuf> = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(&folder).map_err(failed(&folder))? {
            let item = item.map_err(failed(&folder))?;
            let (path, kind) = (item.path(), item.file_type().map_err(failed(&folder))?);
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "json") {
                let bytes = File::open(&path).and_then(read_file).map_err(failed(&path))?;
                if sender.blocking_send(message(&path.display().to_string(), &bytes)).is_err() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

fn read_archive(file: File, path: &Path, sender: &mpsc::Sender<Message>) -> std::io::Result<()> {
    let mut archive = Archive::open(file)?;
    while let Some(file) = archive.next()? {
        if !file.name.ends_with(".json") {
            continue;
        }
        let name = format!("{}/{}", path.display(), file.name);
        let message = match archive.read(&file) {
            Ok(bytes) => message(&name, &bytes),
            Err(error) => Message::Unreadable(format!("{name}: {error}")),
        };
        if sender.blocking_send(message).is_err() {
            break;
        }
    }
    Ok(())
}

fn message(name: &str, bytes: &[u8]) -> Message {
    match osv::parse(bytes) {
        Ok(entry) => Message::Entry(Box::new(entry)),
        Err(problem) => Message::Unreadable(format!("{name}: {problem}")),
    }
}

fn read_file(file: File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_DOCUMENT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_DOCUMENT {
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, "it is too large for a document"));
    }
    Ok(bytes)
}
