//! The moment in which a planned tree becomes the real one, and how what replaces something takes its place.

use super::journal::{Nested, Record};
use super::location::{ISOLATED, is_isolated_entry};
use super::parents::Parents;
use super::writer::{NodeModulesWriter, State};
use crate::error::{Result, StoreError};
use crate::fs::{self, Context};
use crate::remove::{names, remove_tree};
use rayon::prelude::*;
use rustix::fs::{AtFlags, RenameFlags};
use rustix::io::Errno;
use std::ffi::CStr;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;

const NODE_MODULES: &str = "node_modules";

/// A whole package under a hidden name, to change places with what is there.
pub(super) struct Swap<'a> {
    pub(super) path: &'a str,
    pub(super) stage: &'a str,
    pub(super) inode: u64,
    pub(super) nested: Nested,
}

pub(super) fn run(writer: &mut NodeModulesWriter) -> Result<()> {
    if let Some((location, _)) = writer.planned.iter().find(|(_, planned)| !planned.is_whole()) {
        return Err(StoreError::NotLinked { location: location.as_str().to_owned() });
    }
    let swaps: Vec<_> = writer
        .planned
        .iter()
        .filter(|(_, planned)| planned.staged)
        .map(|(location, planned)| Swap {
            path: location.as_str(),
            stage: &planned.name,
            inode: planned.inode.load(Ordering::Acquire),
            nested: if planned.over_directory { Nested::Stay } else { Nested::Go },
        })
        .collect();
    let mut records: Vec<_> = swaps.iter().map(Record::from).collect();
    records.push(Record::Commit);
    writer.journal.append(&records)?;
    writer.state = State::Committed;
    let removals: Vec<_> =
        writer.removed.iter().map(|(location, trash)| (location.as_str(), trash.as_str())).collect();
    carry_out(&writer.parents, &removals, &swaps)
}

/// Everything that remains to be done after the commit. Done twice, it does nothing the second time.
pub(super) fn carry_out(parents: &Parents, removals: &[(&str, &str)], swaps: &[Swap<'_>]) -> Result<()> {
    let mut trash = Vec::new();
    for (path, name) in removals {
        let (above, base) = path.rsplit_once('/').unwrap_or(("", path));
        // It may have gone with the package it was nested in.
        let Some(parent) = parents.find_real(above)? else { continue };
        match rustix::fs::renameat(&parent, base, &parent, *name) {
            Ok(()) | Err(Errno::NOENT) => trash.push((above, *name)),
            Err(errno) => return Err(errno).context("remove", parents.full_path(path)),
        }
    }
    // What is nested in a directory that changes places is found under its old path.
    parents.forget();
    for swap in swaps {
        change_places(parents, swap)?;
        trash.push((swap.path.rsplit_once('/').map_or("", |(above, _)| above), swap.stage));
    }
    parents.forget();
    trash.par_iter().with_max_len(1).try_for_each(|(above, name)| {
        // What it was nested in may have given way to a link, and has taken it along.
        let Some(parent) = parents.find_real(above)? else { return Ok(()) };
        remove_tree(&parent, *name).context("remove", parents.full_path(above).join(name))
    })?;
    removals.iter().for_each(|(path, _)| remove_if_empty(parents, path));
    parents.forget();
    Ok(())
}

/// Afterwards the stage holds what was there before, without the packages nested in it if those stay.
fn change_places(parents: &Parents, swap: &Swap<'_>) -> Result<()> {
    let (above, name) = swap.path.rsplit_once('/').unwrap_or(("", swap.path));
    let full = || parents.full_path(swap.path);
    let Some(parent) = parents.find_real(above)? else { return Ok(()) };
    let stat = |name: &str| match rustix::fs::statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat.st_ino)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    };
    let there = stat(name).context("examine", full())?;
    if there != Some(swap.inode) && stat(swap.stage).context("examine", full())? != Some(swap.inode) {
        return Ok(());
    }
    let exchanged = match there {
        Some(inode) if inode == swap.inode => finish_exchange(&parent, swap.stage),
        Some(_) => exchange(&parent, swap.stage, name),
        None => rustix::fs::renameat(&parent, swap.stage, &parent, name)
            .and_then(|()| finish_exchange(&parent, swap.stage)),
    };
    exchanged.context("replace", full())?;
    if swap.nested == Nested::Go {
        return Ok(());
    }
    let open = |name: &str| match fs::open_real_directory(&parent, name) {
        Ok(directory) => Ok(Some(directory)),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
        Err(errno) => Err(errno),
    };
    match (open(swap.stage).context("open", full())?, open(name).context("open", full())?) {
        (Some(old), Some(new)) => move_nested(&old, &new).context("move the packages nested in", full()),
        _ => Ok(()),
    }
}

fn exchange(parent: &OwnedFd, stage: &str, name: &str) -> Result<(), Errno> {
    match rustix::fs::renameat_with(parent, stage, parent, name, RenameFlags::EXCHANGE) {
        // A file system that cannot: for a moment nothing is there.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            rustix::fs::renameat(parent, name, parent, &*aside(stage))?;
            rustix::fs::renameat(parent, stage, parent, name)?;
            finish_exchange(parent, stage)
        }
        other => other,
    }
}

/// The last step of an exchange that takes several, which may be what a killed process did not come to.
fn finish_exchange(parent: &OwnedFd, stage: &str) -> Result<(), Errno> {
    match rustix::fs::renameat(parent, &*aside(stage), parent, stage) {
        Err(Errno::NOENT) => Ok(()),
        other => other,
    }
}

/// Where what is there waits while its stage takes its name.
fn aside(stage: &str) -> String {
    format!("{stage}-before")
}

/// Moves the old package's `node_modules` into the new one; of packages that both have, the new one's stay.
fn move_nested(old: &OwnedFd, new: &OwnedFd) -> Result<(), Errno> {
    match rustix::fs::renameat(old, NODE_MODULES, new, NODE_MODULES) {
        // The new package brings bundled ones.
        Err(Errno::EXIST | Errno::NOTEMPTY) => {}
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(()),
        other => return other,
    }
    let (old, new) =
        (fs::open_real_directory(old, NODE_MODULES)?, fs::open_real_directory(new, NODE_MODULES)?);
    for name in names(&old)? {
        let is_scope = name.to_bytes().starts_with(b"@");
        if move_beside(&old, &new, &name)? || !is_scope {
            continue;
        }
        let (old, new) = (fs::open_real_directory(&old, &*name)?, fs::open_real_directory(&new, &*name)?);
        for name in names(&old)? {
            move_beside(&old, &new, &name)?;
        }
    }
    Ok(())
}

/// `false` when something of that name is there.
fn move_beside(old: &OwnedFd, new: &OwnedFd, name: &CStr) -> Result<bool, Errno> {
    match rustix::fs::renameat(old, name, new, name) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST | Errno::NOTEMPTY | Errno::ISDIR | Errno::NOTDIR) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Of a scope, a nested `node_modules` or an entry of the isolated layout whose last package is gone, nothing stays.
pub(super) fn remove_if_empty(parents: &Parents, path: &str) {
    let Some((folder, _)) = path.rsplit_once('/') else { return };
    let Some((above, name)) = folder.rsplit_once('/') else { return };
    let is_ours =
        name.starts_with('@') || name == NODE_MODULES || name == ISOLATED || is_isolated_entry(folder);
    if !is_ours {
        return;
    }
    let is_gone = match parents.find(above) {
        // Fails, as it should, while something is in it.
        Ok(Some(parent)) => match rustix::fs::unlinkat(&parent, name, AtFlags::REMOVEDIR) {
            Ok(()) => true,
            // Whoever was killed may have made no more than what it was to be in.
            Err(errno) => errno == Errno::NOENT,
        },
        Ok(None) => true,
        Err(_) => false,
    };
    if is_gone {
        parents.forget();
        remove_if_empty(parents, folder);
    }
}

impl From<&Swap<'_>> for Record {
    fn from(swap: &Swap<'_>) -> Self {
        let (path, stage) = (swap.path.to_owned(), swap.stage.to_owned());
        Self::Swap { path, stage, inode: swap.inode, nested: swap.nested }
    }
}
