//! Threads that run JavaScript beside this one. Their lives are told by [`WorkerControl`]; the `runtime` crate starts
//! them, by the function that it puts into [`WorkerHost`].
//!
//! What the runtime owes a worker: a context of its own on a thread of its own, with [`WorkerStart`] in its state before
//! the first JavaScript runs, the hook `runWorker` of `internal/bootstrap` in place of `runMain`, and at the end, in any
//! case, [`WorkerHost::stop_children`] and [`WorkerControl::finish`].

use super::event_loop::{LoopClock, LoopState};
use super::messaging::{PortEnd, PortHandle};
use crate::options::{Options, Parsed};
use js_engine::{Binding, OpError, Scope, ToJs, Value, Wrapped, op};
use std::future::poll_fn;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::{Poll, Waker};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(check_options).op(spawn).op(exited).op(stop).op(loop_numbers).op(own_start).op(working_directory);
}

/// Starts a thread and returns; errors are those of starting it.
pub type SpawnWorker = fn(&mut Scope<'_>, WorkerOptions, WorkerControl) -> std::io::Result<()>;

/// A thread's workers.
#[derive(Default)]
pub struct WorkerHost {
    /// None where there can be no workers.
    pub spawn: Option<SpawnWorker>,
    children: Vec<WorkerControl>,
}

impl WorkerHost {
    /// Ends all workers of this thread and waits until they are gone.
    pub fn stop_children(scope: &mut Scope<'_>) {
        let children = std::mem::take(&mut scope.state_mut::<WorkerHost>().children);
        for child in &children {
            child.stop();
        }
        for child in &children {
            child.wait();
        }
    }
}

/// What it takes to start a worker.
pub struct WorkerOptions {
    /// Of the system's thread.
    pub name: String,
    /// Bytes of native stack that its JavaScript may use.
    pub stack: usize,
    /// Bytes of its garbage-collected heap; none for as much as there can be.
    pub heap_limit: Option<u32>,
    /// Its own command line; none for that of the thread that starts it.
    pub options: Option<Parsed>,
    pub start: WorkerStart,
}

/// What a worker is told at its beginning.
pub struct WorkerStart {
    thread_id: u32,
    /// To the thread that started it.
    port: PortEnd,
    /// For what any other thread sends.
    inbox: PortEnd,
    /// Where it says how busy it is.
    clock: Arc<LoopClock>,
}

/// A worker's beginning, in the state of its own context; taken by its first JavaScript.
#[derive(Default)]
pub struct OwnStart(Option<WorkerStart>);

impl OwnStart {
    pub fn set(scope: &mut Scope<'_>, start: WorkerStart) {
        {
            let mut state = scope.state_mut::<LoopState>();
            state.clock = Some(start.clock.clone());
            // what a worker runs first counts as its loop's
            state.begin_loop();
        }
        scope.state_mut::<OwnStart>().0 = Some(start);
    }
}

/// How a worker ended.
#[derive(Clone, Debug, Default)]
pub struct WorkerExit {
    pub code: i32,
    /// Node's code and text of what the thread itself died of, such as `ERR_WORKER_OUT_OF_MEMORY`.
    pub failure: Option<(String, String)>,
}

type Stop = Box<dyn Fn() + Send>;

#[derive(Default)]
struct Life {
    stopping: bool,
    stop: Option<Stop>,
    failure: Option<(String, String)>,
    exit: Option<WorkerExit>,
    wakers: Vec<Waker>,
    clock: Arc<LoopClock>,
}

/// The life of one worker, shared by both threads.
#[derive(Clone, Default)]
pub struct WorkerControl(Arc<(Mutex<Life>, Condvar)>);

impl WorkerControl {
    fn life(&self) -> MutexGuard<'_, Life> {
        self.0.0.lock().expect("no panic while locked")
    }

    /// For the worker's thread, once it can be ended: `stop` is called on another thread, and makes its JavaScript and
    /// its loop end soon. At once if that was asked for already.
    pub fn attach(&self, stop: impl Fn() + Send + 'static) {
        let mut life = self.life();
        if life.stopping {
            stop();
        }
        life.stop = Some(Box::new(stop));
    }

    /// For the worker's thread: its context is no more, and nothing of it may be called.
    pub fn detach(&self) {
        self.life().stop = None;
    }

    /// Asks the worker to end.
    pub fn stop(&self) {
        let mut life = self.life();
        life.stopping = true;
        if let Some(stop) = &life.stop {
            stop();
        }
    }

    /// Whether the worker was asked to end.
    pub fn is_stopping(&self) -> bool {
        self.life().stopping
    }

    /// For the worker's thread: Node's code and text of what it dies of.
    pub fn fail(&self, code: &str, text: &str) {
        self.life().failure.get_or_insert((code.to_owned(), text.to_owned()));
    }

    /// For the worker's thread: it is over.
    pub fn finish(&self, mut exit: WorkerExit) {
        let mut life = self.life();
        life.stop = None;
        exit.failure = exit.failure.or_else(|| life.failure.take());
        life.exit.get_or_insert(exit);
        for waker in std::mem::take(&mut life.wakers) {
            waker.wake();
        }
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let mut life = self.life();
        while life.exit.is_none() {
            life = self.0.1.wait(life).expect("no panic while locked");
        }
    }

    async fn exited(&self) -> WorkerExit {
        poll_fn(|context| {
            let mut life = self.life();
            match &life.exit {
                Some(exit) => Poll::Ready(exit.clone()),
                None => {
                    life.wakers.push(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

static LAST_THREAD: AtomicU32 = AtomicU32::new(0);

/// Why options cannot be a worker's; undefined where they can.
#[op]
fn check_options(exec_argv: Vec<String>, node_options: Option<String>) -> Option<String> {
    Options::parse(&exec_argv, node_options.as_deref()).err().map(|error| error.to_string())
}

/// Sizes in mebibytes; a heap of 0 is not limited. `port`: the worker's end of a channel. `[thread id, worker]`
#[op]
fn spawn<'s>(
    scope: &mut Scope<'s>,
    name: String,
    stack: f64,
    heap: f64,
    exec_argv: Option<Vec<String>>,
    node_options: Option<String>,
    port: Wrapped<PortHandle>,
) -> Result<Value<'s>, OpError> {
    const MEBIBYTE: f64 = 1024.0 * 1024.0;
    let Some(start_thread) = scope.state_mut::<WorkerHost>().spawn else {
        return Err(OpError::error("this runtime starts no threads").code("ERR_WORKER_INIT_FAILED"));
    };
    let port = port.detach().ok_or_else(|| OpError::error("the worker's port was closed"))?;
    let thread_id = LAST_THREAD.fetch_add(1, Ordering::Relaxed) + 1;
    let control = WorkerControl::default();
    let clock = control.life().clock.clone();
    let options = WorkerOptions {
        name,
        stack: (stack * MEBIBYTE) as usize,
        heap_limit: (heap > 0.0).then_some((heap * MEBIBYTE) as u32),
        options: exec_argv.map(|args| Options::parse(&args, node_options.as_deref()).unwrap_or_default()),
        start: WorkerStart { thread_id, port, inbox: PortEnd::of_thread(thread_id), clock },
    };
    start_thread(scope, options, control.clone()).map_err(|error| {
        OpError::error(format!("Worker initialization failure: {error}")).code("ERR_WORKER_INIT_FAILED")
    })?;
    let mut host = scope.state_mut::<WorkerHost>();
    host.children.retain(|child| child.life().exit.is_none());
    host.children.push(control.clone());
    drop(host);
    let control = scope.wrap(control)?;
    (thread_id, control).to_js(scope)
}

/// `[exit code, code of a failure or undefined, its text]`, once the worker is over.
#[op(async)]
async fn exited(worker: Wrapped<WorkerControl>) -> (i32, Option<String>, Option<String>) {
    let exit = worker.exited().await;
    let (code, text) = exit.failure.unzip();
    (exit.code, code, text)
}

#[op]
fn stop<'s>(_scope: &mut Scope<'s>, worker: Wrapped<WorkerControl>) {
    worker.stop();
}

/// `[when the worker's loop began, how long it has waited]` in milliseconds since the process began; zeros before.
#[op]
fn loop_numbers<'s>(_scope: &mut Scope<'s>, worker: Wrapped<WorkerControl>) -> Vec<f64> {
    worker.life().clock.read().into()
}

/// `[thread id, port to the thread that started it, port for others]` on a worker, the first time it asks.
#[op]
fn own_start<'s>(scope: &mut Scope<'s>) -> Result<Value<'s>, OpError> {
    let start = scope.state_mut::<OwnStart>().0.take();
    let Some(start) = start else { return Ok(scope.undefined()) };
    let port = scope.wrap(PortHandle::new(start.port))?;
    let inbox = scope.wrap(PortHandle::new(start.inbox))?;
    (start.thread_id, port, inbox).to_js(scope)
}

/// The folder that the process works in, which another thread may have changed.
#[op]
fn working_directory() -> Result<String, OpError> {
    let folder = std::env::current_dir().map_err(|error| OpError::io(&error, "uv_cwd"))?;
    Ok(folder.to_string_lossy().into_owned())
}
