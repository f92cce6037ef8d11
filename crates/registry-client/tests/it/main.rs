//! The client against registries on loopback that behave well and badly.

mod authentication;
mod caching;
mod metadata;
mod proxies;
mod retries;
mod second_factor;
mod secure;
mod support;
mod tarballs;
