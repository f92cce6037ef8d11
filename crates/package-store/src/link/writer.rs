//! Changes to a project's `node_modules` that happen as a whole or not at all.
//!
//! An install goes through these states; a process may be killed in any of them:
//!
//! | State | On disk | When killed here, the next [`begin`](NodeModulesWriter::begin) |
//! |---|---|---|
//! | begun | the journal, empty | has nothing to do |
//! | planned | the plan is in the journal; the hidden lockfile is set aside | removes what was being written: the tree, with its hidden lockfile, is the one before |
//! | committed | every new package is whole; the changes of place are in the journal | carries out the rest of them |
//! | settled | the tree is the new one; executables, scripts | has nothing to do but says so |
//! | finished | the hidden lockfile is there, the journal is gone | never comes to see it |
//!
//! Where nothing was, a package is written in place, `package.json` last. Where something is, the new one is written
//! beside it under a hidden name and the two change places. So a name never shows half a package that was whole.
//! Dropped before [`commit`](NodeModulesWriter::commit), the writer undoes what it did.

use super::journal::{Contention, JOURNAL, Journal, Record};
use super::location::Location;
use super::materialize::Materializer;
use super::parents::Parents;
use super::recovery;
use super::{LinkMode, commit};
use crate::entry::Entry;
use crate::error::{Result, StoreError};
use crate::fs::{self, Context};
use crate::remove::remove_tree;
use crate::staging::random_name;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// npm's record of what is in `node_modules`, which must not outlive what it describes.
pub const HIDDEN_LOCKFILE: &str = ".package-lock.json";
pub(super) const NODE_MODULES: &str = "node_modules";

/// How an install begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BeginOptions {
    /// What to do when another process is at it.
    pub contention: Contention,
    /// Files in `node_modules`, beside the hidden lockfile, that describe its contents: removed before it changes.
    pub state_files: Vec<String>,
    /// What becomes of packages nested in those that are replaced.
    pub replacement: Replacement,
}

/// What an install that was killed left, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Locations that were being written and are gone again.
    pub undone: Vec<String>,
    /// Locations that are new and whole, whose scripts and executables may be missing. They are remembered until an
    /// install is [finished](NodeModulesWriter::finish).
    pub completed: Vec<String>,
    /// Locations that are gone as they were to be, whose executables may be left.
    pub emptied: Vec<String>,
}

/// What becomes of the packages nested in those that are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replacement {
    /// They stay.
    #[default]
    Package,
    /// They go, with everything else that is there: what is to be nested is planned too.
    Whole,
}

/// A package to be put in its place.
#[derive(Debug, Clone)]
pub struct LinkTask {
    /// Where, relative to the project: `node_modules/a/node_modules/@s/b`.
    pub location: String,
    /// What.
    pub entry: Entry,
    /// How; [`LinkMode::Copy`] for packages whose scripts will run.
    pub mode: LinkMode,
}

/// The one writer of a project's `node_modules`.
#[derive(Debug)]
pub struct NodeModulesWriter {
    pub(super) parents: Parents,
    pub(super) materializer: Materializer,
    pub(super) journal: Journal,
    pub(super) planned: BTreeMap<Location, Planned>,
    pub(super) removed: BTreeMap<Location, String>,
    pub(super) state: State,
    /// Commands that a package has taken; of several that want one, the first gets it.
    pub(super) taken_bins: Mutex<FxHashSet<String>>,
    pub(super) node_modules: std::sync::Arc<OwnedFd>,
    pub(super) state_files: Vec<String>,
    recovered: Recovered,
    replacement: Replacement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Begun,
    Planned,
    Committed,
    Finished,
}

/// A place that is being filled.
#[derive(Debug)]
pub(super) struct Planned {
    /// The directory that it is written to, and its name there.
    pub(super) parent: String,
    pub(super) name: String,
    /// The name is a hidden one, to change places with the real one.
    pub(super) staged: bool,
    /// What is there now is a real directory, whose nested packages stay where they are.
    pub(super) over_directory: bool,
    /// Zero until it is whole; then the inode of what was written.
    pub(super) inode: AtomicU64,
}

impl NodeModulesWriter {
    /// Locks the project for this process and clears up after one that was killed. To be called before anybody looks
    /// at what is installed.
    ///
    /// Errors: [`StoreError::InUse`] if so wished; [`StoreError::FileSystem`].
    pub fn begin(root: &Path, options: &BeginOptions) -> Result<Self> {
        let parents = Parents::open(root)?;
        let was_there = matches!(parents.find(NODE_MODULES), Ok(Some(_)));
        let node_modules = parents.ensure(NODE_MODULES)?;
        if !was_there && let Ok(readable) = fs::reopen(&node_modules) {
            fs::spread_children(readable);
        }
        let path = parents.full_path(NODE_MODULES);
        let (journal, left) = Journal::open(&node_modules, &path, options.contention)?;
        let mut state_files = options.state_files.clone();
        state_files.push(HIDDEN_LOCKFILE.to_owned());
        let mut writer = Self {
            parents,
            materializer: Materializer::default(),
            journal,
            planned: BTreeMap::new(),
            removed: BTreeMap::new(),
            state: State::Begun,
            taken_bins: Mutex::default(),
            node_modules,
            state_files,
            recovered: Recovered::default(),
            replacement: options.replacement,
        };
        if !left.is_empty() {
            writer.recover(&left)?;
        }
        Ok(writer)
    }

    /// Whether an install into that project is going on or was killed, so that its state files say nothing.
    pub fn is_unsettled(root: &Path) -> bool {
        root.join(NODE_MODULES).join(JOURNAL).symlink_metadata().is_ok()
    }

    fn recover(&mut self, left: &[Record]) -> Result<()> {
        let last = left.rsplit(|record| *record == Record::Cleared).next().unwrap_or_default();
        self.recovered = recovery::recover(&self.parents, left)?;
        if last.contains(&Record::Commit) {
            self.promote_state_files()?;
        } else if !last.is_empty() {
            self.restore_state_files()?;
        }
        if !self.has_history() {
            return self.journal.clear();
        }
        // If this process is killed too, the next one has to know what lacks executables and scripts.
        if last.is_empty() { Ok(()) } else { self.journal.append(&[Record::Cleared]) }
    }

    /// Whether earlier installs were committed and never finished.
    fn has_history(&self) -> bool {
        !self.recovered.completed.is_empty() || !self.recovered.emptied.is_empty()
    }

    /// What was left by an install that was killed.
    pub fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    /// Says which places will be filled and which emptied. Everything linked later must have been planned.
    ///
    /// A package that takes the place of another keeps the packages nested in that one. What is to be emptied may also
    /// be a whole entry of the isolated layout. May be called again until [`commit`](Self::commit).
    ///
    /// Errors: [`StoreError::Location`] for a place that is none.
    pub fn plan<'a>(
        &mut self,
        fill: impl IntoIterator<Item = &'a str>,
        empty: impl IntoIterator<Item = &'a str>,
    ) -> Result<()> {
        let mut fill = fill.into_iter().map(Location::parse).collect::<Result<Vec<_>>>()?;
        let empty = empty.into_iter().map(Location::parse_to_empty).collect::<Result<Vec<_>>>()?;
        // Parents before what is nested in them.
        fill.sort_unstable();
        let mut records = Vec::with_capacity(fill.len() + empty.len());
        let mut known_parents = FxHashMap::default();
        for location in fill {
            if self.planned.contains_key(&location) {
                continue;
            }
            let planned = self.place(&location, &mut known_parents)?;
            records.push(match planned.staged {
                true => {
                    let (path, stage) = (location.as_str().to_owned(), planned.name.clone());
                    Record::Staged { path, stage }
                }
                false => Record::Fresh { path: format!("{}/{}", planned.parent, planned.name) },
            });
            self.planned.insert(location, planned);
        }
        for location in empty {
            if !self.planned.contains_key(&location) && !self.removed.contains_key(&location) {
                let trash = hidden_name(location.split().1);
                records.push(Record::Remove { path: location.as_str().to_owned(), trash: trash.clone() });
                self.removed.insert(location, trash);
            }
        }
        if !records.is_empty() {
            self.journal.append(&records)?;
            self.state = State::Planned;
            self.set_state_files_aside()?;
        }
        Ok(())
    }

    /// Puts a planned package in its place, or beside it until [`commit`](Self::commit). From any thread, in any order.
    ///
    /// Errors: [`StoreError::NotPlanned`]; [`StoreError::NotADirectory`] when a symbolic link is in the way;
    /// [`StoreError::DiskFull`] and [`StoreError::FileSystem`].
    pub fn link(&self, task: &LinkTask) -> Result<()> {
        let planned = self.planned(&task.location)?;
        let parent = self.parents.ensure(&planned.parent)?;
        let path = self.parents.full_path(&planned.parent).join(&planned.name);
        // A nested package may have made it already.
        fs::ensure_directory(&parent, &*planned.name).context("create", &path)?;
        let directory = fs::open_real_directory(&parent, &*planned.name).context("open", &path)?;
        self.materializer.fill(&task.entry, task.mode, &directory, &path)?;
        planned.note_whole(&parent, &path)
    }

    /// Puts many planned packages in their places, on all of rayon's threads.
    ///
    /// Errors: as [`Self::link`]; the first one.
    pub fn link_all(&self, tasks: &[LinkTask]) -> Result<()> {
        tasks.par_iter().with_max_len(1).try_for_each(|task| self.link(task))
    }

    /// Makes a planned place a symbolic link to a directory of the project or elsewhere, relative as npm makes it.
    ///
    /// Errors: as [`Self::link`].
    pub fn link_directory(&self, location: &str, target: &Path) -> Result<()> {
        let planned = self.planned(location)?;
        let parent = self.parents.ensure(&planned.parent)?;
        let path = self.parents.full_path(&planned.parent).join(&planned.name);
        let from = std::path::absolute(self.parents.full_path(&planned.parent)).context("find", &path)?;
        let to = std::path::absolute(self.parents.root().join(target)).context("find", target)?;
        let target = super::symlink::relative(&from, &to);
        rustix::fs::symlinkat(&target, &parent, &*planned.name).context("create", &path)?;
        planned.note_whole(&parent, &path)
    }

    /// Gives up a planned place, such as that of an optional package that cannot be had. What is there now stays.
    pub fn discard(&mut self, location: &str) -> Result<()> {
        let Some(planned) = self.planned.remove(&Location::parse(location)?) else { return Ok(()) };
        let path = self.parents.full_path(&planned.parent).join(&planned.name);
        if let Some(parent) = self.parents.find(&planned.parent)? {
            remove_tree(&parent, &*planned.name).context("remove", path)?;
            commit::remove_if_empty(&self.parents, location);
        }
        Ok(())
    }

    /// Lets everything that was linked take its place and everything that was to go be gone.
    ///
    /// Errors: [`StoreError::FileSystem`]. The next [`begin`](Self::begin) carries on then.
    pub fn commit(&mut self) -> Result<()> {
        self.commit_described(&[])
    }

    /// The same with state files that describe the new tree, for whoever comes next if this process does not come to
    /// [`finish`](Self::finish).
    ///
    /// Errors: as [`Self::commit`].
    pub fn commit_described(&mut self, state_files: &[(&str, &[u8])]) -> Result<()> {
        if self.state != State::Planned {
            return Ok(());
        }
        for (name, contents) in state_files {
            self.write_state_file_ahead(name, contents)?;
        }
        commit::run(self)
    }

    /// Writes the state files, among them [`HIDDEN_LOCKFILE`], in their order, and ends the install.
    pub fn finish(mut self, state_files: &[(&str, &[u8])]) -> Result<()> {
        self.commit()?;
        for (name, contents) in state_files {
            self.write_state_file(name, contents)?;
        }
        self.remove_waiting_state_files()?;
        self.remove_journal()?;
        self.state = State::Finished;
        Ok(())
    }

    /// Where a location is written to, in the light of what is there now.
    fn place(&self, location: &Location, known: &mut FxHashMap<String, bool>) -> Result<Planned> {
        let (parent, name) = location.split();
        // Below a link or a file that gives way to a package, the nested one is written into that package's stage.
        let above = self.planned.iter().rev().find(|(above, planned)| {
            planned.staged
                && !planned.over_directory
                && parent.strip_prefix(above.as_str()).is_some_and(|rest| rest.starts_with('/'))
        });
        if let Some((above, planned)) = above {
            let rest = parent.get(above.as_str().len()..).unwrap_or_default();
            let parent = format!("{}/{}{rest}", planned.parent, planned.name);
            return Ok(Planned::new(parent, name.to_owned(), false, false));
        }
        let exists = match known.get(parent) {
            Some(exists) => *exists,
            None => {
                let exists = self.existing_parent(parent)?;
                known.insert(parent.to_owned(), exists);
                exists
            }
        };
        let kind = if exists { self.kind_of(parent, name)? } else { None };
        Ok(match kind {
            None => Planned::new(parent.to_owned(), name.to_owned(), false, false),
            Some(kind) => {
                let keeps_nested = kind == FileType::Directory && self.replacement == Replacement::Package;
                Planned::new(parent.to_owned(), hidden_name(name), true, keeps_nested)
            }
        })
    }

    fn existing_parent(&self, parent: &str) -> Result<bool> {
        match self.parents.find(parent) {
            Ok(found) => Ok(found.is_some()),
            // A node_modules that is a link will give way; whatever else it is, linking will say.
            Err(StoreError::NotADirectory { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn kind_of(&self, parent: &str, name: &str) -> Result<Option<FileType>> {
        let Some(directory) = self.parents.find(parent)? else { return Ok(None) };
        match rustix::fs::statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno).context("examine", self.parents.full_path(parent).join(name)),
        }
    }

    fn planned(&self, location: &str) -> Result<&Planned> {
        let parsed = Location::parse(location)?;
        self.planned.get(&parsed).ok_or_else(|| StoreError::NotPlanned { location: location.to_owned() })
    }

    fn remove_journal(&self) -> Result<()> {
        let path = self.parents.full_path(NODE_MODULES).join(JOURNAL);
        fs::remove_file(&self.node_modules, JOURNAL).context("remove", path)
    }

    fn undo(&self) -> Result<()> {
        // As much as can be, whatever fails in between; the journal goes last, when nothing did.
        let mut outcome = Ok(());
        for (location, planned) in &self.planned {
            let removed = self.parents.find(&planned.parent).and_then(|parent| {
                let path = self.parents.full_path(&planned.parent).join(&planned.name);
                parent.map_or(Ok(()), |parent| remove_tree(&parent, &*planned.name).context("remove", path))
            });
            outcome = outcome.and(removed);
            commit::remove_if_empty(&self.parents, location.as_str());
        }
        outcome?;
        if self.has_history() && self.state == State::Begun {
            // Its last record says already that all before it is dealt with.
            return Ok(());
        }
        self.restore_state_files()?;
        if self.has_history() { self.journal.append(&[Record::Cleared]) } else { self.remove_journal() }
    }
}

impl Drop for NodeModulesWriter {
    fn drop(&mut self) {
        // What cannot be undone now is undone by the next one; the journal says what.
        if matches!(self.state, State::Begun | State::Planned) {
            let _ = self.undo();
        }
    }
}

impl Planned {
    fn new(parent: String, name: String, staged: bool, over_directory: bool) -> Self {
        Self { parent, name, staged, over_directory, inode: AtomicU64::new(0) }
    }

    /// Only what changes places later needs to be told apart later.
    fn note_whole(&self, parent: &OwnedFd, path: &Path) -> Result<()> {
        let inode = if self.staged {
            let stat = rustix::fs::statat(parent, &*self.name, AtFlags::SYMLINK_NOFOLLOW);
            stat.context("examine", path)?.st_ino
        } else {
            1
        };
        self.inode.store(inode, Ordering::Release);
        Ok(())
    }

    pub(super) fn is_whole(&self) -> bool {
        self.inode.load(Ordering::Acquire) != 0
    }
}

/// A name beside another that nobody takes for a package.
pub(super) fn hidden_name(name: &str) -> String {
    let random = random_name();
    let kept = name.char_indices().nth(64).map_or(name, |(end, _)| name.get(..end).unwrap_or_default());
    format!(".{kept}-{}", random.get(..10).unwrap_or(&random))
}
