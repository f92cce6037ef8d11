//! What a person can do about peer dependencies that contradict each other, and why they do.

use dependency_resolver::{Conflict, DependencyExplanation, Explanation};

/// The ways out of a conflict, each with a command to run.
pub fn hints(conflict: &Conflict) -> Vec<String> {
    let mut hints = Vec::new();
    let wanted = format!("{}@{}", conflict.edge.name, quoted(&conflict.edge.spec));
    let is_direct = conflict.current_edge.as_ref().is_some_and(|edge| edge.from.name.is_none());
    if is_direct {
        hints.push(format!(
            "the project asks for {} itself; `knit install {wanted}` takes one that suits {}",
            conflict.edge.name,
            package(&conflict.edge.from)
        ));
    }
    if let Some(name) = direct_dependency(&conflict.edge.from) {
        hints.push(format!("another version of {name} may suit: `knit view {name} peerDependencies`"));
    }
    hints.push("`knit install --legacy-peer-deps` leaves peer dependencies to you".to_owned());
    hints
}

/// The path from the root to a dependency, one line a step, as lines to be shown below the error.
pub fn story(conflict: &Conflict) -> Vec<String> {
    let mut lines = vec![format!(
        "{} wants {} {}@{}",
        path_to(&conflict.edge.from),
        conflict.edge.kind,
        conflict.edge.name,
        conflict.edge.spec
    )];
    if let Some(current) = &conflict.current {
        lines.push(format!("{} is there", package(current)));
        for dependent in current.dependents.iter().flatten().take(3) {
            lines.push(wish(dependent));
        }
    }
    if let Some(edge) = &conflict.current_edge {
        let line = wish(edge);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if let Some(peer) = conflict.peer_conflict.as_ref().and_then(|peers| peers.peer.as_ref()) {
        for dependent in peer.dependents.iter().flatten().take(3) {
            let line = format!("{}, which {} would meet", wish(dependent), package(peer));
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines
}

fn wish(dependency: &DependencyExplanation) -> String {
    format!(
        "{} wants {}{}@{}",
        path_to(&dependency.from),
        if dependency.kind == "prod" { String::new() } else { format!("{} ", dependency.kind) },
        dependency.name,
        dependency.spec
    )
}

/// `the project > a@1.0.0 > b@2.0.0`
fn path_to(explained: &Explanation) -> String {
    let mut steps = vec![package(explained)];
    let mut at = explained;
    while let Some(first) = at.dependents.iter().flatten().next() {
        at = &first.from;
        steps.push(package(at));
        if steps.len() > 12 {
            break;
        }
    }
    steps.reverse();
    steps.join(" > ")
}

fn package(explained: &Explanation) -> String {
    match (&explained.name, &explained.version) {
        (Some(name), Some(version)) => format!("{name}@{version}"),
        (Some(name), None) => name.clone(),
        _ => "the project".to_owned(),
    }
}

/// The direct dependency of the project by which something is there.
fn direct_dependency(explained: &Explanation) -> Option<String> {
    let mut at = explained;
    for _ in 0..64 {
        let first = at.dependents.iter().flatten().next()?;
        if first.from.name.is_none() {
            return Some(first.name.clone());
        }
        at = &first.from;
    }
    None
}

fn quoted(spec: &str) -> String {
    if spec.contains(' ') || spec.contains('|') || spec.contains('>') {
        format!("'{spec}'")
    } else {
        spec.to_owned()
    }
}
