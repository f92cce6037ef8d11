//! What is to be done about an install that was killed.
//!
//! A journal may come from anywhere, a repository that was cloned for instance, so nothing in it is believed: paths
//! must be places of packages, hidden names must be hidden and plain, and nothing is reached through symbolic links.

use super::commit::{self, Swap};
use super::journal::Record;
use super::location::Location;
use super::parents::Parents;
use super::writer::Recovered;
use crate::error::{Result, StoreError};
use crate::fs::Context;
use crate::remove::remove_tree;

pub(super) fn recover(parents: &Parents, records: &[Record]) -> Result<Recovered> {
    if records.contains(&Record::Commit) { complete(parents, records) } else { undo(parents, records) }
}

fn undo(parents: &Parents, records: &[Record]) -> Result<Recovered> {
    let mut undone = Vec::new();
    for record in records {
        match record {
            Record::Fresh { path } if is_place(path) => {
                remove(parents, path)?;
                undone.push(path.clone());
            }
            Record::Staged { path, stage } if is_place(path) && is_hidden(stage) => {
                remove(parents, &beside(path, stage))?;
            }
            _ => {}
        }
    }
    Ok(Recovered { undone, completed: Vec::new() })
}

fn complete(parents: &Parents, records: &[Record]) -> Result<Recovered> {
    let mut recovered = Recovered::default();
    let (mut removals, mut swaps) = (Vec::new(), Vec::new());
    for record in records {
        match record {
            Record::Fresh { path } if is_place(path) => recovered.completed.push(path.clone()),
            Record::Swap { path, stage, inode } if is_place(path) && is_hidden(stage) => {
                swaps.push(Swap { path, stage, inode: *inode });
                recovered.completed.push(path.clone());
            }
            Record::Remove { path, trash } if is_place(path) && is_hidden(trash) => {
                removals.push((path.as_str(), trash.as_str()));
            }
            _ => {}
        }
    }
    commit::carry_out(parents, &removals, &swaps)?;
    // Stages that were given up before the commit.
    for record in records {
        if let Record::Staged { path, stage } = record
            && is_place(path)
            && is_hidden(stage)
        {
            remove(parents, &beside(path, stage))?;
        }
    }
    Ok(recovered)
}

fn remove(parents: &Parents, path: &str) -> Result<()> {
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    match parents.find(above) {
        Ok(Some(parent)) => remove_tree(&parent, name).context("remove", parents.full_path(path)),
        // What is behind a link is not ours.
        Ok(None) | Err(StoreError::NotADirectory { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn beside(path: &str, name: &str) -> String {
    path.rsplit_once('/').map_or_else(|| name.to_owned(), |(above, _)| format!("{above}/{name}"))
}

fn is_place(path: &str) -> bool {
    Location::parse(path).is_ok()
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.') && !name.starts_with("..") && name.len() > 1 && !name.contains(['/', '\\', '\0'])
}
