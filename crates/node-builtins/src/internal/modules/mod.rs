pub(crate) mod bytecode;
pub(crate) mod engine;
pub(crate) mod resolution;
pub(crate) mod resolver;
pub(crate) mod sources;
pub(crate) mod typescript;
