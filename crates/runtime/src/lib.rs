//! Runs JavaScript programs: puts the engine, the builtins and the event loop together.
//!
//! One thread runs JavaScript. What blocks goes to a bounded pool, what waits for the system to tokio on this thread;
//! both hand their results back between two turns of the loop, in Node's order of phases.

mod event_loop;
mod host;
mod modules;
mod program;
mod startup_cache;
mod worker;

pub use js_engine::exit_process as exit;
pub use node_builtins::VERSION as NODE_VERSION;
pub use node_builtins::options::takes_next_word;
pub use program::{Program, run};
