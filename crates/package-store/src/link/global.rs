//! Commands and manual pages of globally installed packages: `{prefix}/bin` and `{prefix}/share/man`.
//!
//! Others put their files there too, so nothing is overwritten that does not belong to the package.
//! Source: npm 11.19.1, bin-links.

use super::bins::{link_target, make_executable};
use super::symlink;
use crate::bin::{self, Bin};
use crate::error::{Result, StoreError};
use crate::fs::Context;
use rustix::fs::CWD;
use std::path::{Path, PathBuf};

/// A globally installed package, and what of it is to be reachable.
#[derive(Debug, Clone)]
pub struct GlobalLinks<'a> {
    /// The package's name, for errors.
    pub package: &'a str,
    /// Where it is installed: `{prefix}/lib/node_modules/name`, absolute.
    pub directory: &'a Path,
    /// The global prefix, absolute.
    pub prefix: &'a Path,
    /// Its commands.
    pub bins: &'a [Bin],
    /// Its manual pages, as the manifest names them.
    pub mans: &'a [String],
    /// Overwrite what belongs to others (`--force`).
    pub force: bool,
}

/// A link to be made.
struct Planned {
    link: PathBuf,
    target: PathBuf,
    is_bin: bool,
}

/// Whether all links could be made, before anything is installed.
///
/// Errors: [`StoreError::Exists`] for what is in the way; [`StoreError::ManualPage`].
pub fn check_global(links: &GlobalLinks<'_>) -> Result<()> {
    links.planned()?.iter().try_for_each(|planned| links.is_free(&planned.link).map(drop))
}

/// Makes the links. Files that the package does not have are passed over.
///
/// Errors: as [`check_global`], and [`StoreError::FileSystem`].
pub fn link_global(links: &GlobalLinks<'_>) -> Result<()> {
    for Planned { link, target, is_bin } in links.planned()? {
        if target.symlink_metadata().is_err() {
            continue;
        }
        let parent = link.parent().unwrap_or(links.prefix);
        std::fs::create_dir_all(parent).context("create", parent)?;
        let wanted = symlink::relative(parent, &target);
        if links.is_free(&link)? == Current::Ours
            && link_target(&link).context("read", &link)? == Some(wanted.clone())
        {
            continue;
        }
        crate::remove::remove_tree(CWD, &link).context("replace", &link)?;
        rustix::fs::symlinkat(&wanted, CWD, &link).context("create", &link)?;
        if is_bin && let Some(text) = target.to_str() {
            make_executable(CWD, text).context("make executable", &target)?;
        }
    }
    Ok(())
}

/// Removes the links, where they still lead to the package.
///
/// Errors: as [`check_global`], and [`StoreError::FileSystem`].
pub fn unlink_global(links: &GlobalLinks<'_>) -> Result<()> {
    for Planned { link, .. } in links.planned()? {
        if links.leads_inside(&link) {
            crate::fs::remove_file(CWD, &link).context("remove", &link)?;
        }
    }
    Ok(())
}

#[derive(PartialEq, Eq)]
enum Current {
    Nothing,
    Ours,
    Foreign,
}

impl GlobalLinks<'_> {
    fn planned(&self) -> Result<Vec<Planned>> {
        let mut planned = Vec::new();
        for bin in self.bins.iter().filter_map(|bin| Bin::new(&bin.name, &bin.target)) {
            let (link, target) = (self.prefix.join("bin").join(&bin.name), self.directory.join(&bin.target));
            planned.push(Planned { link, target, is_bin: true });
        }
        for page in self.mans {
            let page = bin::normalize_target(&page.replace(':', "/"));
            let base = page.rsplit('/').next().unwrap_or_default();
            let Some(section) = section(base) else {
                return Err(StoreError::ManualPage { page, package: self.package.to_owned() });
            };
            let link = self.prefix.join("share/man").join(format!("man{section}")).join(base);
            planned.push(Planned { link, target: self.directory.join(&page), is_bin: false });
        }
        planned.dedup_by(|a, b| a.link == b.link);
        Ok(planned)
    }

    fn is_free(&self, link: &Path) -> Result<Current> {
        let current = match link.symlink_metadata() {
            Err(_) => Current::Nothing,
            Ok(_) if self.leads_inside(link) => Current::Ours,
            Ok(_) => Current::Foreign,
        };
        if current == Current::Foreign && !self.force {
            return Err(StoreError::Exists { path: link.to_owned(), package: self.package.to_owned() });
        }
        Ok(current)
    }

    /// Whether it is a link to the package or into it.
    fn leads_inside(&self, link: &Path) -> bool {
        let Ok(Some(target)) = link_target(link) else { return false };
        let from = link.parent().unwrap_or(self.prefix).join(target);
        let inside = symlink::relative(self.directory, &from);
        inside.components().next() != Some(std::path::Component::ParentDir)
    }
}

/// The section in a page's name: `1` of `npm.1`, and of `npm.1.gz`.
fn section(base: &str) -> Option<&str> {
    let name = base.strip_suffix(".gz").unwrap_or(base);
    let (_, section) = name.rsplit_once('.')?;
    (!section.is_empty() && section.bytes().all(|byte| byte.is_ascii_digit())).then_some(section)
}
