//! Child processes: started, waited for and ended. What they read and write goes through `pipe`.
//!
//! A request says for each descriptor of the child what it is: -1 nothing, -2 a new pipe, or the number of one of ours.

mod command;
mod process;
mod synchronous;

use js_engine::Binding;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(process::spawn)
        .op(process::pid)
        .op(process::pipe)
        .op(process::wait)
        .op(process::kill)
        .op(synchronous::spawn_sync);
}
