//! Microtasks, rejections, finalization callbacks, and tasks that the engine's helper threads finish.

use crate::context::{Context, Inner};
use crate::error::Thrown;
use crate::persistent::Persistent;
use crate::scope::Scope;
use crate::sys::*;
use crate::value::*;
use std::ffi::c_void;
use std::ptr::NonNull;

/// What the runtime is told about jobs.
pub trait JobHooks {
    /// A job threw; the exception is pending.
    fn job_failed(&self, scope: &mut Scope<'_>);
    /// A promise was rejected without a handler, or (`handled`) got one afterwards.
    fn rejection(&self, scope: &mut Scope<'_>, promise: Value<'_>, handled: bool);
    /// A FinalizationRegistry has something to clean up: keep the function, call it later from the loop.
    fn cleanup(&self, function: Persistent);
}

pub(crate) fn install(inner: &Inner) -> *mut c_void {
    // SAFETY: the slot of the asynchronous context is traced for ever; the callbacks match.
    unsafe { sm_jobs_init(inner.cx, inner.async_context.as_ptr(), job_failed, rejection, cleanup) }
}

/// # Safety
/// `cx` is a context of this crate in its own thread.
unsafe fn inner<'a>(cx: *mut RawContext) -> &'a Inner {
    // SAFETY: by the caller; the private data is set before any callback is installed.
    unsafe { &*sm_private(cx).cast::<Inner>() }
}

unsafe extern "C" fn job_failed(cx: *mut RawContext) {
    // SAFETY: called by the engine in the context's thread.
    let inner = unsafe { inner(cx) };
    if let Some(hooks) = inner.job_hooks.borrow().clone() {
        hooks.job_failed(&mut Scope::new(inner));
    }
}

unsafe extern "C" fn rejection(cx: *mut RawContext, promise: *const RawValue, handled: bool) {
    // SAFETY: called by the engine in the context's thread with a rooted promise.
    let inner = unsafe { inner(cx) };
    if let Some(hooks) = inner.job_hooks.borrow().clone() {
        let promise = Value::at(NonNull::new(promise.cast_mut()).expect("a promise"));
        hooks.rejection(&mut Scope::new(inner), promise, handled);
    }
}

unsafe extern "C" fn cleanup(cx: *mut RawContext, function: *const RawValue) {
    // SAFETY: called during a collection: only keeps the function.
    let inner = unsafe { inner(cx) };
    if let Some(hooks) = inner.job_hooks.borrow().clone() {
        hooks.cleanup(Persistent::new(inner, function));
    }
}

impl<'s> Scope<'s> {
    /// The end of a job: what a `WeakRef` showed in it may be collected from now on.
    pub fn clear_kept_objects(&mut self) {
        // SAFETY: the context is alive and in its own thread.
        unsafe { sm_clear_kept_objects(self.cx()) }
    }

    pub fn has_microtasks(&self) -> bool {
        // SAFETY: only asks.
        unsafe { sm_jobs_pending(self.cx()) }
    }

    /// `queueMicrotask` without its checks.
    pub fn enqueue_microtask(&mut self, function: Function<'_>) -> Result<(), Thrown> {
        // SAFETY: the function is rooted.
        let queued = unsafe { sm_jobs_enqueue(self.cx(), self.inner.queue.get(), function.pointer()) };
        if queued { Ok(()) } else { Err(Thrown::new()) }
    }

    /// Runs microtasks until none is left. `outermost`: no JavaScript is on the stack, which makes awaiting cheaper.
    /// Exceptions of jobs go to [`JobHooks::job_failed`]; an error here means that execution was terminated.
    pub fn run_microtasks(&mut self, outermost: bool) -> Result<(), Thrown> {
        // SAFETY: the context runs in this thread.
        if unsafe { sm_jobs_drain(self.cx(), self.inner.queue.get(), outermost) } {
            Ok(())
        } else {
            Err(Thrown::new())
        }
    }

    /// Runs a task that a helper thread finished.
    pub fn run_task(&mut self, task: Task) {
        // SAFETY: the task was given to us, once.
        unsafe { sm_task_run(self.cx(), task.0, false) };
    }
}

/// Work of the engine's helper threads (WebAssembly compilation, `Atomics.waitAsync`) that waits to be finished in the
/// context's thread.
pub struct Task(*mut Dispatchable);

// SAFETY: the engine hands tasks out on any thread, to be run in the context's.
unsafe impl Send for Task {}

type Receive = Box<dyn Fn(Task, u32) -> bool + Send + Sync>;
type Count = Box<dyn Fn(i32) + Send + Sync>;

struct Receiver {
    receive: Receive,
    count: Count,
}

unsafe extern "C" fn dispatch(closure: *mut c_void, task: *mut Dispatchable, delay: u32) -> bool {
    // SAFETY: the receiver is leaked for the life of the process.
    let receiver = unsafe { &*closure.cast::<Receiver>() };
    (receiver.receive)(Task(task), delay)
}

unsafe extern "C" fn count(closure: *mut c_void, change: i32) {
    // SAFETY: as in `dispatch`.
    let receiver = unsafe { &*closure.cast::<Receiver>() };
    (receiver.count)(change);
}

impl Context {
    /// `receive(task, delay in ms)` is called on any thread and says whether the task will be run; `count(±1)` on the
    /// context's: while the sum is above zero the loop has something to wait for.
    pub fn set_task_receiver(
        &self,
        receive: impl Fn(Task, u32) -> bool + Send + Sync + 'static,
        change: impl Fn(i32) + Send + Sync + 'static,
    ) {
        let receiver = Box::new(Receiver { receive: Box::new(receive), count: Box::new(change) });
        // SAFETY: called once a context; the receiver is never freed, as helper threads may outlive the context.
        unsafe { sm_async_tasks(self.inner.cx, dispatch, count, Box::into_raw(receiver).cast()) };
    }
}
