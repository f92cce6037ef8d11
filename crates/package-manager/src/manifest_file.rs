//! A package.json on disk: read, looked at, edited, written back in its own formatting.
//!
//! Normalizing what is in it is `npm_formats::manifest`'s; here the text stays the author's.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use npm_formats::json::{Document, JsonError};
use serde_json::{Map, Value};

/// Why a package.json could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("there is no {}", .file.display())]
    Missing { file: PathBuf },
    #[error("could not read {}", .file.display())]
    Read { file: PathBuf, source: io::Error },
    #[error("{} does not parse", .file.display())]
    Parse { file: PathBuf, source: JsonError },
    #[error("{} holds no JSON object", .file.display())]
    NotAnObject { file: PathBuf },
    #[error("could not write {}", .file.display())]
    Write { file: PathBuf, source: io::Error },
}

impl diagnostics::Report for ManifestError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Missing { .. } => "ENOENT".into(),
            Self::Read { source, .. } | Self::Write { source, .. } => diagnostics::io_code(source).into(),
            Self::Parse { .. } | Self::NotAnObject { .. } => "EJSONPARSE".into(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Missing { .. } => vec!["run `knit init` to create a package.json here".to_owned()],
            Self::Parse { .. } | Self::NotAnObject { .. } => {
                vec!["package.json must be JSON: no comments, no trailing commas, double quotes".to_owned()]
            }
            _ => Vec::new(),
        }
    }

    fn details(&self) -> Map<String, Value> {
        let (Self::Missing { file }
        | Self::Read { file, .. }
        | Self::Parse { file, .. }
        | Self::NotAnObject { file }
        | Self::Write { file, .. }) = self;
        Map::from_iter([("path".to_owned(), Value::from(file.to_string_lossy()))])
    }
}

/// One package.json. Its value is always an object.
#[derive(Clone, Debug)]
pub struct ManifestFile {
    path: PathBuf,
    document: Document,
}

impl ManifestFile {
    /// Reads the package.json of a directory.
    pub fn read(directory: &Path) -> Result<Self, ManifestError> {
        Self::read_if_there(directory)?
            .ok_or_else(|| ManifestError::Missing { file: directory.join("package.json") })
    }

    /// `None` when the directory has no package.json, or is no directory.
    pub fn read_if_there(directory: &Path) -> Result<Option<Self>, ManifestError> {
        let file = directory.join("package.json");
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(source) => return Err(ManifestError::Read { file, source }),
        };
        let document = Document::parse(&file.to_string_lossy(), &bytes)
            .map_err(|source| ManifestError::Parse { file: file.clone(), source })?;
        if !document.value.is_object() {
            return Err(ManifestError::NotAnObject { file });
        }
        Ok(Some(Self { path: file, document }))
    }

    /// A manifest that is not on disk yet: an empty object.
    pub fn new(directory: &Path) -> Self {
        let document = Document { value: Value::Object(Map::new()), ..Document::default() };
        Self { path: directory.join("package.json"), document }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    pub fn value(&self) -> &Value {
        &self.document.value
    }

    pub fn members(&self) -> &Map<String, Value> {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        self.document.value.as_object().unwrap_or(&EMPTY)
    }

    /// The object, to be edited.
    pub fn members_mut(&mut self) -> &mut Map<String, Value> {
        if !self.document.value.is_object() {
            self.document.value = Value::Object(Map::new());
        }
        match &mut self.document.value {
            Value::Object(members) => members,
            _ => unreachable!("made an object above"),
        }
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

    /// The text that [`ManifestFile::write`] writes.
    pub fn print(&self) -> String {
        self.document.print()
    }

    /// Writes the file, whole or not at all: a temporary file beside it is renamed over it. Its
    /// permissions stay.
    pub fn write(&self) -> Result<(), ManifestError> {
        replace_file(&self.path, self.print().as_bytes())
            .map_err(|source| ManifestError::Write { file: self.path.clone(), source })
    }
}

/// Writes a file so that a reader sees the old or the new content and never a part.
pub fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    // A link is written through, not replaced.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = target.parent().unwrap_or(Path::new("."));
    let permissions = std::fs::metadata(&target).ok().map(|metadata| metadata.permissions());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".knit-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(permissions.clone().unwrap_or_else(|| std::fs::Permissions::from_mode(0o666)));
    }
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(content)?;
    if let Some(permissions) = permissions {
        // The umask took bits away at creation; an existing file keeps all of its own.
        file.as_file().set_permissions(permissions)?;
    }
    file.persist(&target)?;
    Ok(())
}
