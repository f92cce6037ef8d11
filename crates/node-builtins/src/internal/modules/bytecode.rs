//! Compiled CommonJS files, kept between processes: a large tool starts without being parsed again.
//!
//! One file a module, in the user's cache folder, below a folder of this build. It is used when path, size, inode and
//! both times of the module are those it was made from. Anything else (missing, damaged, another build's) means compiling
//! as ever. Safe to delete at any time; files are written whole and renamed into place, so processes can share it.

use js_engine::{Function, OpError, Persistent, Scope, Script, Source, Value};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Bytes below which compiling is as fast as reading what was compiled.
const SMALLEST: u64 = 32 * 1024;

pub(super) const HEAD: &str = "(function (exports, require, module, __filename, __dirname) {\n";
pub(super) const TAIL: &str = "\n})";

/// Of one runtime.
#[derive(Default)]
pub struct ModuleBytecode {
    /// Where files are kept; none to keep none.
    pub folder: Option<PathBuf>,
    fresh: Vec<(PathBuf, String, Persistent)>,
}

impl ModuleBytecode {
    /// Whether this process compiled something that the next one could use.
    pub fn has_fresh(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// Writes what was compiled, with the functions that ran. Failures are no one's concern.
    pub fn write(scope: &mut Scope<'_>) {
        let fresh = std::mem::take(&mut scope.state_mut::<ModuleBytecode>().fresh);
        for (path, facts, script) in fresh {
            scope.nest(|scope| {
                let script = scope.persisted_script(&script);
                let bytes =
                    scope.collected_stencil(script).and_then(|stencil| scope.encode_stencil(&stencil));
                if let Some(bytes) = bytes {
                    let _ = write(&path, &facts, &bytes);
                }
            });
        }
    }
}

/// The wrapper of a CommonJS file that is large enough; none where it is to be compiled as ever.
pub(super) fn wrapper<'s>(
    scope: &mut Scope<'s>,
    file: &str,
    private: Value<'s>,
) -> Result<Option<Function<'s>>, OpError> {
    let Some(folder) = scope.state_mut::<ModuleBytecode>().folder.clone() else { return Ok(None) };
    let Some(facts) = facts(file) else { return Ok(None) };
    let place = place(&folder, file);
    if let Some(function) = known(scope, file, &facts, &place, private)? {
        return Ok(Some(function));
    }
    let text = super::sources::body_of(Path::new(file))?;
    let wrapped = format!("{HEAD}{text}{TAIL}");
    let source = Source { line: 0, ..Source::new(&wrapped, file) };
    let Ok(stencil) = scope.compile_stencil(&source, false, false) else {
        // the plain way words the error
        scope.take_exception();
        return Ok(None);
    };
    let script = scope.instantiate(&stencil, file, 0, private)?;
    let Some(function) = covering(scope, script, wrapped.len() - 2)? else { return Ok(None) };
    if scope.collect_delazifications(script, &stencil) {
        let kept = scope.persist_script(script);
        scope.state_mut::<ModuleBytecode>().fresh.push((place, facts, kept));
    }
    Ok(Some(function))
}

/// The script's function, if it is the one wrapper: a text like `}), (function () {` would make another of it.
pub(super) fn covering<'s>(
    scope: &mut Scope<'s>,
    script: Script<'s>,
    length: usize,
) -> Result<Option<Function<'s>>, OpError> {
    let Some(function) = scope.run(script)?.as_function() else { return Ok(None) };
    let text = scope.to_string(function.value())?;
    let units = scope.with_chars(text, |chars| match chars {
        js_engine::Chars::Latin1(bytes) => {
            bytes.iter().map(|byte| 1 + usize::from(*byte >= 0x80)).sum::<usize>()
        }
        js_engine::Chars::Utf16(units) => {
            char::decode_utf16(units.iter().copied()).map(|c| c.map_or(3, char::len_utf8)).sum()
        }
    })?;
    Ok((units == length).then_some(function))
}

fn known<'s>(
    scope: &mut Scope<'s>,
    file: &str,
    facts: &str,
    place: &Path,
    private: Value<'s>,
) -> Result<Option<Function<'s>>, OpError> {
    let Ok(bytes) = std::fs::read(place) else { return Ok(None) };
    let Some(code) = bytes.strip_prefix(facts.as_bytes()) else { return Ok(None) };
    let Some(stencil) = scope.decode_stencil(code, file, false) else { return Ok(None) };
    let script = scope.instantiate(&stencil, file, 0, private)?;
    Ok(scope.run(script)?.as_function())
}

/// What a module's file is known by, as the first line of its bytecode; none for small files.
fn facts(file: &str) -> Option<String> {
    let facts = std::fs::metadata(file).ok().filter(|facts| facts.is_file() && facts.size() >= SMALLEST)?;
    Some(format!(
        "{} {} {}.{} {}.{} {file}\n",
        facts.size(),
        facts.ino(),
        facts.mtime(),
        facts.mtime_nsec(),
        facts.ctime(),
        facts.ctime_nsec()
    ))
}

fn place(folder: &Path, file: &str) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    file.hash(&mut hasher);
    folder.join(format!("{:016x}.bin", hasher.finish()))
}

fn write(place: &Path, facts: &str, code: &[u8]) -> std::io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let staged = place.with_extension(format!("{}.part", std::process::id()));
    let mut file = std::fs::File::create(&staged)?;
    file.write_all(facts.as_bytes())?;
    file.write_all(code)?;
    std::fs::rename(&staged, place)
}
