//! Measures the two ways through the store on real tarballs: in (verify, inflate, unpack) and out (link).
//!
//! Usage: `store_bench TARBALLS WORK [ROUNDS]`: a directory of `.tgz` files, and an empty directory on the file system
//! to be measured. Every round has a store and a project of its own, and nothing is deleted. What was deleted on the same
//! file system in the minutes before still counts: ext4 then takes several times as long to make anything. Beside the
//! time passed stands the processor time of all threads (Linux), which says something on a busy machine too.

use package_store::{BeginOptions, Ingested, LinkMode, LinkTask, NodeModulesWriter, Store, TarballRequest};
use rayon::prelude::*;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Time passed, and processor time where the system tells.
#[derive(Clone, Copy)]
struct Taken {
    passed: Duration,
    processor: Duration,
}

struct Clock {
    start: Instant,
    processor: Duration,
}

impl Clock {
    fn start() -> Self {
        Self { start: Instant::now(), processor: processor_time() }
    }

    fn stop(&self) -> Taken {
        let processor = processor_time().saturating_sub(self.processor);
        Taken { passed: self.start.elapsed(), processor }
    }
}

fn processor_time() -> Duration {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Duration::ZERO };
    let nanoseconds = |thread: std::io::Result<std::fs::DirEntry>| -> Option<u64> {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok()
    };
    Duration::from_nanos(threads.filter_map(nanoseconds).sum())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().collect();
    let (Some(tarballs), Some(work)) = (arguments.get(1), arguments.get(2)) else {
        return Err("usage: store_bench TARBALLS WORK [ROUNDS]".into());
    };
    let rounds = arguments.get(3).map_or(Ok(5), |rounds| rounds.parse())?;
    let mut paths: Vec<_> =
        std::fs::read_dir(tarballs)?.map(|item| item.map(|item| item.path())).collect::<Result<_, _>>()?;
    paths.sort();
    let tarballs = paths.iter().map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    let packed: usize = tarballs.iter().map(Vec::len).sum();
    println!(
        "{} tarballs, {:.1} MB, {} threads",
        tarballs.len(),
        megabytes(packed as u64),
        rayon::current_num_threads()
    );
    let work = Path::new(work);
    let mut cold = Vec::new();
    for round in 0..rounds {
        cold.push(ingest_all(&work.join(format!("store-{round}")), &tarballs)?);
    }
    let (_, last) = cold.last().ok_or("no rounds")?;
    let unpacked: u64 = last.iter().map(|ingested| ingested.entry.unpacked_size()).sum();
    let files: usize = last.iter().map(|ingested| ingested.entry.file_count()).sum();
    println!("{files} files, {:.1} MB unpacked", megabytes(unpacked));
    report("ingest", cold.iter().map(|(time, _)| *time).collect());
    for mode in [LinkMode::HardLink, LinkMode::Copy] {
        let times = (0..rounds)
            .map(|round| link_all(&work.join(format!("project-{mode:?}-{round}")), last, mode))
            .collect::<Result<Vec<_>, _>>()?;
        report(&format!("link {mode:?}"), times);
    }
    let project = work.join("project-HardLink-0");
    let times = (0..rounds)
        .map(|round| copy_links(&project, &work.join(format!("cp-{round}"))))
        .collect::<Result<Vec<_>, _>>()?;
    report("cp -al", times);
    Ok(())
}

fn ingest_all(store: &Path, tarballs: &[Vec<u8>]) -> Result<(Taken, Vec<Ingested>), Box<dyn Error>> {
    let clock = Clock::start();
    let store = Store::open(store)?;
    let ingested = tarballs
        .par_iter()
        .with_max_len(1)
        .map(|tarball| store.ingest_tarball(TarballRequest::new("benchmark", "a file", None), tarball))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((clock.stop(), ingested))
}

/// Includes looking every entry up again, as an install from a warm store does.
fn link_all(project: &Path, ingested: &[Ingested], mode: LinkMode) -> Result<Taken, Box<dyn Error>> {
    std::fs::create_dir_all(project)?;
    let integrities: Vec<_> = ingested.iter().map(|ingested| ingested.integrity.clone()).collect();
    let store = ingested.first().ok_or("no tarballs")?.entry.path();
    let store = store.ancestors().nth(4).ok_or("no store")?;
    let clock = Clock::start();
    let store = Store::open(store)?;
    let mut writer = NodeModulesWriter::begin(project, &BeginOptions::default())?;
    let locations: Vec<_> = (0..integrities.len()).map(|at| format!("node_modules/package-{at}")).collect();
    writer.plan(locations.iter().map(String::as_str), [])?;
    let tasks = integrities
        .iter()
        .zip(&locations)
        .map(|(integrity, location)| {
            let entry = store.lookup(integrity).ok_or("not in the store")?;
            Ok(LinkTask { location: location.clone(), entry, mode })
        })
        .collect::<Result<Vec<_>, &str>>()?;
    writer.link_all(&tasks)?;
    writer.commit()?;
    writer.finish(&[])?;
    Ok(clock.stop())
}

fn copy_links(from: &Path, to: &Path) -> Result<Taken, Box<dyn Error>> {
    let clock = Clock::start();
    let arguments = [Path::new("-al"), from, to].map(PathBuf::from);
    if !std::process::Command::new("cp").args(arguments).status()?.success() {
        return Err("cp failed".into());
    }
    Ok(clock.stop())
}

fn report(what: &str, times: Vec<Taken>) {
    let sorted = |pick: fn(&Taken) -> Duration| {
        let mut times: Vec<_> = times.iter().map(|taken| pick(taken).as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        [times.first(), times.get(times.len() / 2), times.last()]
            .map(|time| time.copied().unwrap_or_default())
    };
    let [best, median, worst] = sorted(|taken| taken.passed);
    let [least, usual, _] = sorted(|taken| taken.processor);
    println!(
        "{what:14} best {best:8.2} ms, median {median:8.2} ms, worst {worst:8.2} ms; \
         processor best {least:8.2} ms, median {usual:8.2} ms"
    );
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
