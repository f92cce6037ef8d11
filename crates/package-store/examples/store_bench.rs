//! Measures the two ways through the store on real tarballs: in (verify, inflate, unpack) and out (link).
//!
//! Usage: `store_bench TARBALLS WORK [ROUNDS]`: a directory of `.tgz` files, and an empty directory on the file system
//! to be measured. Every round has a store and a project of its own, and nothing is deleted. What was deleted on the same
//! file system in the minutes before still counts: ext4 then takes several times as long to make anything.

use package_store::{BeginOptions, Ingested, LinkMode, LinkTask, NodeModulesWriter, Store, TarballRequest};
use rayon::prelude::*;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

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

fn ingest_all(store: &Path, tarballs: &[Vec<u8>]) -> Result<(Duration, Vec<Ingested>), Box<dyn Error>> {
    let start = Instant::now();
    let store = Store::open(store)?;
    let ingested = tarballs
        .par_iter()
        .with_max_len(1)
        .map(|tarball| store.ingest_tarball(TarballRequest::new("benchmark", "a file", None), tarball))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((start.elapsed(), ingested))
}

/// Includes looking every entry up again, as an install from a warm store does.
fn link_all(project: &Path, ingested: &[Ingested], mode: LinkMode) -> Result<Duration, Box<dyn Error>> {
    std::fs::create_dir_all(project)?;
    let integrities: Vec<_> = ingested.iter().map(|ingested| ingested.integrity.clone()).collect();
    let store = ingested.first().ok_or("no tarballs")?.entry.path();
    let store = store.ancestors().nth(4).ok_or("no store")?;
    let start = Instant::now();
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
    Ok(start.elapsed())
}

fn copy_links(from: &Path, to: &Path) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    let arguments = [Path::new("-al"), from, to].map(PathBuf::from);
    if !std::process::Command::new("cp").args(arguments).status()?.success() {
        return Err("cp failed".into());
    }
    Ok(start.elapsed())
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let milliseconds = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!(
        "{what:14} best {:8.2} ms, median {:8.2} ms, worst {:8.2} ms",
        milliseconds(times.first()),
        milliseconds(times.get(times.len() / 2)),
        milliseconds(times.last())
    );
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
