mod cached_data;
pub(crate) mod engine;
mod watchdog;
