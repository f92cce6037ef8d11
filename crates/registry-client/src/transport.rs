//! Connections: dialled, pooled, shared; one request on one of them.
//!
//! Knows HTTP, TLS and proxies. Knows nothing of registries, retries after an answer, caches or priorities.

mod dial;
mod pool;
mod proxy;
mod tls;

pub(crate) use dial::Dialer;
pub(crate) use pool::{Lease, OriginKey, Pool, SendFailure};
pub(crate) use proxy::ProxyRules;
pub(crate) use tls::Tls;
