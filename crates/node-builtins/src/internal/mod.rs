pub(crate) mod buffer_bytes;
pub(crate) mod buffer_codecs;
pub(crate) mod builtins;
pub(crate) mod event_loop;
pub(crate) mod modules;
pub(crate) mod stack;
pub(crate) mod util;
