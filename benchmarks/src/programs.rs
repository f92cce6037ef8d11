//! Programs beside Node, Bun and Deno: how long an empty one and a large one take from start to end, and the least time of
//! each kernel as it measures itself.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{self, BenchmarkError};
use crate::measure::{self, Sample, Spread};
use crate::{places, tool};

struct Runtime {
    name: &'static str,
    binary: PathBuf,
    /// Before the file.
    arguments: &'static [&'static str],
    version: String,
}

fn runtimes(knit: Option<&Path>) -> Result<Vec<Runtime>, BenchmarkError> {
    let knit = knit.map_or_else(|| places::release("knit"), Path::to_owned);
    let found: [(&'static str, PathBuf, &'static [&'static str]); 4] = [
        ("knit", knit, &[]),
        ("node", PathBuf::from("node"), &[]),
        ("bun", tool::peer("@oven", "bin/bun")?, &[]),
        ("deno", tool::peer("@deno", "deno")?, &["run", "-A", "--quiet"]),
    ];
    found
        .into_iter()
        .map(|(name, binary, arguments)| {
            let output = Command::new(&binary).arg("--version").output();
            let output = output.map_err(error::io("run", &binary))?;
            let text = String::from_utf8_lossy(&output.stdout);
            // deno says more, and its own name first
            let first = text.lines().next().unwrap_or_default().trim_start_matches("deno ");
            let version = first.split(' ').next().unwrap_or_default().to_owned();
            Ok(Runtime { name, binary, arguments, version })
        })
        .collect()
}

impl Runtime {
    fn command(&self, file: &Path) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(self.arguments).arg(file).current_dir(places::kernels());
        command.envs(std::env::vars_os());
        command
    }

    fn fails(&self, program: &Path, output: String) -> BenchmarkError {
        BenchmarkError::Program { runtime: self.name, program: program.display().to_string(), output }
    }
}

/// Runs everything whose name contains `only` (all without it), the runtimes in turns. The report as Markdown.
pub fn measure(
    knit: Option<&Path>,
    repetitions: usize,
    only: Option<&str>,
) -> Result<String, BenchmarkError> {
    let runtimes = runtimes(knit)?;
    let wanted = |name: &str| only.is_none_or(|only| name.contains(only));
    let mut report =
        String::from("Medians; the ratio is to node. In parentheses the least and the most.\n\n| |");
    for runtime in &runtimes {
        write!(report, " {} {} |", runtime.name, runtime.version.trim_start_matches('v'))
            .expect("a string grows");
    }
    report.push_str("\n|---|");
    report.push_str(&"---:|".repeat(runtimes.len()));
    report.push('\n');
    for (name, file) in whole_programs()? {
        if wanted(name) {
            let samples = run_in_turns(&runtimes, &file, repetitions)?;
            let milliseconds = |sample: &Sample| sample.wall.as_secs_f64() * 1e3;
            let walls = samples.iter().map(|samples| Spread::of(samples, milliseconds));
            row(&mut report, &format!("{name}, wall"), "ms", walls);
            let memory =
                samples.iter().map(|samples| Spread::of(samples, |sample| sample.memory as f64 / 1e6));
            row(&mut report, &format!("{name}, peak memory"), "MB", memory);
        }
    }
    for file in kernels()? {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if wanted(&stem) {
            let (name, spreads) = kernel_in_turns(&runtimes, &file, repetitions)?;
            row(&mut report, &name, "ms", spreads.into_iter());
        }
    }
    Ok(report)
}

/// Names and files of the programs that are measured from outside; what they need is installed beside the peers.
fn whole_programs() -> Result<Vec<(&'static str, PathBuf)>, BenchmarkError> {
    let folder = places::out().join("programs");
    fs::create_dir_all(&folder).map_err(error::io("make", &folder))?;
    let typescript = places::out().join("peers/node_modules/typescript");
    let programs = [
        ("an empty file", "empty.cjs", String::new()),
        ("an empty module", "empty.mjs", "export {};\n".to_owned()),
        (
            "require('typescript')",
            "typescript.cjs",
            format!("require({:?});\n", typescript.display().to_string()),
        ),
    ];
    programs
        .into_iter()
        .map(|(name, file, text)| {
            let path = folder.join(file);
            fs::write(&path, text).map_err(error::io("write", &path))?;
            Ok((name, path))
        })
        .collect()
}

fn kernels() -> Result<Vec<PathBuf>, BenchmarkError> {
    let folder = places::kernels();
    let entries = fs::read_dir(&folder).map_err(error::io("read", &folder))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| {
        path.extension().is_some_and(|extension| extension == "js") && !path.ends_with("measure.js")
    });
    files.sort();
    Ok(files)
}

/// The samples of each runtime, after one run that warms its caches.
fn run_in_turns(
    runtimes: &[Runtime],
    file: &Path,
    repetitions: usize,
) -> Result<Vec<Vec<Sample>>, BenchmarkError> {
    let report = places::out().join("sample");
    let mut samples = vec![Vec::new(); runtimes.len()];
    for round in 0..=repetitions {
        for (runtime, samples) in runtimes.iter().zip(&mut samples) {
            let finished =
                measure::run(&runtime.command(file), &report).map_err(error::io("run", &runtime.binary))?;
            if !finished.success {
                let output = fs::read_to_string(report.with_extension("txt")).unwrap_or_default();
                return Err(runtime.fails(file, output));
            }
            if round > 0 {
                samples.push(finished.sample);
            }
        }
    }
    Ok(samples)
}

/// A kernel's name, and the spread of what it says for each runtime.
fn kernel_in_turns(
    runtimes: &[Runtime],
    file: &Path,
    repetitions: usize,
) -> Result<(String, Vec<Option<Spread>>), BenchmarkError> {
    let mut name = String::new();
    let mut values = vec![Vec::new(); runtimes.len()];
    for _ in 0..repetitions {
        for (runtime, values) in runtimes.iter().zip(&mut values) {
            let output = runtime.command(file).output().map_err(error::io("run", &runtime.binary))?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let measured =
                text.trim().split_once('\t').and_then(|(name, value)| Some((name, value.parse().ok()?)));
            let Some((kernel, value)) = measured else {
                return Err(runtime.fails(file, text + &String::from_utf8_lossy(&output.stderr)));
            };
            name = kernel.to_owned();
            values.push(value);
        }
    }
    Ok((name, values.into_iter().map(Spread::of_values).collect()))
}

fn row(report: &mut String, name: &str, unit: &str, spreads: impl Iterator<Item = Option<Spread>>) {
    let spreads: Vec<Option<Spread>> = spreads.collect();
    let node = spreads.get(1).copied().flatten().map_or(f64::NAN, |spread| spread.median);
    write!(report, "| {name} |").expect("a string grows");
    for spread in spreads.into_iter().flatten() {
        let Spread { median, least, most } = spread;
        write!(report, " {median:.1} {unit} ({least:.1} to {most:.1}) {:.2}× |", median / node)
            .expect("a string grows");
    }
    report.push('\n');
}
