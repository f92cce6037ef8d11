pub(crate) mod engine;
