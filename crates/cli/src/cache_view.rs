//! How `cache` shows what is kept and what was done about it.

use std::time::Duration;

use package_manager::cache::exec_sets::{Contents, ExecSet};
use package_manager::cache::{CacheVerified, Cached};
use package_manager::settings::Places;
use registry_client::PackumentKind;
use serde_json::{Value, json};

use crate::terminal::Terminal;

/// One line for each thing that is kept; an address that has two answers is named once.
pub fn listing(cached: &Cached) -> Vec<String> {
    let mut lines: Vec<String> = cached.packuments.iter().map(|kept| kept.url.clone()).collect();
    lines.dedup();
    lines.extend(cached.packages.iter().map(|kept| kept.line()));
    lines
}

pub fn listing_json(cached: &Cached) -> Value {
    let packuments = cached.packuments.iter().map(|kept| {
        let is_full = kept.kind == PackumentKind::Full;
        json!({
            "name": kept.name, "url": kept.url, "full": is_full, "size": kept.bytes,
            "confirmed": kept.confirmed, "path": kept.path,
        })
    });
    let packages = cached.packages.iter().map(|kept| {
        json!({
            "name": kept.name, "version": kept.version, "integrity": kept.integrity,
            "unpackedSize": kept.bytes, "fileCount": kept.files,
        })
    });
    json!({ "packuments": packuments.collect::<Value>(), "packages": packages.collect::<Value>() })
}

/// What was checked and what is gone, one fact a line; what there is none of is left out.
pub fn verified(found: &CacheVerified, places: &Places, elapsed: Duration) -> String {
    let (packuments, packages) = (&found.packuments, &found.packages);
    let mut lines = vec![
        format!("Cache verified ({})", places.cache.display()),
        format!("Metadata verified: {} ({})", packuments.whole, bytes(packuments.bytes)),
        format!(
            "Packages verified: {} ({}, {})",
            packages.whole,
            bytes(packages.bytes),
            places.store.display()
        ),
    ];
    let damaged = packages.removed.len() + packages.unreadable;
    let mut some = |label: &str, count: usize, freed: Option<u64>| {
        if count > 0 {
            let freed = freed.map(|freed| format!(" ({})", bytes(freed))).unwrap_or_default();
            lines.push(format!("{label}: {count}{freed}"));
        }
    };
    some("Damaged metadata removed", packuments.removed, Some(packuments.freed));
    some("Damaged packages removed", damaged, None);
    match &found.collected {
        Some(collected) => some("Unused packages removed", collected.removed, Some(collected.bytes)),
        None => lines.push("Unused packages stay: another process uses the store".to_owned()),
    }
    let collected = found.collected.unwrap_or_default();
    let mut some = |label: &str, count: usize| {
        if count > 0 {
            lines.push(format!("{label}: {count}"));
        }
    };
    some("Names of packages that are gone removed", collected.aliases);
    some("Remains of killed processes removed", packuments.abandoned + collected.abandoned + found.abandoned);
    lines.push(format!("Finished in {}s", elapsed.as_millis() as f64 / 1000.0));
    lines.join("\n")
}

pub fn verified_json(found: &CacheVerified) -> Value {
    let (packuments, packages) = (&found.packuments, &found.packages);
    let collected = found.collected.map(|collected| {
        json!({ "removed": collected.removed, "freed": collected.bytes, "aliases": collected.aliases })
    });
    let abandoned = found.collected.unwrap_or_default().abandoned;
    json!({
        "metadata": {
            "verified": packuments.whole, "size": packuments.bytes,
            "removed": packuments.removed, "freed": packuments.freed,
        },
        "packages": {
            "verified": packages.whole, "size": packages.bytes,
            "removed": packages.removed.len() + packages.unreadable,
        },
        "garbage": collected,
        "abandoned": packuments.abandoned + abandoned + found.abandoned,
    })
}

/// Decimal units, as npm counts.
pub fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one digit behind the point is shown")]
    let count_as = |unit: f64| format!("{:.1}", count as f64 / unit);
    match count {
        0..1_000 => format!("{count} B"),
        1_000..999_950 => format!("{} kB", count_as(1e3)),
        999_950..999_950_000 => format!("{} MB", count_as(1e6)),
        _ => format!("{} GB", count_as(1e9)),
    }
}

pub fn set_line(set: &ExecSet) -> String {
    let what = match &set.contents {
        None => "(empty/invalid)".to_owned(),
        Some(Contents::Unknown(_)) => "(unknown)".to_owned(),
        Some(Contents::Packages(packages)) => {
            packages.iter().map(|(spec, _)| spec.as_str()).collect::<Vec<_>>().join(", ")
        }
    };
    format!("{}: {what}", set.key)
}

/// Several lines, and an empty one behind them.
pub fn set_details(set: &ExecSet, terminal: &Terminal) -> String {
    let word = match set.contents {
        Some(_) => terminal.paint("32", "valid"),
        None => terminal.paint("31", "invalid"),
    };
    let mut lines = vec![
        format!("{word} npx cache entry with key {}", terminal.paint("34", &set.key)),
        format!("location: {}", terminal.paint("34", &set.path.to_string_lossy())),
    ];
    let cyan = |text: &str| terminal.paint("36", text);
    match &set.contents {
        None => {}
        Some(Contents::Packages(packages)) => {
            lines.push("packages:".to_owned());
            lines.extend(packages.iter().map(|(spec, installed)| match installed {
                Some(id) => format!("- {} ({})", cyan(spec), terminal.paint("34", id)),
                None => format!("- {}", cyan(spec)),
            }));
        }
        Some(Contents::Unknown(dependencies)) => {
            lines.push("packages: (unknown)".to_owned());
            lines.push("dependencies:".to_owned());
            lines.extend(dependencies.iter().map(|id| format!("- {}", cyan(id))));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}
