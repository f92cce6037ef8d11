//! Making, listing and removing directories. Lists are in byte order, as Node's are; what `opendir` reads is not.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::ffi::OsStr;
use std::hash::{BuildHasher, Hasher};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use js_engine::{OpError, OsPath, op};
use rustix::fs::{Dir, DirEntry, FileType, Mode, OFlags};
use rustix::io::{self, Errno};

use super::failure::During;

#[op(blocking)]
pub(super) fn mkdir(path: OsPath, mode: u32) -> Result<(), OpError> {
    rustix::fs::mkdir(path.as_path(), Mode::from_raw_mode(mode)).during_on("mkdir", path.as_path())
}

/// Makes a directory and those above it; the first one that was made, if any was.
#[op(blocking)]
pub(super) fn mkdir_recursive(path: OsPath, mode: u32) -> Result<Option<String>, OpError> {
    let mode = Mode::from_raw_mode(mode);
    let mut missing = vec![path.as_path()];
    let mut first = None;
    while let Some(&next) = missing.last() {
        match rustix::fs::mkdir(next, mode) {
            Ok(()) => {
                first.get_or_insert(next);
                missing.pop();
            }
            Err(Errno::NOENT) if first.is_none() => match parent(next) {
                Some(parent) => missing.push(parent),
                None => return Err(OpError::system(Errno::NOENT.raw_os_error(), "mkdir").path(&path)),
            },
            Err(error) => {
                if !is_directory(next) {
                    let in_the_way = error == Errno::EXIST && missing.len() > 1;
                    let error = if in_the_way { Errno::NOTDIR } else { error };
                    return Err(OpError::system(error.raw_os_error(), "mkdir").path(&path));
                }
                missing.pop();
            }
        }
    }
    Ok(first.map(|first| first.to_string_lossy().into_owned()))
}

fn parent(path: &Path) -> Option<&Path> {
    path.parent().filter(|parent| !parent.as_os_str().is_empty())
}

fn is_directory(path: &Path) -> bool {
    rustix::fs::stat(path).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_dir())
}

/// Makes a directory whose name is the prefix and six characters that nothing else has.
#[op(blocking)]
pub(super) fn mkdtemp(prefix: OsPath) -> Result<String, OpError> {
    const ALPHABET: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const ATTEMPTS: usize = 100;
    let mut path = prefix.as_path().as_os_str().as_bytes().to_vec();
    let length = path.len();
    for attempt in 0..ATTEMPTS {
        let mut random = RandomState::new().build_hasher().finish();
        path.truncate(length);
        for _ in 0..6 {
            path.push(ALPHABET[(random % 62) as usize]);
            random /= 62;
        }
        match rustix::fs::mkdir(path.as_slice(), Mode::RWXU) {
            Err(Errno::EXIST) if attempt + 1 < ATTEMPTS => {}
            made => {
                let mut template = path[..length].to_vec();
                template.extend(b"XXXXXX");
                return made
                    .during_on("mkdtemp", Path::new(OsStr::from_bytes(&template)))
                    .map(|()| text(path));
            }
        }
    }
    Ok(text(path))
}

#[op(blocking)]
pub(super) fn rmdir(path: OsPath) -> Result<(), OpError> {
    rustix::fs::rmdir(path.as_path()).during_on("rmdir", path.as_path())
}

/// One name in a directory, and its kind as `Dirent` counts kinds.
struct Entry {
    name: Vec<u8>,
    kind: u8,
}

const DIRECTORY: u8 = 2;
const SYMBOLIC_LINK: u8 = 3;

fn kind(file_type: FileType) -> u8 {
    match file_type {
        FileType::RegularFile => 1,
        FileType::Directory => DIRECTORY,
        FileType::Symlink => SYMBOLIC_LINK,
        FileType::Fifo => 4,
        FileType::Socket => 5,
        FileType::CharacterDevice => 6,
        FileType::BlockDevice => 7,
        FileType::Unknown => 0,
    }
}

impl Entry {
    /// None for the directory itself and its parent.
    fn read(entry: &DirEntry) -> Option<Self> {
        let name = entry.file_name().to_bytes();
        (name != b"." && name != b"..").then(|| Self { name: name.to_vec(), kind: kind(entry.file_type()) })
    }

    /// Asks for the kind where the file system does not tell it along with the name.
    fn ensure_kind(&mut self, directory: &Path) {
        if self.kind == 0 {
            let path = directory.join(OsStr::from_bytes(&self.name));
            self.kind = rustix::fs::lstat(path).map_or(0, |stat| kind(FileType::from_raw_mode(stat.st_mode)));
        }
    }
}

fn open_directory(path: &Path) -> io::Result<Dir> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    Dir::new(rustix::fs::open(path, flags, Mode::empty())?)
}

fn list(path: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for entry in open_directory(path)? {
        entries.extend(Entry::read(&entry?));
    }
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn list_with_kinds(path: &Path) -> Result<Vec<Entry>, OpError> {
    let mut entries = list(path).during_on("scandir", path)?;
    entries.iter_mut().for_each(|entry| entry.ensure_kind(path));
    Ok(entries)
}

fn text(name: Vec<u8>) -> String {
    String::from_utf8(name).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[op(blocking)]
pub(super) fn readdir(path: OsPath) -> Result<Vec<String>, OpError> {
    let entries = list(path.as_path()).during_on("scandir", path.as_path())?;
    Ok(entries.into_iter().map(|entry| text(entry.name)).collect())
}

#[op(blocking)]
pub(super) fn readdir_bytes(path: OsPath) -> Result<Vec<Vec<u8>>, OpError> {
    let entries = list(path.as_path()).during_on("scandir", path.as_path())?;
    Ok(entries.into_iter().map(|entry| entry.name).collect())
}

#[op(blocking)]
pub(super) fn readdir_types(path: OsPath) -> Result<(Vec<String>, Vec<u8>), OpError> {
    let entries = list_with_kinds(path.as_path())?;
    Ok(entries.into_iter().map(|entry| (text(entry.name), entry.kind)).unzip())
}

#[op(blocking)]
pub(super) fn readdir_types_bytes(path: OsPath) -> Result<(Vec<Vec<u8>>, Vec<u8>), OpError> {
    let entries = list_with_kinds(path.as_path())?;
    Ok(entries.into_iter().map(|entry| (entry.name, entry.kind)).unzip())
}

/// Everything below a directory, level by level, as paths from there. Links to directories are entered only on request.
#[op(blocking)]
pub(super) fn readdir_recursive(path: OsPath, follow_links: bool) -> Result<(Vec<String>, Vec<u8>), OpError> {
    let root = path.as_path();
    let mut found = (Vec::new(), Vec::new());
    let mut directories = vec![PathBuf::new()];
    let mut next = 0;
    while next < directories.len() {
        let inside = directories[next].clone();
        next += 1;
        let directory = if inside.as_os_str().is_empty() { root.to_owned() } else { root.join(&inside) };
        for entry in list_with_kinds(&directory)? {
            let name = inside.join(OsStr::from_bytes(&entry.name));
            found.0.push(name.to_string_lossy().into_owned());
            found.1.push(entry.kind);
            if entry.kind == DIRECTORY
                || (follow_links && entry.kind == SYMBOLIC_LINK && is_directory(&root.join(&name)))
            {
                directories.push(name);
            }
        }
    }
    Ok(found)
}

/// A directory that `opendir` opened. They are process-wide, because reading one may happen on any thread.
struct OpenDirectory {
    path: PathBuf,
    entries: Dir,
}

static OPEN: LazyLock<Mutex<HashMap<u32, Arc<Mutex<OpenDirectory>>>>> = LazyLock::new(Mutex::default);

#[op(blocking)]
pub(super) fn opendir(path: OsPath) -> Result<u32, OpError> {
    let path = path.as_path();
    let entries = open_directory(path).during_on("opendir", path)?;
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let id = (1..u32::MAX).find(|id| !open.contains_key(id)).unwrap_or_default();
    open.insert(id, Arc::new(Mutex::new(OpenDirectory { path: path.to_owned(), entries })));
    Ok(id)
}

fn opened(id: u32) -> Option<Arc<Mutex<OpenDirectory>>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
}

/// The next `count` entries at most; none at the end.
#[op(blocking)]
pub(super) fn read_directory(id: u32, count: usize) -> Result<(Vec<Vec<u8>>, Vec<u8>), OpError> {
    let Some(directory) = opened(id) else { return Ok((Vec::new(), Vec::new())) };
    let mut directory = directory.lock().unwrap_or_else(PoisonError::into_inner);
    let mut found = (Vec::new(), Vec::new());
    while found.0.len() < count {
        let Some(entry) = directory.entries.read() else { break };
        let entry = entry.during_on("scandir", &directory.path)?;
        let Some(mut entry) = Entry::read(&entry) else { continue };
        entry.ensure_kind(&directory.path);
        found.0.push(entry.name);
        found.1.push(entry.kind);
    }
    Ok(found)
}

#[op(blocking)]
pub(super) fn close_directory(id: u32) -> Result<(), OpError> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    Ok(())
}
