//! A package.json on disk: read, looked at, edited, written back in its own formatting.
//!
//! What is in it and how it is edited is `npm_formats::manifest`'s; here are the file and its folder.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use npm_formats::json::JsonError;
use npm_formats::manifest::{self, Manifest, PackageFolder, PackageJson, Step};
use serde_json::{Map, Value};

/// Why a package.json could not be read, edited or written.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("there is no {}", .file.display())]
    Missing { file: PathBuf },
    #[error("could not read {}", .file.display())]
    Read { file: PathBuf, source: io::Error },
    /// Not JSON; the problem names the file and the place.
    #[error("{problem}")]
    Parse { file: PathBuf, problem: Box<JsonError> },
    /// JSON that is no manifest, or an edit that cannot be made.
    #[error("{problem}")]
    Content { file: PathBuf, problem: manifest::ManifestError },
    #[error("could not write {}", .file.display())]
    Write { file: PathBuf, source: io::Error },
}

impl ManifestError {
    fn of(file: PathBuf, problem: manifest::ManifestError) -> Self {
        match problem {
            manifest::ManifestError::Json { source, .. } => Self::Parse { file, problem: source },
            problem => Self::Content { file, problem },
        }
    }
}

impl diagnostics::Report for ManifestError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Missing { .. } => "ENOENT".into(),
            Self::Read { source, .. } | Self::Write { source, .. } => diagnostics::io_code(source).into(),
            Self::Parse { .. } => JsonError::CODE.into(),
            Self::Content { problem, .. } => problem.code().unwrap_or("EPACKAGEJSON").into(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Missing { .. } => vec!["run `knit init` to create a package.json here".to_owned()],
            Self::Parse { problem, .. } => {
                vec![
                    format!("look here:\n{}", problem.excerpt()),
                    "package.json must be JSON: no comments, no trailing commas, double quotes".to_owned(),
                ]
            }
            Self::Content { problem, .. } => problem.hint().map(str::to_owned).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn details(&self) -> Map<String, Value> {
        let (Self::Missing { file }
        | Self::Read { file, .. }
        | Self::Parse { file, .. }
        | Self::Content { file, .. }
        | Self::Write { file, .. }) = self;
        Map::from_iter([("path".to_owned(), Value::from(file.to_string_lossy()))])
    }
}

/// One package.json.
#[derive(Clone, Debug)]
pub struct ManifestFile {
    path: PathBuf,
    content: PackageJson,
}

impl ManifestFile {
    /// Reads the package.json of a directory.
    pub fn read(directory: &Path) -> Result<Self, ManifestError> {
        Self::read_if_there(directory)?
            .ok_or_else(|| ManifestError::Missing { file: directory.join("package.json") })
    }

    /// `None` when the directory has no package.json, or is no directory.
    pub fn read_if_there(directory: &Path) -> Result<Option<Self>, ManifestError> {
        let path = directory.join("package.json");
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(source) => return Err(ManifestError::Read { file: path, source }),
        };
        match PackageJson::parse(&path.to_string_lossy(), &bytes) {
            Ok(content) => Ok(Some(Self { path, content })),
            Err(problem) => Err(ManifestError::of(path, problem)),
        }
    }

    /// A manifest that is not on disk yet: an empty object.
    pub fn create(directory: &Path) -> Self {
        Self { path: directory.join("package.json"), content: PackageJson::create() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// The file's content, with everything that can be done to it.
    pub fn content(&self) -> &PackageJson {
        &self.content
    }

    pub fn content_mut(&mut self) -> &mut PackageJson {
        &mut self.content
    }

    pub fn members(&self) -> &Map<String, Value> {
        self.content.members()
    }

    /// The manifest as npm sees an installed package's.
    pub fn normalized(&self) -> Result<Manifest, ManifestError> {
        self.content
            .normalized(Step::INSTALLED, Some(&DiskFolder(self.directory())))
            .map_err(|source| self.error(source))
    }

    /// Gives an error of the content the file's name.
    pub fn error(&self, problem: manifest::ManifestError) -> ManifestError {
        ManifestError::of(self.path.clone(), problem)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.members().get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    pub fn name(&self) -> Option<&str> {
        self.text("name")
    }

    pub fn version(&self) -> Option<&str> {
        self.text("version")
    }

    /// `name@version`, when there are both.
    pub fn id(&self) -> Option<String> {
        Some(format!("{}@{}", self.name()?, self.version()?))
    }

    /// The scripts whose values are texts, in the file's order.
    pub fn scripts(&self) -> impl Iterator<Item = (&str, &str)> {
        let scripts = self.members().get("scripts").and_then(Value::as_object);
        scripts.into_iter().flatten().filter_map(|(name, script)| Some((name.as_str(), script.as_str()?)))
    }

    pub fn script(&self, event: &str) -> Option<&str> {
        self.scripts().find(|(name, _)| *name == event).map(|(_, script)| script)
    }

    /// Writes the file, whole or not at all, unless nothing changed. Its permissions stay.
    pub fn write(&self) -> Result<(), ManifestError> {
        let Some(text) = self.content.print_if_changed() else { return Ok(()) };
        replace_file(&self.path, text.as_bytes())
            .map_err(|source| ManifestError::Write { file: self.path.clone(), source })
    }
}

/// A package's folder on disk.
#[derive(Clone, Copy, Debug)]
pub struct DiskFolder<'a>(pub &'a Path);

impl PackageFolder for DiskFolder<'_> {
    fn list(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.0.join(folder)) else { return Vec::new() };
        let named = entries.flatten().map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() { format!("{name}/") } else { name }
        });
        named.collect()
    }

    fn read(&self, path: &str) -> Option<String> {
        Some(String::from_utf8_lossy(&std::fs::read(self.0.join(path)).ok()?).into_owned())
    }

    /// Follows `.git/HEAD` of the nearest working tree to the commit, packed or loose.
    fn git_head(&self) -> Option<String> {
        let git = self.0.ancestors().map(|above| above.join(".git")).find(|git| git.exists())?;
        let head = std::fs::read_to_string(git.join("HEAD")).ok()?;
        let Some(reference) = head.trim().strip_prefix("ref: ") else { return Some(head.trim().to_owned()) };
        if let Ok(commit) = std::fs::read_to_string(git.join(reference)) {
            return Some(commit.trim().to_owned());
        }
        let packed = std::fs::read_to_string(git.join("packed-refs")).ok()?;
        packed.lines().find_map(|line| line.strip_suffix(reference).map(|commit| commit.trim().to_owned()))
    }

    fn exists(&self, path: &str) -> bool {
        self.0.join(path).exists()
    }
}

/// Writes a file so that a reader sees the old or the new content and never a part.
///
/// The new content is written beside the file first. What a process that was killed in between left there is removed.
pub fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    // A link is written through, not replaced.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut attempts = 1..=3;
    loop {
        match replace(&target, content) {
            // Another process took the new file for an abandoned one, in the moment before it was locked.
            Err(error) if error.kind() == io::ErrorKind::NotFound && attempts.next().is_some() => {}
            other => return other,
        }
    }
}

fn replace(target: &Path, content: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let directory = target.parent().unwrap_or(Path::new("."));
    let prefix = format!(".knit-{}-", target.file_name().unwrap_or_default().to_string_lossy());
    remove_abandoned(directory, &prefix);
    let permissions = std::fs::metadata(target).ok().map(|metadata| metadata.permissions());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).rand_bytes(RANDOM_LETTERS);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(permissions.clone().unwrap_or_else(|| std::fs::Permissions::from_mode(0o666)));
    }
    let mut file = builder.tempfile_in(directory)?;
    // Where files cannot be locked, nothing can be told to be abandoned either.
    let _ = file.as_file().try_lock();
    file.write_all(content)?;
    if let Some(permissions) = permissions {
        // The umask took bits away at creation; an existing file keeps all of its own.
        file.as_file().set_permissions(permissions)?;
    }
    file.persist(target)?;
    Ok(())
}

/// How much of the name of a file that is being written is made up.
const RANDOM_LETTERS: usize = 6;

/// Removes what begins with that and nobody has locked, as its writer is no more.
fn remove_abandoned(directory: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(prefix));
        let is_named_so = rest.is_some_and(|rest| {
            rest.len() == RANDOM_LETTERS && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if is_named_so
            && entry.file_type().is_ok_and(|kind| kind.is_file())
            && std::fs::File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{File, read_dir, read_to_string, write};

    use super::replace_file;

    #[test]
    fn what_a_killed_process_was_writing_is_removed_and_what_a_living_one_writes_is_not() {
        let directory = tempfile::tempdir().expect("temporary directory");
        let at = |name: &str| directory.path().join(name);
        write(at("package-lock.json"), "old").expect("written");
        write(at(".knit-package-lock.json-abc123"), "ha").expect("written");
        write(at(".knit-package-lock.json-living"), "half").expect("written");
        let living = File::open(at(".knit-package-lock.json-living")).expect("open");
        living.lock().expect("locked");
        let others = [".knit-package.json-abc123", ".knit-package-lock.json-notes.md", ".npmrc"];
        others.iter().for_each(|name| write(at(name), "kept").expect("written"));

        replace_file(&at("package-lock.json"), b"new").expect("replaced");

        assert_eq!(read_to_string(at("package-lock.json")).expect("text"), "new");
        let entries = read_dir(directory.path()).expect("directory");
        let mut found: Vec<String> =
            entries.map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned()).collect();
        found.sort();
        let mut expected = vec![".knit-package-lock.json-living", "package-lock.json"];
        expected.extend(others);
        expected.sort();
        assert_eq!(found, expected);
    }
}
