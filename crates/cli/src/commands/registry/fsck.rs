//! `knit registry fsck`

use registry_server::operations::{CheckOptions, CheckOutcome, Contents};

use super::{CommandResult, Invocation, Outcome, counted};
use crate::cache_view::bytes;
use crate::registry_service;

pub(super) fn run(invocation: &Invocation<'_>) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    let config = &invocation.configuration.config;
    let contents = if config.flag("quick") { Contents::Lengths } else { Contents::Read };
    let options = CheckOptions { contents, repair: config.flag("repair") };
    let checked = registry_service::with(&settings, async |registry| registry.check(&options).await)?;
    if invocation.terminal.json {
        let mut answer = serde_json::json!({ "ok": checked.is_sound() });
        if let (Some(answer), Ok(serde_json::Value::Object(members))) =
            (answer.as_object_mut(), serde_json::to_value(&checked))
        {
            answer.extend(members);
        }
        invocation.terminal.print_json(&answer);
    } else {
        invocation.terminal.print(told(&checked, options.repair));
    }
    Ok(if checked.is_sound() { Outcome::Success } else { Outcome::Status(1) })
}

fn told(checked: &CheckOutcome, repair: bool) -> String {
    let mut lines = Vec::new();
    for problem in &checked.problems {
        let repaired = if problem.repaired { " (repaired)" } else { "" };
        lines.push(format!("{} {}{repaired}", problem.object, problem.message));
    }
    lines.push(format!(
        "looked at {}, {}, {} of tarballs, {} fetched from upstreams",
        counted(checked.packages, "package"),
        counted(checked.versions, "version"),
        bytes(checked.blobs.bytes),
        bytes(checked.fetched.bytes)
    ));
    let open = checked.problems.iter().filter(|problem| !problem.repaired).count();
    let problems = |count: usize| counted(count as u64, "problem");
    lines.push(match (open, checked.problems.len()) {
        (0, 0) => "everything fits together".to_owned(),
        (0, repaired) => format!("{}, all repaired", problems(repaired)),
        (open, _) if repair => format!("{} left for a backup or a decision", problems(open)),
        (open, _) => format!("{}; --repair puts right what loses nothing", problems(open)),
    });
    lines.join("\n")
}
