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

/// Carries out or undoes the last install of the journal. Those before it were dealt with by others that did not come
/// to their own end, so what they completed still lacks its executables and scripts.
pub(super) fn recover(parents: &Parents, records: &[Record]) -> Result<Recovered> {
    let mut installs: Vec<&[Record]> = records.split(|record| *record == Record::Cleared).collect();
    let last = installs.pop().unwrap_or_default();
    let is_committed = last.contains(&Record::Commit);
    let mut recovered = if is_committed { complete(parents, last)? } else { undo(parents, last)? };
    for earlier in installs {
        if earlier.contains(&Record::Commit) {
            recovered.completed.extend(filled(earlier));
            recovered.emptied.extend(emptied(earlier));
        }
    }
    for places in [&mut recovered.completed, &mut recovered.emptied] {
        places.sort_unstable();
        places.dedup();
    }
    Ok(recovered)
}

/// The places that an install filled.
fn filled(records: &[Record]) -> impl Iterator<Item = String> {
    records.iter().filter_map(|record| match record {
        Record::Fresh { path } | Record::Swap { path, .. } if is_place(path) => Some(path.clone()),
        _ => None,
    })
}

/// The places that an install emptied.
fn emptied(records: &[Record]) -> impl Iterator<Item = String> {
    records.iter().filter_map(|record| match record {
        Record::Remove { path, .. } if may_be_emptied(path) => Some(path.clone()),
        _ => None,
    })
}

fn undo(parents: &Parents, records: &[Record]) -> Result<Recovered> {
    let mut undone = Vec::new();
    for record in records {
        match record {
            Record::Fresh { path } if is_place(path) => {
                remove(parents, path)?;
                commit::remove_if_empty(parents, path);
                undone.push(path.clone());
            }
            Record::Staged { path, stage } if is_place(path) && is_hidden(stage) => {
                remove(parents, &beside(path, stage))?;
            }
            _ => {}
        }
    }
    Ok(Recovered { undone, ..Recovered::default() })
}

fn complete(parents: &Parents, records: &[Record]) -> Result<Recovered> {
    let recovered = Recovered {
        undone: Vec::new(),
        completed: filled(records).collect(),
        emptied: emptied(records).collect(),
    };
    let (mut removals, mut swaps) = (Vec::new(), Vec::new());
    for record in records {
        match record {
            Record::Swap { path, stage, inode, nested } if is_place(path) && is_hidden(stage) => {
                swaps.push(Swap { path, stage, inode: *inode, nested: *nested });
            }
            Record::Remove { path, trash } if may_be_emptied(path) && is_hidden(trash) => {
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

fn may_be_emptied(path: &str) -> bool {
    Location::parse_to_empty(path).is_ok()
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.') && !name.starts_with("..") && name.len() > 1 && !name.contains(['/', '\\', '\0'])
}
