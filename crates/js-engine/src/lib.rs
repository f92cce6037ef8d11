//! The safe face of SpiderMonkey: contexts, values, functions, promises, modules, realms, structured clone, stacks and
//! bytecode. Every line of unsafe code of the JavaScript half lives here (and, for addons, in `node-api`).
//!
//! How it stays safe:
//! - A [`Value`] is a slot of the context's handle stack, which every collection traces and updates. It lives as long
//!   as the [`Scope`] that made it; [`Persistent`] outlives scopes.
//! - One trampoline calls every op: it converts arguments, catches panics, and turns errors into exceptions.
//! - A context belongs to the thread that made it; nothing here is `Send` except what says so.
//!
//! It does not know tokio or Node, and of files only how to map one: an [`EventLoop`] given by the runtime runs what is
//! asynchronous.

mod clone;
mod completion;
mod context;
mod contextify;
mod convert;
mod descriptor;
mod error;
mod handles;
mod helper_threads;
mod inspect;
mod jobs;
#[cfg(unix)]
mod lasting;
mod messages;
mod module;
mod object;
mod op;
mod persistent;
mod scope;
mod script;
mod stack;
mod sys;
mod value;
mod wrapped;

pub use clone::{CloneHost, SerializedValue};
pub use completion::{CallId, Delivery, EventLoop, LocalDelivery};
pub use context::{
    Context, ContextOptions, InterruptHandle, ParentRuntime, abort_process, exit_process, initialize,
};
pub use contextify::ContextRules;
pub use convert::{BigInt, Bytes, Float64s, FromJs, OsPath, ToJs};
pub use descriptor::Fd;
pub use error::{ErrorClass, OpError, Thrown, errno};
pub use inspect::BuiltinClass;
pub use jobs::{JobHooks, Task};
pub use js_engine_macros::op;
#[cfg(unix)]
pub use lasting::map_file;
pub use module::{ModuleHooks, ModuleRequest, ModuleStatus, ModuleType, PendingImport};
pub use object::Attributes;
pub use op::{Binding, Call, Op, OpBody};
pub use persistent::Persistent;
pub use scope::{Chars, HeapNumbers, Scope};
pub use script::{Source, Stencil, Text};
pub use stack::{CallKind, Frame};
pub use value::{Array, Function, JsString, Object, Promise, PromiseState, Script, Value};
pub use wrapped::Wrapped;
