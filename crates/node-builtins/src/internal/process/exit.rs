//! The end of a process: leaving with a code, aborting, becoming another program.

use js_engine::{Binding, OpError, Scope, Thrown, op};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::rc::Rc;

/// What ends this runtime with an exit code, without going back to the program. Unset, the process ends.
#[derive(Clone, Default)]
pub struct ExitHandler(Option<Rc<ExitFunction>>);

type ExitFunction = dyn Fn(&mut Scope<'_>, i32) -> Thrown;

impl ExitHandler {
    pub fn set(scope: &mut Scope<'_>, exit: impl Fn(&mut Scope<'_>, i32) -> Thrown + 'static) {
        scope.state_mut::<ExitHandler>().0 = Some(Rc::new(exit));
    }
}

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(abort).op(really_exit).op(replace_image);
}

#[op]
fn abort() {
    js_engine::abort_process();
}

#[op]
fn really_exit(scope: &mut Scope<'_>, code: i32) -> Result<(), OpError> {
    let exit = scope.state_mut::<ExitHandler>().clone();
    match exit.0 {
        Some(exit) => Err(exit(scope, code).into()),
        None => js_engine::exit_process(code),
    }
}

/// `execve`: comes back only with an error. `environment`: names and values in turn.
#[op]
fn replace_image(path: String, arguments: Vec<String>, environment: Vec<String>) -> Result<(), OpError> {
    let mut command = Command::new(&path);
    if let Some((first, rest)) = arguments.split_first() {
        command.arg0(first).args(rest);
    }
    command.env_clear().envs(environment.chunks_exact(2).map(|pair| (&pair[0], &pair[1])));
    Err(OpError::io(&command.exec(), "execve").path(path))
}
