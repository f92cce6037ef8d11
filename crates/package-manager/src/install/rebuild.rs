//! `rebuild`: executables linked again and install scripts run again, of what is installed.

use std::io;
use std::path::Path;

use dependency_resolver::{NodeId, is_isolated};
use npm_formats::specifier::{Specifier, SpecifierKind};
use npm_semver::{Range, RangeOptions, Version};
use package_store::{BeginOptions, HIDDEN_LOCKFILE, NodeModulesWriter};
use tokio::runtime::Runtime;

use super::scripts::{INSTALL_EVENTS, LINK_EVENTS, Scripts};
use super::{InstallContext, InstallError, executables, resolution};
use crate::installed::Installed;
use crate::project::{LockfileUse, Project};
use crate::script_approval::{self, PolicyScope, Unreviewed, Verdict};
use crate::view::{ProjectTree, Source, TreeError};

/// Why nothing, or not everything, was rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    #[error("{argument} is no name, name@range or folder of an installed package")]
    Argument { argument: String },
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Install(#[from] InstallError),
}

impl diagnostics::Report for RebuildError {
    fn code(&self) -> std::borrow::Cow<'static, str> {
        match self {
            Self::Argument { .. } => "EUSAGE".into(),
            Self::Tree(error) => error.code(),
            Self::Install(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Argument { .. } => vec!["run `knit help rebuild` for its usage".to_owned()],
            Self::Tree(error) => error.hints(),
            Self::Install(error) => error.hints(),
        }
    }
}

/// Rebuilds what is installed: all of it, or the packages that the arguments mean. Answers the packages whose
/// scripts nobody decided about.
///
/// *Errors*: arguments that mean no version of a package; a script that fails. What was rebuilt before stays so.
pub fn rebuild(context: &InstallContext<'_>, arguments: &[String]) -> Result<Vec<Unreviewed>, RebuildError> {
    let settings = context.settings;
    let wanted = arguments.iter().map(|argument| parse(context, argument)).collect::<Result<Vec<_>, _>>()?;
    let installed = ProjectTree::load(settings, Source::Installed)?;
    let project = Project::read(&installed.directory, LockfileUse::Ignore).map_err(InstallError::from)?;
    let scripts = Scripts::new(context, &project, PolicyScope::of(settings))?;
    let (tree, root) = (&installed.tree, installed.root);
    let pending = || match settings.scripts.ignore {
        true => Vec::new(),
        false => script_approval::unreviewed(tree, root, &installed.directory, &scripts.policy, |node| {
            Some(tree.node(node).location().to_owned())
        }),
    };
    if settings.scripts.strict {
        let packages = pending();
        if !packages.is_empty() {
            return Err(InstallError::Unreviewed { packages }.into());
        }
    }
    let mut nodes: Vec<NodeId> = if wanted.is_empty() {
        let filter = installed.workspace_filter(settings, settings.workspaces.include_root)?;
        let is_in = |node: &NodeId| filter.as_ref().is_none_or(|filter| filter.contains(node));
        tree.inventory(root).into_iter().filter(is_in).collect()
    } else {
        let is_wanted = |node: &NodeId| wanted.iter().any(|wanted| is_meant(&installed, *node, wanted));
        tree.inventory(root).into_iter().filter(is_wanted).collect()
    };
    nodes.sort_by_key(|&node| tree.node(node).location().matches("node_modules/").count());
    let hidden = hidden_lockfile(&installed.directory);
    let writer = NodeModulesWriter::begin(&installed.directory, &BeginOptions::default())
        .map_err(InstallError::from)?;
    let runtime = resolution::runtime()?;
    let work = Rebuild { installed: &installed, scripts: &scripts, writer: &writer, runtime: &runtime };
    work.run(&nodes)?;
    let unreviewed = pending();
    // packages were written to after the hidden lockfile, which is still true
    let files: Vec<(&str, &[u8])> = hidden.iter().map(|bytes| (HIDDEN_LOCKFILE, bytes.as_slice())).collect();
    writer.finish(&files).map_err(InstallError::from)?;
    Ok(unreviewed)
}

/// The hidden lockfile, where it can be trusted.
fn hidden_lockfile(directory: &Path) -> Option<Vec<u8>> {
    let is_trusted = Installed::read(directory, &[]).from_hidden_lockfile;
    is_trusted.then(|| std::fs::read(directory.join("node_modules").join(HIDDEN_LOCKFILE)).ok()).flatten()
}

fn parse(context: &InstallContext<'_>, argument: &str) -> Result<Specifier, RebuildError> {
    let place = context.settings.places.working_directory.to_string_lossy();
    let refused = || RebuildError::Argument { argument: argument.to_owned() };
    let specifier = Specifier::parse(argument, &*place).map_err(|_| refused())?;
    match specifier.kind() {
        SpecifierKind::Version | SpecifierKind::Range | SpecifierKind::Directory => Ok(specifier),
        _ => Err(refused()),
    }
}

fn is_meant(installed: &ProjectTree, node: NodeId, wanted: &Specifier) -> bool {
    let tree = &installed.tree;
    // what is bundled calls itself what its bundler likes
    if tree.bundler(node).is_some() {
        return false;
    }
    if matches!(wanted.kind(), SpecifierKind::Directory) {
        return tree.node(node).path() == wanted.fetch_spec();
    }
    if wanted.name() != Some(&**tree.name(node)) {
        return false;
    }
    if matches!(wanted.raw_spec(), "" | "*") {
        return true;
    }
    let range = wanted.fetch_spec().and_then(|range| Range::parse(range, RangeOptions::default()).ok());
    let version = Version::parse_loose(tree.node(node).version()).ok();
    range.zip(version).is_some_and(|(range, version)| range.satisfies(&version))
}

struct Rebuild<'a> {
    installed: &'a ProjectTree,
    scripts: &'a Scripts<'a>,
    writer: &'a NodeModulesWriter,
    runtime: &'a Runtime,
}

impl Rebuild<'_> {
    /// Folders first, then links, whose scripts may make the executables that are linked afterwards.
    fn run(&self, nodes: &[NodeId]) -> Result<(), InstallError> {
        let tree = &self.installed.tree;
        // scripts of what is in the isolated layout run there, and not through every link to it
        let (entries, nodes): (Vec<NodeId>, Vec<NodeId>) = nodes.iter().copied().partition(|&node| {
            tree.node(node).is_link() && is_isolated(tree.node(tree.followed(node)).location())
        });
        let (links, folders): (Vec<NodeId>, Vec<NodeId>) =
            nodes.iter().copied().partition(|&node| tree.node(node).is_link());
        let targets: Vec<NodeId> = links.iter().filter_map(|&link| tree.node(link).target()).collect();
        let folders: Vec<NodeId> = folders
            .into_iter()
            .filter(|node| !targets.contains(node) && (!tree.in_dep_bundle(*node)))
            .collect();
        self.run_event("preinstall", &folders)?;
        self.link_executables(&folders)?;
        self.link_executables(&entries)?;
        self.run_event("install", &folders)?;
        self.run_event("postinstall", &folders)?;
        for event in LINK_EVENTS {
            self.run_event(event, &links)?;
            if event == "prepare" {
                self.link_executables(&links)?;
            }
        }
        Ok(())
    }

    fn run_event(&self, event: &'static str, nodes: &[NodeId]) -> Result<(), InstallError> {
        for &node in nodes.iter().filter(|&&node| self.may_run(node)) {
            let known = self.installed.tree.node(node);
            let Some(folder) = known.realpath().map(Path::new) else { continue };
            if event == INSTALL_EVENTS[0] && !known.is_link() && node != self.installed.root {
                unshare(folder).map_err(|source| InstallError::Write { file: folder.to_owned(), source })?;
            }
            self.scripts.run_events(self.runtime, &[event], folder)?;
        }
        Ok(())
    }

    /// The project's own scripts run, and workspaces'; all others only where they are approved.
    fn may_run(&self, node: NodeId) -> bool {
        let tree = &self.installed.tree;
        if self.scripts.ignores() {
            return false;
        }
        let target = tree.followed(node);
        let verdicts = [node, target].map(|node| self.scripts.policy.verdict(tree, node));
        if verdicts.contains(&Verdict::Denied) {
            return false;
        }
        let is_own = (node == self.installed.root && !self.installed.is_global) || tree.is_workspace(target);
        if !is_own && !verdicts.contains(&Verdict::Allowed) {
            return false;
        }
        let folder = tree.node(node).realpath().map(Path::new);
        folder.is_some_and(|folder| {
            is_own || !script_approval::install_scripts(tree, target, folder).is_empty()
        })
    }

    fn link_executables(&self, nodes: &[NodeId]) -> Result<(), InstallError> {
        if !self.scripts.context.settings.install.bin_links {
            return Ok(());
        }
        let places = executables::Places {
            directory: &self.installed.directory,
            settings: self.scripts.context.settings,
            writer: self.writer,
        };
        let tree = &self.installed.tree;
        for &node in nodes.iter().filter(|&&node| tree.node(node).location().contains("node_modules/")) {
            let known = tree.node(node);
            if super::changes::is_in_modules(known.location()) {
                places.link(known.location(), &known.package().json)?;
            }
        }
        Ok(())
    }
}

/// Gives a package files of its own where it shares the store's, so that its scripts write into none but them.
fn unshare(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let mut pending = vec![folder.to_owned()];
    while let Some(at) = pending.pop() {
        for entry in std::fs::read_dir(&at)?.collect::<io::Result<Vec<_>>>()? {
            let metadata = match entry.metadata() {
                // a copy that somebody who was killed has left, made anew meanwhile
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other?,
            };
            if metadata.is_dir() {
                pending.push(entry.path());
            } else if metadata.is_file() && metadata.nlink() > 1 {
                let mut name = std::ffi::OsString::from(".knit-");
                name.push(entry.file_name());
                let copy = at.join(name);
                match std::fs::remove_file(&copy) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
                std::fs::copy(entry.path(), &copy)?;
                std::fs::rename(copy, entry.path())?;
            }
        }
    }
    Ok(())
}
