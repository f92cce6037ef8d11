//! HTTP to a registry: cache, authentication, retries.
