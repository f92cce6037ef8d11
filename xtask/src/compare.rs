//! `compare`: the lockfile that npm writes for a package.json beside the one that knit writes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};

use test_support::upstream::configured_registry;

#[derive(clap::Args)]
pub struct Arguments {
    /// Projects: folders, or package.json files.
    #[arg(required = true)]
    projects: Vec<PathBuf>,
    /// The knit to compare.
    #[arg(long, default_value = "target/release/knit")]
    knit: PathBuf,
    /// Leave out versions published later. Both look at the registry as it was then.
    #[arg(long)]
    before: Option<String>,
    /// Where to work; what npm and knit wrote stays there, below the project's name. npm is not run again where
    /// its lockfile is there.
    #[arg(long, default_value = "target/compare")]
    folder: PathBuf,
    /// Options for both commands, after `--`: `--legacy-peer-deps`, names to install, ...
    #[arg(last = true)]
    options: Vec<String>,
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error("cannot read or write {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("cannot run {program}")]
    Run { program: String, source: io::Error },
    #[error("npm does not say which registry it uses")]
    Registry { source: io::Error },
    #[error("{count} of {total} differ")]
    Different { count: usize, total: usize },
}

pub fn run(arguments: &Arguments) -> Result<(), CompareError> {
    let registry = configured_registry().map_err(|source| CompareError::Registry { source })?;
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| CompareError::File { path, source }
    };
    fs::create_dir_all(&arguments.folder).map_err(file(&arguments.folder))?;
    let folder = arguments.folder.canonicalize().map_err(file(&arguments.folder))?;
    let knit = arguments.knit.canonicalize().map_err(file(&arguments.knit))?;
    let mut different = 0;
    for project in &arguments.projects {
        let manifest = if project.is_dir() { project.join("package.json") } else { project.clone() };
        let source = manifest.canonicalize().map_err(file(&manifest))?;
        let name = source.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let side = |program: &Path, side: &str| -> Result<Side, CompareError> {
            let place = folder.join(&*name).join(side);
            fs::create_dir_all(&place).map_err(file(&place))?;
            let lockfile = place.join("package-lock.json");
            if side != "npm" {
                let _ = fs::remove_file(&lockfile);
            }
            fs::copy(&source, place.join("package.json")).map_err(file(&place))?;
            let output = match lockfile.exists() {
                true => None,
                false => Some(install(arguments, program, &place, registry.as_str())?),
            };
            Ok(Side { output, lockfile: fs::read_to_string(&lockfile).unwrap_or_default() })
        };
        let (theirs, ours) = (side(Path::new("npm"), "npm")?, side(&knit, "knit")?);
        let verdict = verdict(&theirs, &ours);
        println!("{name}: {}", verdict.as_deref().unwrap_or("the same"));
        different += usize::from(verdict.is_some());
    }
    match different {
        0 => Ok(()),
        count => Err(CompareError::Different { count, total: arguments.projects.len() }),
    }
}

/// What a program left behind.
struct Side {
    /// `None` where its lockfile was there already.
    output: Option<Output>,
    lockfile: String,
}

impl Side {
    /// npm's and knit's word for what went wrong (`ERESOLVE`), if anything did.
    fn error_code(&self) -> Option<String> {
        let output = self.output.as_ref().filter(|output| !output.status.success())?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let is_code = |word: &&str| {
            word.len() > 2
                && word.starts_with('E')
                && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        let code = text.split(|c: char| !c.is_ascii_alphanumeric()).find(is_code).map(str::to_owned);
        Some(code.unwrap_or_else(|| describe(output.status)))
    }
}

fn install(
    arguments: &Arguments,
    program: &Path,
    place: &Path,
    registry: &str,
) -> Result<Output, CompareError> {
    let mut command = Command::new(program);
    command
        .current_dir(place)
        .args(["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"])
        .arg("--omit-lockfile-registry-resolved=true")
        .arg(format!("--registry={registry}"));
    if let Some(before) = &arguments.before {
        command.arg(format!("--before={before}"));
    }
    let output = command.args(&arguments.options).output();
    output.map_err(|source| CompareError::Run { program: program.display().to_string(), source })
}

/// What differs; `None` where nothing does.
fn verdict(theirs: &Side, ours: &Side) -> Option<String> {
    let (their_code, our_code) = (theirs.error_code(), ours.error_code());
    if their_code.is_some() || our_code.is_some() {
        let name = |code: &Option<String>| code.clone().unwrap_or_else(|| "success".to_owned());
        return (their_code != our_code)
            .then(|| format!("npm ends with {}, knit with {}", name(&their_code), name(&our_code)));
    }
    let same = theirs.lockfile.lines().zip(ours.lockfile.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("the end").trim().to_owned();
    let below = theirs.lockfile.lines().take(same).filter(|line| line.contains("node_modules/")).last();
    (theirs.lockfile != ours.lockfile).then(|| {
        let place = below.unwrap_or_default().trim().trim_end_matches(": {");
        let (npm, knit) = (line(&theirs.lockfile), line(&ours.lockfile));
        format!("line {}, in {place}: npm has {npm}, knit {knit}", same + 1)
    })
}

fn describe(status: ExitStatus) -> String {
    status.code().map_or_else(|| "a signal".to_owned(), |code| format!("exit status {code}"))
}
