//! What normalisation asks about the folder a package.json lies in.

/// The folder of a package. Paths are relative to it, with `/`, and never lead out of it.
pub trait PackageFolder {
    /// The names in a folder (`""` is the package itself), in any order, a folder's with a final `/`; nothing when it
    /// cannot be read.
    fn list(&self, folder: &str) -> Vec<String>;

    /// The content of a file, undecodable bytes replaced; `None` when it cannot be read.
    fn read(&self, path: &str) -> Option<String>;

    /// The commit that the surrounding git working tree is at, if there is one.
    fn git_head(&self) -> Option<String>;

    /// Whether there is anything at the path.
    fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        path.is_empty() || self.list(folder).iter().any(|entry| entry.trim_end_matches('/') == name)
    }
}

/// For a package.json that lies in no folder, such as one from a packument.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFolder;

impl PackageFolder for NoFolder {
    fn list(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }

    fn read(&self, _path: &str) -> Option<String> {
        None
    }

    fn git_head(&self) -> Option<String> {
        None
    }
}

/// Every path below a folder, relative to it, folders included with a final `/`, names that start with a dot left out.
/// Nearer ones first, else sorted, so that the result does not depend on the file system.
pub(super) fn walk(package: &dyn PackageFolder, folder: &str) -> Vec<String> {
    const MAX_DEPTH: usize = 64;
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), 0)];
    while let Some((below, depth)) = pending.pop() {
        let path = format!("{}/{below}", folder.trim_end_matches('/'));
        for name in package.list(path.trim_matches('/')) {
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{below}{name}");
            if path.ends_with('/') && depth < MAX_DEPTH {
                pending.push((path.clone(), depth + 1));
            }
            found.push(path);
        }
    }
    found.sort_by_cached_key(|path| (path.trim_end_matches('/').matches('/').count(), path.clone()));
    found
}
