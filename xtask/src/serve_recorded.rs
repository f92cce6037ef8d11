//! `serve-recorded`: a registry of recorded metadata, without tarballs.

use std::error::Error;
use std::io::Read;
use std::path::PathBuf;

use test_support::TestRegistry;
use test_support::recorded_metadata::RecordedMetadata;

#[derive(clap::Args)]
pub struct Arguments {
    /// A file that `record-corpus` wrote.
    file: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let recorded = RecordedMetadata::read(&arguments.file)?;
    let registry = TestRegistry::start();
    for name in recorded.names() {
        registry.put_packument(name, recorded.packument(name).unwrap_or_default());
    }
    println!("{}", registry.url());
    eprintln!("until standard input ends");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
