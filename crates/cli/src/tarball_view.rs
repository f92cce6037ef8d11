//! What is in a tarball, for people and for programs. Source of the shapes: npm 11.19.1.

use package_manager::pack::Contents;
use serde_json::{Value, json};

use crate::terminal::Terminal;

/// Says on standard error what was packed.
pub fn notice(terminal: &Terminal, contents: &Contents, unicode: bool) {
    let mark = if unicode { "📦 " } else { "package:" };
    terminal.notice("");
    terminal.notice(&format!("{mark} {}", contents.id()));
    terminal.notice("Tarball Contents");
    for file in contents.files.iter().filter(|file| !file.path.starts_with("node_modules/")) {
        terminal.notice(&format!("{} {}", size(file.size, ""), file.path));
    }
    let own = contents.files.len() - bundled_files(contents);
    if !contents.bundled.is_empty() {
        terminal.notice("Bundled Dependencies");
        contents.bundled.iter().for_each(|name| terminal.notice(name));
    }
    terminal.notice("Tarball Details");
    let mut details = vec![
        ("name", contents.name.clone()),
        ("version", contents.version.clone()),
        ("filename", contents.file_name.clone()),
        ("package size", size(contents.size, " ")),
        ("unpacked size", size(contents.unpacked_size, " ")),
        ("shasum", contents.shasum.clone()),
        ("integrity", shortened(&contents.integrity)),
    ];
    if !contents.bundled.is_empty() {
        details.push(("bundled deps", contents.bundled.len().to_string()));
        details.push(("bundled files", bundled_files(contents).to_string()));
        details.push(("own files", own.to_string()));
    }
    details.push(("total files", contents.entries.to_string()));
    for (name, value) in details {
        terminal.notice(&format!("{name}: {value}"));
    }
    terminal.notice("");
}

fn bundled_files(contents: &Contents) -> usize {
    contents.files.iter().filter(|file| file.path.starts_with("node_modules/")).count()
}

/// The beginning and the end, enough to compare by eye.
fn shortened(integrity: &str) -> String {
    format!("{}[...]{}", integrity.get(..20).unwrap_or(integrity), integrity.get(80..).unwrap_or_default())
}

/// The same as an object.
pub fn json(contents: &Contents) -> Value {
    let files =
        contents.files.iter().map(|file| json!({"path": file.path, "size": file.size, "mode": file.mode}));
    json!({
        "id": contents.id(),
        "name": contents.name,
        "version": contents.version,
        "size": contents.size,
        "unpackedSize": contents.unpacked_size,
        "shasum": contents.shasum,
        "integrity": contents.integrity,
        "filename": contents.file_name,
        "files": files.collect::<Vec<_>>(),
        "entryCount": contents.entries,
        "bundled": contents.bundled,
    })
}

/// Bytes in decimal units, one digit behind the point from a thousand on.
fn size(bytes: u64, space: &str) -> String {
    const UNITS: [(u64, u64, &str); 3] =
        [(999_950, 1_000, "kB"), (999_950_000, 1_000_000, "MB"), (u64::MAX, 1_000_000_000, "GB")];
    if bytes < 1000 {
        return format!("{bytes}{space}B");
    }
    let (_, divisor, unit) = UNITS.into_iter().find(|(below, ..)| bytes < *below).unwrap_or(UNITS[2]);
    let tenths = (bytes.saturating_mul(10).saturating_add(divisor / 2)) / divisor;
    format!("{}.{}{space}{unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_one_digit_behind_the_point() {
        let rows = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (1549, "1.5 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (5_430_000_000, "5.4 GB"),
        ];
        for (bytes, expected) in rows {
            assert_eq!(size(bytes, " "), expected);
        }
        assert_eq!(size(1234, ""), "1.2kB");
    }
}
