//! `knit sbom`

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use package_manager::view::sbom::{self, Format, Request};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};

pub const COMMAND: Command = Command {
    options: &["omit", "package-lock-only", "sbom-format", "sbom-type", "workspace", "workspaces"],
    workspaces: Workspaces::Explicit,
    ..Command::new("sbom", "Write a bill of materials of what is installed", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let config = &invocation.configuration.config;
    let format = match config.text("sbom-format").as_deref() {
        Some("cyclonedx") => Format::CycloneDx,
        Some("spdx") => Format::Spdx,
        _ => return Err(invocation.usage_error("`sbom` needs --sbom-format=cyclonedx or --sbom-format=spdx")),
    };
    let mut settings = invocation.settings();
    if settings.workspaces.implicit {
        settings.workspaces.filters.clear();
    }
    let request = Request {
        format,
        package_type: config.text("sbom-type").unwrap_or_else(|| "library".to_owned()),
        lockfile_only: settings.install.package_lock_only,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        uuid: uuid(),
        timestamp: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
    };
    invocation.terminal.print_json(&sbom::sbom(&settings, &request)?);
    Ok(Outcome::Success)
}

/// A UUID of version 4. It names a document and guards nothing, so the seeds of hash maps, which the system's random
/// numbers give, are random enough.
fn uuid() -> String {
    let number = || RandomState::new().build_hasher().finish();
    let bits = (u128::from(number()) << 64) | u128::from(number());
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{bits:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().to_owned();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}
