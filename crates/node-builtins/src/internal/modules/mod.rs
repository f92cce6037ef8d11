pub(crate) mod bytecode;
pub(crate) mod compile_cache;
mod compiled;
pub(crate) mod engine;
pub(crate) mod network;
pub(crate) mod resolution;
pub(crate) mod resolver;
pub(crate) mod sources;
pub(crate) mod typescript;
