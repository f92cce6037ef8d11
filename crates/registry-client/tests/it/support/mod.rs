//! A registry of a few lines: a function from request to reply, and everything a server can do wrong.

pub mod authority;
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use registry_client::{ClientOptions, Clock, RegistryClient, RetryOptions};

pub use server::{Reply, Server};

/// Options for a registry: quick retries, and no patience.
pub fn options(registry: &Server) -> ClientOptions {
    ClientOptions {
        registry: Some(registry.url("/")),
        retry: RetryOptions {
            retries: 2,
            factor: 1.0,
            min_timeout: Duration::from_millis(1),
            max_timeout: Duration::from_millis(2),
        },
        fetch_timeout: Duration::from_secs(20),
        ..ClientOptions::default()
    }
}

pub fn client(registry: &Server) -> RegistryClient {
    RegistryClient::new(options(registry)).unwrap()
}

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub struct StoppedClock(Arc<AtomicU64>);

impl StoppedClock {
    pub fn new() -> Self {
        StoppedClock(Arc::new(AtomicU64::new(1_700_000_000)))
    }

    pub fn forward(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub fn clock(&self) -> Clock {
        let now = self.0.clone();
        Clock::new(move || SystemTime::UNIX_EPOCH + Duration::from_secs(now.load(Ordering::Relaxed)))
    }
}

/// Compresses as a registry does.
pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut packed = vec![0; compressor.gzip_compress_bound(text.len())];
    let length = compressor.gzip_compress(text, &mut packed).unwrap();
    packed.truncate(length);
    packed
}
