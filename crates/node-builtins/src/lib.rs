//! The builtins of Node and the web: `js/<name>.js`, and where the system is needed the Rust file of the same stem in
//! `src/`, which exports one binding.
//!
//! It does not run a loop and does not start anything: `runtime` drives it. What both share is [`LoopState`].

mod bindings;
mod child_process;
mod command_line;
mod crypto;
mod fs;
mod internal;
pub mod options;
mod os;
mod pipe;
mod process;
mod tty;
mod v8;

pub use bindings::binding_of;
pub use command_line::CommandLine;
pub use internal::builtins::{BuiltinBytecode, compile_builtin, ids, source};
pub use internal::event_loop::LoopState;
pub use internal::modules::bytecode::ModuleBytecode;
pub use internal::modules::engine::{HeldImport, ModuleCallbacks};
pub use internal::modules::network::NetworkOpener;
pub use internal::options::ProgramOptions;
pub use internal::process::exit::ExitHandler;
pub use internal::worker::{
    OwnStart, SpawnWorker, WorkerControl, WorkerExit, WorkerHost, WorkerOptions, WorkerStart,
};
pub use process::VERSION;
pub use tty::restore_terminals;
