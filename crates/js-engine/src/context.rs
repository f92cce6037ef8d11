//! A context: one JavaScript heap and the thread that runs it.

use crate::completion::{Calls, EventLoop};
use crate::error::Thrown;
use crate::handles::HandleStack;
use crate::jobs::JobHooks;
use crate::module::ModuleHooks;
use crate::persistent::{Persistent, Slab};
use crate::scope::Scope;
use crate::sys::*;
use mozjs_sys::jsval::UndefinedValue;
use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell, UnsafeCell};
use std::collections::HashMap;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once};

/// What a context may use.
pub struct ContextOptions {
    /// Bytes of the garbage-collected heap; what does not fit ends in an "out of memory" exception. At most 4 GiB.
    pub heap_limit: u32,
    /// Bytes of native stack that JavaScript may use.
    pub stack: usize,
    /// The engine's own functions as bytecode, from [`Context::take_self_hosted`] of the same build; may be empty. It
    /// saves four milliseconds a start.
    pub self_hosted: &'static [u8],
    /// Whether to keep that bytecode for [`Context::take_self_hosted`].
    pub keep_self_hosted: bool,
    /// For tests: collects all garbage, moving what lives, before every value that this layer makes.
    pub collect_always: bool,
}

impl Default for ContextOptions {
    fn default() -> ContextOptions {
        ContextOptions {
            heap_limit: u32::MAX,
            stack: 4 << 20,
            self_hosted: &[],
            keep_self_hosted: false,
            collect_always: false,
        }
    }
}

pub(crate) struct Inner {
    pub(crate) cx: *mut RawContext,
    pub(crate) handles: Box<HandleStack>,
    pub(crate) slab: Rc<Slab>,
    pub(crate) state: RefCell<HashMap<TypeId, Box<dyn Any>>>,
    pub(crate) calls: RefCell<Calls>,
    pub(crate) event_loop: RefCell<Option<Rc<dyn EventLoop>>>,
    pub(crate) async_context: NonNull<RawValue>,
    pub(crate) collect_always: bool,
    pub(crate) queue: Cell<*mut c_void>,
    pub(crate) job_hooks: RefCell<Option<Rc<dyn JobHooks>>>,
    pub(crate) module_hooks: RefCell<Option<Rc<dyn ModuleHooks>>>,
    pub(crate) interrupt: Arc<Interrupt>,
    pub(crate) main_global: RefCell<Option<Persistent>>,
}

/// One JavaScript heap. It belongs to the thread that made it.
pub struct Context {
    pub(crate) inner: Box<Inner>,
    thread_bound: PhantomData<UnsafeCell<()>>,
}

/// Starts the engine for this process; later calls do nothing. `build`: what bytecode of this executable is marked with.
pub fn initialize(build: &str) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let build = format!("knit {} {build}", env!("CARGO_PKG_VERSION"));
        // SAFETY: called once, before any other function of the engine; the text is copied.
        assert!(
            unsafe { sm_init(build.as_ptr().cast(), build.len()) },
            "the JavaScript engine could not be started"
        );
        crate::helper_threads::install();
        // SAFETY: the functions match the declared signatures.
        unsafe {
            sm_set_drop_wrapped(crate::wrapped::drop_wrapped);
            sm_on_message(crate::messages::rewrite);
        }
        // SAFETY: the handler only ends the engine, or the process.
        unsafe { libc::atexit(at_exit) };
    });
}

/// Runs before C++ destroys its statics, which the engine's helper threads still use.
extern "C" fn at_exit() {
    // SAFETY: does nothing while a context lives.
    unsafe { sm_shut_down() };
}

static SELF_HOSTED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

unsafe extern "C" fn keep_self_hosted(data: *const u8, length: usize) -> bool {
    // SAFETY: the engine gives the bytes for the length of the call.
    let bytes = unsafe { std::slice::from_raw_parts(data, length) };
    SELF_HOSTED.lock().expect("no panic while locked").extend_from_slice(bytes);
    true
}

impl Context {
    /// A context with a fresh global object, in this thread. [`initialize`] comes first.
    pub fn new(options: &ContextOptions) -> Context {
        Context::create(options, std::ptr::null_mut())
    }

    /// A context for another thread, sharing what is read-only with `parent`, which must outlive it.
    pub fn new_child(options: &ContextOptions, parent: ParentRuntime) -> Context {
        Context::create(options, parent.0)
    }

    /// What [`Context::new_child`] needs, to be sent to its thread.
    pub fn parent_handle(&self) -> ParentRuntime {
        // SAFETY: the context lives.
        ParentRuntime(unsafe { sm_runtime(self.inner.cx) })
    }

    /// The bytecode of the engine's own functions, where the options asked to keep it.
    pub fn take_self_hosted() -> Vec<u8> {
        std::mem::take(&mut *SELF_HOSTED.lock().expect("no panic while locked"))
    }

    fn create(options: &ContextOptions, parent: *mut RawRuntime) -> Context {
        let cache = options.self_hosted;
        let writer = options
            .keep_self_hosted
            .then_some(keep_self_hosted as unsafe extern "C" fn(*const u8, usize) -> bool);
        // SAFETY: the order that the engine demands: context, roots, self-hosted code, hooks, global.
        unsafe {
            let cx = sm_new_context(parent, options.heap_limit, options.stack);
            assert!(!cx.is_null(), "no memory for a JavaScript context");
            let handles = Box::new(HandleStack::new());
            sm_root_slots(cx, HandleStack::trace, (&raw const *handles).cast_mut().cast());
            let slab = Slab::new();
            sm_add_roots(cx, Slab::trace, Rc::as_ptr(&slab).cast_mut().cast());
            let async_context = handles.push(UndefinedValue());
            let inner = Box::new(Inner {
                cx,
                handles,
                slab,
                state: RefCell::default(),
                calls: RefCell::default(),
                event_loop: RefCell::default(),
                async_context,
                collect_always: options.collect_always,
                queue: Cell::new(std::ptr::null_mut()),
                job_hooks: RefCell::default(),
                module_hooks: RefCell::default(),
                interrupt: Arc::new(Interrupt {
                    cx: Mutex::new(CxPointer(cx)),
                    requested: AtomicBool::new(false),
                }),
                main_global: RefCell::default(),
            });
            sm_set_private(cx, (&raw const *inner).cast_mut().cast());
            assert!(
                sm_init_self_hosted(cx, cache.as_ptr(), cache.len(), writer),
                "the JavaScript engine's own functions could not be loaded"
            );
            inner.queue.set(crate::jobs::install(&inner));
            sm_on_interrupt(cx, on_interrupt);
            crate::module::install(cx);
            let context = Context { inner, thread_bound: PhantomData };
            let global = context.inner.handles.push(UndefinedValue());
            assert!(sm_new_global(cx, std::ptr::null(), global.as_ptr()), "no memory for a global object");
            *context.inner.main_global.borrow_mut() = Some(Persistent::new(&context.inner, global.as_ptr()));
            sm_enter_realm(cx, global.as_ptr());
            context
        }
    }

    /// Gives the loop that asynchronous ops run on.
    pub fn set_event_loop(&self, event_loop: Rc<dyn EventLoop>) {
        *self.inner.event_loop.borrow_mut() = Some(event_loop);
    }

    /// Gives what is told about rejections and failing jobs.
    pub fn set_job_hooks(&self, hooks: Rc<dyn JobHooks>) {
        *self.inner.job_hooks.borrow_mut() = Some(hooks);
    }

    /// Gives what loads modules.
    pub fn set_module_hooks(&self, hooks: Rc<dyn ModuleHooks>) {
        *self.inner.module_hooks.borrow_mut() = Some(hooks);
    }

    /// Runs `body` with a scope in the main realm.
    pub fn enter<R>(&self, body: impl for<'s> FnOnce(&mut Scope<'s>) -> R) -> R {
        body(&mut Scope::new(&self.inner))
    }

    /// Stops running JavaScript from any thread.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(self.inner.interrupt.clone())
    }

    /// Lets `Atomics.wait` block this thread.
    pub fn allow_atomics_wait(&self) {
        // SAFETY: the context lives, in this thread.
        unsafe { sm_futex_can_wait(self.inner.cx) };
    }

    /// From now on `eval` and `new Function` throw an EvalError in every realm of this thread.
    pub fn forbid_code_from_strings(&self) {
        // SAFETY: the context lives, in this thread.
        unsafe { sm_forbid_strings(self.inner.cx) };
    }

    /// Bytes the nursery may grow to.
    pub fn set_nursery_limit(&self, bytes: u32) {
        const MAX_NURSERY_BYTES: u32 = 2;
        // SAFETY: the context lives, in this thread.
        unsafe { sm_gc_parameter(self.inner.cx, MAX_NURSERY_BYTES, bytes) };
    }

    /// Changes how much native stack JavaScript may use.
    pub fn set_stack(&self, bytes: usize) {
        // SAFETY: no JavaScript runs.
        unsafe { sm_set_stack_quota(self.inner.cx, bytes) };
    }

    /// Calls `report` where the heap limit is met, before the exception.
    pub fn on_out_of_memory(&self, report: fn()) {
        unsafe extern "C" fn call(_: *mut RawContext, data: *mut c_void) {
            // SAFETY: the pointer was made from such a function below.
            let report = unsafe { std::mem::transmute::<*mut c_void, fn()>(data) };
            report();
        }
        // SAFETY: a function pointer fits a data pointer on every platform the engine supports.
        unsafe { sm_on_out_of_memory(self.inner.cx, call, report as *mut c_void) };
    }

    /// Switches one of the engine's preferences (as `javascript.options.*` are named); false if there is none such.
    pub fn set_preference(name: &str, value: bool) -> bool {
        let name = std::ffi::CString::new(name).unwrap_or_default();
        // SAFETY: the name is copied.
        unsafe { sm_pref_bool(name.as_ptr(), value) }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.inner.interrupt.retire();
        self.inner.forget_calls();
        let state = std::mem::take(&mut *self.inner.state.borrow_mut());
        drop(state);
        self.inner.event_loop.take();
        self.inner.job_hooks.take();
        self.inner.module_hooks.take();
        self.inner.main_global.take();
        // values that something outside still keeps must not touch the heap any more
        self.inner.slab.retire();
        // SAFETY: no scope borrows the context, and nothing of it runs.
        unsafe { sm_destroy_context(self.inner.cx, self.inner.queue.get()) };
    }
}

/// Of a context that another one is made beside.
#[derive(Clone, Copy)]
pub struct ParentRuntime(*mut RawRuntime);

// SAFETY: the engine allows a child to be made from its parent's runtime in another thread.
unsafe impl Send for ParentRuntime {}

struct CxPointer(*mut RawContext);

// SAFETY: used only under the lock, for the one call that the engine allows from any thread.
unsafe impl Send for CxPointer {}

pub(crate) struct Interrupt {
    cx: Mutex<CxPointer>,
    requested: AtomicBool,
}

impl Interrupt {
    fn retire(&self) {
        self.cx.lock().expect("no panic while locked").0 = std::ptr::null_mut();
    }
}

/// Ends running JavaScript from any thread: it unwinds without `catch` or `finally`.
#[derive(Clone)]
pub struct InterruptHandle(Arc<Interrupt>);

impl InterruptHandle {
    pub fn terminate(&self) {
        self.0.requested.store(true, Ordering::SeqCst);
        let cx = self.0.cx.lock().expect("no panic while locked");
        if !cx.0.is_null() {
            // SAFETY: the context lives while the pointer is set; this call is allowed from any thread.
            unsafe { sm_request_interrupt(cx.0) };
        }
    }

    /// Whether a termination was asked for and not yet cleared.
    pub fn is_terminating(&self) -> bool {
        self.0.requested.load(Ordering::SeqCst)
    }

    pub fn clear(&self) {
        self.0.requested.store(false, Ordering::SeqCst);
    }
}

unsafe extern "C" fn on_interrupt(cx: *mut RawContext) -> bool {
    // SAFETY: the private data is the context's Inner.
    let inner = unsafe { &*sm_private(cx).cast::<Inner>() };
    !inner.interrupt.requested.load(Ordering::SeqCst)
}

impl Scope<'_> {
    /// Stops running JavaScript from any thread.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(self.inner.interrupt.clone())
    }

    /// Ends the JavaScript below this call without an exception that it could catch.
    pub fn terminate(&mut self) -> Thrown {
        self.interrupt_handle().terminate();
        Thrown::new()
    }
}

/// Ends the process at once with `code`: nothing of the engine is torn down, which other threads may still use.
pub fn exit_process(code: i32) -> ! {
    use std::io::Write;
    let _ = std::io::stdout().flush();
    #[cfg(feature = "record-profile")]
    write_profile();
    // SAFETY: does not return and runs no handlers.
    unsafe { libc::_exit(code) }
}

/// What the handlers that [`exit_process`] does not run would do.
#[cfg(feature = "record-profile")]
fn write_profile() {
    unsafe extern "C" {
        fn __llvm_profile_write_file() -> libc::c_int;
    }
    // SAFETY: a function of the compiler's profiling library without preconditions.
    unsafe { __llvm_profile_write_file() };
}

/// Ends the process by SIGABRT. `std::process::abort` does not: the engine has a function `abort` of its own, which ends
/// in SIGSEGV.
pub fn abort_process() -> ! {
    // SAFETY: does not return; the signal has its default meaning again, and no handler runs.
    unsafe {
        libc::signal(libc::SIGABRT, libc::SIG_DFL);
        libc::raise(libc::SIGABRT);
        libc::_exit(134)
    }
}
