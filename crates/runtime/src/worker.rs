//! Workers: programs on threads of their own, each a whole runtime.

use crate::program::{KnownSurroundings, NATIVE_STACK, Surroundings, prepare, report_broken_start, start};
use js_engine::{Context, ContextOptions, Scope};
use node_builtins::options::Parsed;
use node_builtins::{OwnStart, ProgramOptions, WorkerControl, WorkerExit, WorkerHost, WorkerOptions};
use std::cell::RefCell;

thread_local! {
    /// The worker that this thread is.
    static CONTROL: RefCell<Option<WorkerControl>> = const { RefCell::new(None) };
}

/// Starts a worker beside the runtime of `scope`.
pub(crate) fn spawn(
    scope: &mut Scope<'_>,
    options: WorkerOptions,
    control: WorkerControl,
) -> std::io::Result<()> {
    let surroundings = scope.state_mut::<KnownSurroundings>().0.clone();
    let surroundings = surroundings.ok_or_else(|| std::io::Error::other("the runtime is not started"))?;
    let parsed = match &options.options {
        Some(parsed) => parsed.clone(),
        None => (*ProgramOptions::of(scope)).clone(),
    };
    std::thread::Builder::new()
        .name(options.name.replace('\0', ""))
        .stack_size(options.stack + NATIVE_STACK)
        .spawn(move || {
            // also where the thread panics
            let mut end = End { control: control.clone(), exit: WorkerExit { code: 1, failure: None } };
            CONTROL.set(Some(control.clone()));
            end.exit.code = run(options, parsed, &surroundings, &control);
        })?;
    Ok(())
}

struct End {
    control: WorkerControl,
    exit: WorkerExit,
}

impl Drop for End {
    fn drop(&mut self) {
        self.control.finish(std::mem::take(&mut self.exit));
    }
}

fn run(options: WorkerOptions, parsed: Parsed, surroundings: &Surroundings, control: &WorkerControl) -> i32 {
    let defaults = ContextOptions::default();
    let context = Context::new_child(
        &ContextOptions {
            heap_limit: options.heap_limit.unwrap_or(defaults.heap_limit),
            stack: options.stack,
            ..defaults
        },
        surroundings.parent(),
    );
    if options.heap_limit.is_some() {
        context.on_out_of_memory(end_for_want_of_memory);
    }
    let host = prepare(&context);
    if let Err(error) = host.start_tokio() {
        control.fail("ERR_WORKER_INIT_FAILED", &format!("Worker initialization failure: {error}"));
        return 1;
    }
    let (interrupt, sender) = (context.interrupt_handle(), host.sender());
    control.attach(move || {
        sender.stop();
        interrupt.terminate();
    });
    let code = context.enter(|scope| {
        ProgramOptions::set(scope, parsed);
        OwnStart::set(scope, options.start);
        let code = match start(&context, scope, &host, surroundings) {
            Ok(event_loop) => event_loop.run_whole(scope, "runWorker"),
            Err(error) => report_broken_start(scope, error),
        };
        WorkerHost::stop_children(scope);
        code
    });
    control.detach();
    code
}

/// The heap's limit is met: the worker ends instead of going on without memory.
fn end_for_want_of_memory() {
    CONTROL.with_borrow(|control| {
        if let Some(control) = control {
            control.fail(
                "ERR_WORKER_OUT_OF_MEMORY",
                "Worker terminated due to reaching memory limit: JS heap out of memory",
            );
            control.stop();
        }
    });
}
