pub(crate) mod builtins;
pub(crate) mod event_loop;
pub(crate) mod modules;
