//! Reads every lockfile named on the command line, prints it again, and reports those that come out different and
//! the time each step took.

use npm_formats::lockfile::Lockfile;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let mut failed = false;
    for path in std::env::args().skip(1) {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                println!("{path}: {error}");
                failed = true;
                continue;
            }
        };
        let start = Instant::now();
        let lockfile = match Lockfile::parse(&path, &bytes) {
            Ok(lockfile) => lockfile,
            Err(error) => {
                println!("{path}: {error}");
                failed = true;
                continue;
            }
        };
        let parsed = start.elapsed();
        let start = Instant::now();
        let printed = lockfile.print();
        let same = printed.as_bytes() == bytes;
        failed |= !same;
        let verdict = if same { "same" } else { "DIFFERENT" };
        println!(
            "{verdict} {:>8} bytes {:>5} packages, parse {parsed:?}, print {:?}: {path}",
            bytes.len(),
            lockfile.packages.len(),
            start.elapsed()
        );
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
