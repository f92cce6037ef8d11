//! Looks at a packed package as those who install it will: Node's `import` and `require`, TypeScript, bundlers, the
//! shell that starts its programs.
//!
//! Owns the rules and what to do about each. What is found by whom is answered by Node's own algorithms in
//! `module-resolver` over the files of the tarball, and by reading the sources with `module-syntax`. Reads no disk, runs
//! nothing.

mod conditions;
mod dual;
mod entries;
mod fields;
mod modules;
mod package;
mod problem;
mod programs;
mod targets;
mod types;

use serde::Serialize;

pub use entries::{Entry, Loaded};
pub use problem::{Level, Problem};

use package::Package;
use problem::Problems;

/// What was found out about a package.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What can be asked for, in the order of "exports".
    pub entries: Vec<Entry>,
    /// What is wrong, the worst first.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether something does not work.
    pub fn is_broken(&self) -> bool {
        self.problems.iter().any(|problem| problem.level == Level::Error)
    }
}

/// Checks the files of a tarball, given by their paths in the package. A package.json that is no object is itself the
/// only problem.
pub fn check(files: Vec<(String, Vec<u8>)>) -> Report {
    let mut problems = Problems::default();
    let Some(package) = Package::new(files) else {
        let fix = "write a JSON object with at least a name and a version";
        problems.error("no-manifest", "package.json", "it is missing or is no JSON object", fix);
        return Report { entries: Vec::new(), problems: problems.sorted() };
    };
    targets::check(&package, &mut problems);
    conditions::check(&package, &mut problems);
    fields::check(&package, &mut problems);
    programs::check(&package, &mut problems);
    let entries = entries::check(&package, &mut problems);
    types::check(&package, &entries, &mut problems);
    let graph = modules::check(&package, &entries, &mut problems);
    dual::check(&package, &entries, &graph, &mut problems);
    Report { entries, problems: problems.sorted() }
}
