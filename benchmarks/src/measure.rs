//! One run of one command, and what many runs come to.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// From start to exit.
    pub wall: Duration,
    /// User and system time of the process and the children it waited for.
    pub cpu: Duration,
    /// Largest resident set of any of those processes, in bytes.
    pub memory: u64,
    /// Requests to the registry.
    pub requests: usize,
}

/// A run that came to its end.
pub struct Finished {
    /// Whether the exit status was 0.
    pub success: bool,
    pub sample: Sample,
}

/// Runs a command to its end through a launcher: this executable, started anew with [`LAUNCH`].
///
/// Linux counts the memory of whoever starts a process to that process until it executes its program. The launcher
/// is small, this process with its registry is not. The sample's requests are for the caller to fill in.
pub fn run(command: &Command, report: &Path) -> io::Result<Finished> {
    let mut launcher = Command::new(std::env::current_exe()?);
    launcher.arg(LAUNCH).arg(report).arg(command.get_program()).args(command.get_args()).env_clear();
    launcher.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
    if let Some(directory) = command.get_current_dir() {
        launcher.current_dir(directory);
    }
    let output = File::create(report.with_extension("txt"))?;
    launcher.stdin(Stdio::null()).stderr(output.try_clone()?).stdout(output);
    let status = launcher.status()?;
    let text = fs::read_to_string(report).map_err(|_| io::Error::other(status.to_string()))?;
    let numbers: Vec<u64> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let [success, wall, cpu, memory] = numbers[..] else {
        return Err(io::Error::other("the launcher reported nonsense"));
    };
    let sample =
        Sample { wall: Duration::from_nanos(wall), cpu: Duration::from_nanos(cpu), memory, requests: 0 };
    Ok(Finished { success: success == 1, sample })
}

/// The first argument that makes this executable a launcher.
pub const LAUNCH: &str = "launch";

/// The launcher: runs a program with its arguments, in whatever environment it has, and writes what it took.
pub fn launch(mut arguments: impl Iterator<Item = OsString>) -> io::Result<()> {
    let missing = || io::Error::from(io::ErrorKind::InvalidInput);
    let report = arguments.next().ok_or_else(missing)?;
    let program = arguments.next().ok_or_else(missing)?;
    let mut command = Command::new(program);
    command.args(arguments);
    let started = Instant::now();
    let mut child = command.spawn()?;
    let used = child.wait4()?;
    let wall = started.elapsed();
    let cpu = used.rusage.utime + used.rusage.stime;
    let success = u8::from(used.status.success());
    fs::write(report, format!("{success} {} {} {}", wall.as_nanos(), cpu.as_nanos(), used.rusage.maxrss))
}

/// Median, smallest and largest of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Spread {
    /// The spread of what `value` gives for each sample; nothing for no samples.
    pub fn of(samples: &[Sample], value: impl Fn(&Sample) -> f64) -> Option<Spread> {
        Spread::of_values(samples.iter().map(value).collect())
    }

    /// The spread of values; nothing for none.
    pub fn of_values(mut values: Vec<f64>) -> Option<Spread> {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let upper = *values.get(middle)?;
        let median =
            if values.len().is_multiple_of(2) { f64::midpoint(values[middle - 1], upper) } else { upper };
        Some(Spread { median, least: values[0], most: values[values.len() - 1] })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Sample, Spread};

    #[test]
    fn the_median_is_the_middle() {
        for (walls, expected) in [
            (vec![], None),
            (vec![3], Some((3.0, 3.0, 3.0))),
            (vec![9, 1, 2], Some((2.0, 1.0, 9.0))),
            (vec![4, 1, 2, 9], Some((3.0, 1.0, 9.0))),
        ] {
            let sample = |&wall: &u64| Sample {
                wall: Duration::from_secs(wall),
                cpu: Duration::ZERO,
                memory: 0,
                requests: 0,
            };
            let samples: Vec<Sample> = walls.iter().map(sample).collect();
            let spread = Spread::of(&samples, |sample| sample.wall.as_secs_f64());
            assert_eq!(spread.map(|spread| (spread.median, spread.least, spread.most)), expected);
        }
    }
}
