//! Fetches packuments or tarballs from a real registry and says how long it took: a tool for measuring by hand.
//!
//! `KNIT_REGISTRY=<address> cargo run --release --example fetch -- packuments|full|tarballs <file of names>`;
//! for tarballs each line is `name version`. `KNIT_CACHE` names a cache directory, `KNIT_SOCKETS` the bound
//! on concurrent requests, `KNIT_PREFER_OFFLINE` forbids what the cache has.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use registry_client::{CachePolicy, ClientOptions, PackumentKind, RegistryClient, TarballRequest};
use tokio::task::JoinSet;
use url::Url;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let registry = Url::parse(&std::env::var("KNIT_REGISTRY")?)?;
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().ok_or("packuments, full or tarballs?")?;
    let lines = std::fs::read_to_string(arguments.next().ok_or("a file of names?")?)?;
    let mut options = ClientOptions { registry: Some(registry.clone()), ..ClientOptions::default() };
    if let Ok(sockets) = std::env::var("KNIT_SOCKETS") {
        options.max_sockets = sockets.parse()?;
    }
    if std::env::var("KNIT_PREFER_OFFLINE").is_ok() {
        options.cache_policy = CachePolicy::PreferOffline;
    }
    options.cache_directory = std::env::var("KNIT_CACHE").ok().map(PathBuf::from);
    let client = RegistryClient::new(options)?;
    let bytes = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for line in lines.lines().map(str::to_owned) {
        let (client, bytes, what, registry) = (client.clone(), bytes.clone(), what.clone(), registry.clone());
        tasks.spawn(async move {
            let size = match what.as_str() {
                "tarballs" => {
                    let (name, version) = line.split_once(' ').ok_or("name and version?")?;
                    let base = name.rsplit('/').next().unwrap_or(name);
                    let url = registry.join(&format!("{name}/-/{base}-{version}.tgz"))?;
                    let mut tarball = Vec::new();
                    client.tarball(&TarballRequest::new(url), &mut tarball).await?
                }
                "full" => client.packument(&line, PackumentKind::Full).await?.text().len() as u64,
                _ => client.packument(&line, PackumentKind::Abbreviated).await?.text().len() as u64,
            };
            bytes.fetch_add(size, Ordering::Relaxed);
            Ok::<_, Failure>(())
        });
    }
    let (mut done, mut failed) = (0, 0);
    while let Some(outcome) = tasks.join_next().await {
        match outcome? {
            Ok(()) => done += 1,
            Err(error) => {
                failed += 1;
                eprintln!("{error}");
            }
        }
    }
    client.flush().await;
    let seconds = start.elapsed().as_secs_f64();
    let megabytes = bytes.load(Ordering::Relaxed) as f64 / 1e6;
    println!(
        "{done} done, {failed} failed, {megabytes:.1} MB, {seconds:.2} s, {:.0}/s",
        f64::from(done) / seconds
    );
    Ok(())
}
