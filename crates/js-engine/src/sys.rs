//! The shim's functions (`shim/*.cpp`), as C declares them. Their contracts stand beside the definitions.

use std::ffi::{c_char, c_void};

pub(crate) use mozjs_sys::jsval::JSVal as RawValue;

macro_rules! opaque {
    ($($name:ident),*) => { $(#[repr(C)] pub struct $name { _private: [u8; 0] })* };
}
opaque!(RawContext, RawRuntime, Realm, Tracer, RawStencil, Dispatchable, RawClone, RawHelperTask);

#[repr(C)]
pub(crate) struct RawSource {
    pub text: *const c_char,
    pub length: usize,
    pub width: u32,
    pub file: *const c_char,
    pub line: u32,
    pub column: u32,
}

#[repr(C)]
pub(crate) struct RawCloneHost {
    pub write: unsafe extern "C" fn(*mut RawContext, *mut c_void, *const RawValue, *mut u32) -> bool,
    pub read: unsafe extern "C" fn(*mut RawContext, *mut c_void, u32, *mut RawValue) -> bool,
    pub failed: unsafe extern "C" fn(*mut RawContext, *mut c_void, *const c_char),
    pub closure: *mut c_void,
}

pub(crate) type Native = unsafe extern "C" fn(*mut RawContext, u32, *mut RawValue) -> bool;
pub(crate) type TraceData = unsafe extern "C" fn(*mut Tracer, *mut c_void);
pub(crate) type LoadHook = unsafe extern "C" fn(
    *mut RawContext,
    *const RawValue,
    *const RawValue,
    *const RawValue,
    *const RawValue,
    u32,
    bool,
    *const RawValue,
    bool,
) -> bool;
pub(crate) type MetaHook = unsafe extern "C" fn(*mut RawContext, *const RawValue, *const RawValue) -> bool;
pub(crate) type TakeRequest = unsafe extern "C" fn(
    *mut c_void,
    *mut RawContext,
    *const RawValue,
    u32,
    bool,
    *const RawValue,
    u32,
    u32,
) -> bool;
pub(crate) type TakeFrame = unsafe extern "C" fn(
    *mut c_void,
    *mut RawContext,
    *const RawValue,
    *const RawValue,
    u32,
    u32,
    bool,
) -> bool;

unsafe extern "C" {
    // lifecycle.cpp
    pub(crate) fn sm_init(build_id: *const c_char, length: usize) -> bool;
    pub(crate) fn sm_use_helper_threads(
        take: unsafe extern "C" fn(*mut RawHelperTask),
        count: usize,
        stack: usize,
    );
    pub(crate) fn sm_run_helper_task(task: *mut RawHelperTask);
    pub(crate) fn sm_new_context(
        parent: *mut RawRuntime,
        max_bytes: u32,
        stack_quota: usize,
    ) -> *mut RawContext;
    pub(crate) fn sm_init_self_hosted(
        cx: *mut RawContext,
        cache: *const u8,
        length: usize,
        writer: Option<unsafe extern "C" fn(*const u8, usize) -> bool>,
    ) -> bool;
    pub(crate) fn sm_destroy_context(cx: *mut RawContext, queue: *mut c_void);
    pub(crate) fn sm_shut_down();
    pub(crate) fn sm_runtime(cx: *mut RawContext) -> *mut RawRuntime;
    pub(crate) fn sm_set_private(cx: *mut RawContext, data: *mut c_void);
    pub(crate) fn sm_private(cx: *mut RawContext) -> *mut c_void;
    pub(crate) fn sm_root_slots(cx: *mut RawContext, trace: TraceData, data: *mut c_void) -> *mut c_void;
    pub(crate) fn sm_add_roots(cx: *mut RawContext, trace: TraceData, data: *mut c_void);
    pub(crate) fn sm_trace_slots(trc: *mut Tracer, first: *mut RawValue, count: usize);
    pub(crate) fn sm_trace_heap(trc: *mut Tracer, slot: *mut RawValue);
    pub(crate) fn sm_heap_set(slot: *mut RawValue, value: *const RawValue);
    pub(crate) fn sm_gc(cx: *mut RawContext);
    pub(crate) fn sm_gc_parameter(cx: *mut RawContext, key: u32, value: u32);
    pub(crate) fn sm_gc_parameter_get(cx: *mut RawContext, key: u32) -> u32;
    pub(crate) fn sm_heap_bytes(cx: *mut RawContext) -> usize;
    pub(crate) fn sm_set_stack_quota(cx: *mut RawContext, quota: usize);
    pub(crate) fn sm_on_interrupt(
        cx: *mut RawContext,
        callback: unsafe extern "C" fn(*mut RawContext) -> bool,
    ) -> bool;
    pub(crate) fn sm_request_interrupt(cx: *mut RawContext);
    pub(crate) fn sm_futex_can_wait(cx: *mut RawContext);
    pub(crate) fn sm_forbid_strings(cx: *mut RawContext);
    pub(crate) fn sm_on_out_of_memory(
        cx: *mut RawContext,
        callback: unsafe extern "C" fn(*mut RawContext, *mut c_void),
        data: *mut c_void,
    );
    pub(crate) fn sm_new_global(cx: *mut RawContext, sibling: *const RawValue, out: *mut RawValue) -> bool;
    pub(crate) fn sm_global_lazily(
        cx: *mut RawContext,
        hidden: *const RawValue,
        enumerable: *const RawValue,
        make: *const RawValue,
    );
    pub(crate) fn sm_enter_realm(cx: *mut RawContext, object: *const RawValue) -> *mut Realm;
    pub(crate) fn sm_leave_realm(cx: *mut RawContext, previous: *mut Realm);
    pub(crate) fn sm_global_of(cx: *mut RawContext, object: *const RawValue, out: *mut RawValue);
    pub(crate) fn sm_current_global(cx: *mut RawContext, out: *mut RawValue);
    pub(crate) fn sm_pref_bool(name: *const c_char, value: bool) -> bool;

    // values.cpp
    pub(crate) fn sm_string_latin1(
        cx: *mut RawContext,
        text: *const u8,
        length: usize,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_string_utf16(
        cx: *mut RawContext,
        text: *const u16,
        length: usize,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_string_atom(
        cx: *mut RawContext,
        text: *const u8,
        length: usize,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_string_length(v: *const RawValue) -> usize;
    pub(crate) fn sm_string_is_latin1(v: *const RawValue) -> bool;
    pub(crate) fn sm_string_utf8_length(cx: *mut RawContext, v: *const RawValue, length: *mut usize) -> bool;
    pub(crate) fn sm_string_to_utf8(
        cx: *mut RawContext,
        v: *const RawValue,
        buffer: *mut u8,
        length: usize,
    ) -> usize;
    pub(crate) fn sm_string_chars(
        cx: *mut RawContext,
        v: *const RawValue,
        chars: *mut *const c_void,
        length: *mut usize,
        latin1: *mut bool,
    ) -> bool;
    pub(crate) fn sm_to_string(cx: *mut RawContext, v: *const RawValue, out: *mut RawValue) -> bool;
    pub(crate) fn sm_to_number(cx: *mut RawContext, v: *const RawValue, out: *mut f64) -> bool;
    pub(crate) fn sm_to_boolean(v: *const RawValue) -> bool;
    pub(crate) fn sm_bigint_from_i64(cx: *mut RawContext, n: i64, out: *mut RawValue) -> bool;
    pub(crate) fn sm_bigint_from_u64(cx: *mut RawContext, n: u64, out: *mut RawValue) -> bool;
    pub(crate) fn sm_bigint_to_i64(v: *const RawValue) -> i64;
    pub(crate) fn sm_bigint_to_u64(v: *const RawValue) -> u64;
    pub(crate) fn sm_symbol_for(cx: *mut RawContext, key: *const RawValue, out: *mut RawValue) -> bool;
    pub(crate) fn sm_symbol_new(
        cx: *mut RawContext,
        description: *const RawValue,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_new_object(cx: *mut RawContext, out: *mut RawValue) -> bool;
    pub(crate) fn sm_new_object_with_proto(
        cx: *mut RawContext,
        proto: *const RawValue,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_prototype(cx: *mut RawContext, object: *const RawValue, out: *mut RawValue) -> bool;
    pub(crate) fn sm_set_prototype(
        cx: *mut RawContext,
        object: *const RawValue,
        proto: *const RawValue,
    ) -> bool;
    pub(crate) fn sm_get(
        cx: *mut RawContext,
        object: *const RawValue,
        key: *const RawValue,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_get_index(
        cx: *mut RawContext,
        object: *const RawValue,
        index: u32,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_set(
        cx: *mut RawContext,
        object: *const RawValue,
        key: *const RawValue,
        v: *const RawValue,
    ) -> bool;
    pub(crate) fn sm_set_index(
        cx: *mut RawContext,
        object: *const RawValue,
        index: u32,
        v: *const RawValue,
    ) -> bool;
    pub(crate) fn sm_define(
        cx: *mut RawContext,
        object: *const RawValue,
        key: *const RawValue,
        v: *const RawValue,
        attributes: u32,
    ) -> bool;
    pub(crate) fn sm_has(
        cx: *mut RawContext,
        object: *const RawValue,
        key: *const RawValue,
        found: *mut bool,
    ) -> bool;
    pub(crate) fn sm_has_own(
        cx: *mut RawContext,
        object: *const RawValue,
        key: *const RawValue,
        found: *mut bool,
    ) -> bool;
    pub(crate) fn sm_own_data(
        cx: *mut RawContext,
        object: *const RawValue,
        key: *const RawValue,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_delete(
        cx: *mut RawContext,
        object: *const RawValue,
        key: *const RawValue,
        deleted: *mut bool,
    ) -> bool;
    pub(crate) fn sm_own_keys(
        cx: *mut RawContext,
        object: *const RawValue,
        flags: u32,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_new_array(
        cx: *mut RawContext,
        values: *const RawValue,
        length: usize,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_is_array(cx: *mut RawContext, v: *const RawValue, is: *mut bool) -> bool;
    pub(crate) fn sm_array_length(cx: *mut RawContext, v: *const RawValue, length: *mut u32) -> bool;
    pub(crate) fn sm_call(
        cx: *mut RawContext,
        this: *const RawValue,
        function: *const RawValue,
        args: *const RawValue,
        count: usize,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_construct(
        cx: *mut RawContext,
        function: *const RawValue,
        args: *const RawValue,
        count: usize,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_is_callable(v: *const RawValue) -> bool;
    pub(crate) fn sm_is_constructor(v: *const RawValue) -> bool;
    pub(crate) fn sm_new_function(
        cx: *mut RawContext,
        native: Native,
        count: u32,
        name: *const c_char,
        constructor: bool,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_set_drop_wrapped(drop: unsafe extern "C" fn(*mut c_void));
    pub(crate) fn sm_new_wrapped(
        cx: *mut RawContext,
        proto: *const RawValue,
        data: *mut c_void,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_wrapped(v: *const RawValue) -> *mut c_void;
    pub(crate) fn sm_array_buffer_take(
        cx: *mut RawContext,
        data: *mut u8,
        length: usize,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_uint8_array(
        cx: *mut RawContext,
        buffer: *const RawValue,
        offset: usize,
        length: usize,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_float64_array(
        cx: *mut RawContext,
        values: *const f64,
        length: usize,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_bytes(
        v: *const RawValue,
        data: *mut *mut u8,
        length: *mut usize,
        shared: *mut bool,
    ) -> bool;
    pub(crate) fn sm_view_type(v: *const RawValue) -> i32;
    pub(crate) fn sm_detach(cx: *mut RawContext, buffer: *const RawValue) -> bool;
    pub(crate) fn sm_pin(buffer: *const RawValue);
    pub(crate) fn sm_is_array_buffer(v: *const RawValue) -> bool;
    pub(crate) fn sm_is_shared_array_buffer(v: *const RawValue) -> bool;
    pub(crate) fn sm_new_promise(cx: *mut RawContext, out: *mut RawValue) -> bool;
    pub(crate) fn sm_settle(
        cx: *mut RawContext,
        promise: *const RawValue,
        value: *const RawValue,
        reject: bool,
    ) -> bool;
    pub(crate) fn sm_is_promise(cx: *mut RawContext, v: *const RawValue) -> bool;
    pub(crate) fn sm_promise_state(
        cx: *mut RawContext,
        promise: *const RawValue,
        result: *mut RawValue,
    ) -> i32;
    pub(crate) fn sm_promise_handled(cx: *mut RawContext, promise: *const RawValue);
    pub(crate) fn sm_promise_is_handled(cx: *mut RawContext, promise: *const RawValue) -> bool;
    pub(crate) fn sm_exception_pending(cx: *mut RawContext) -> bool;
    pub(crate) fn sm_exception_take(cx: *mut RawContext, out: *mut RawValue) -> bool;
    pub(crate) fn sm_exception_stack(cx: *mut RawContext, out: *mut RawValue);
    pub(crate) fn sm_set_time_zone(cx: *mut RawContext, name: *const c_char);
    pub(crate) fn sm_on_message(
        rewrite: unsafe extern "C" fn(
            *const c_char,
            *const c_char,
            u32,
            *const u16,
            usize,
            usize,
            *mut u8,
            usize,
        ) -> usize,
    );
    pub(crate) fn sm_throw(cx: *mut RawContext, value: *const RawValue);
    pub(crate) fn sm_new_error(
        cx: *mut RawContext,
        kind: u32,
        message: *const RawValue,
        out: *mut RawValue,
    ) -> bool;

    // scripts.cpp
    pub(crate) fn sm_compile(
        cx: *mut RawContext,
        source: *const RawSource,
        run_once: bool,
        private: *const RawValue,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_run(cx: *mut RawContext, script: *const RawValue, out: *mut RawValue) -> bool;
    pub(crate) fn sm_compile_function(
        cx: *mut RawContext,
        source: *const RawSource,
        name: *const c_char,
        count: u32,
        names: *const *const c_char,
        scopes: *const RawValue,
        scope_count: usize,
        private: *const RawValue,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_is_compilable_unit(cx: *mut RawContext, text: *const u8, length: usize) -> bool;
    pub(crate) fn sm_stencil_compile(
        cx: *mut RawContext,
        source: *const RawSource,
        module: bool,
        eager: bool,
    ) -> *mut RawStencil;
    pub(crate) fn sm_stencil_release(stencil: *mut RawStencil);
    pub(crate) fn sm_stencil_script(
        cx: *mut RawContext,
        source: *const RawSource,
        stencil: *mut RawStencil,
        private: *const RawValue,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_stencil_module(
        cx: *mut RawContext,
        source: *const RawSource,
        stencil: *mut RawStencil,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_stencil_encode(
        cx: *mut RawContext,
        stencil: *mut RawStencil,
        take: unsafe extern "C" fn(*mut c_void, *const u8, usize),
        sink: *mut c_void,
    ) -> bool;
    pub(crate) fn sm_stencil_decode(
        cx: *mut RawContext,
        source: *const RawSource,
        module: bool,
        forever: bool,
        data: *const u8,
        length: usize,
    ) -> *mut RawStencil;
    pub(crate) fn sm_collect_delazifications(
        cx: *mut RawContext,
        script: *const RawValue,
        stencil: *mut RawStencil,
    ) -> bool;
    pub(crate) fn sm_collected_stencil(cx: *mut RawContext, script: *const RawValue) -> *mut RawStencil;

    // modules.cpp
    pub(crate) fn sm_module_hooks(cx: *mut RawContext, load: LoadHook, meta: MetaHook);
    pub(crate) fn sm_compile_module(
        cx: *mut RawContext,
        source: *const RawSource,
        private: *const RawValue,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_module_private_set(module: *const RawValue, private: *const RawValue);
    pub(crate) fn sm_module_load(cx: *mut RawContext, module: *const RawValue) -> bool;
    pub(crate) fn sm_module_link(cx: *mut RawContext, module: *const RawValue) -> bool;
    pub(crate) fn sm_module_evaluate(
        cx: *mut RawContext,
        module: *const RawValue,
        promise: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_module_namespace(
        cx: *mut RawContext,
        module: *const RawValue,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_module_of_namespace(cx: *mut RawContext, namespace: *const RawValue, out: *mut RawValue);
    pub(crate) fn sm_finish_load(
        cx: *mut RawContext,
        referrer: *const RawValue,
        request: *const RawValue,
        payload: *const RawValue,
        module: *const RawValue,
        dynamic: bool,
    ) -> bool;
    pub(crate) fn sm_fail_load(cx: *mut RawContext, payload: *const RawValue, error: *const RawValue)
    -> bool;

    // jobs.cpp
    pub(crate) fn sm_jobs_init(
        cx: *mut RawContext,
        context: *mut RawValue,
        failed: unsafe extern "C" fn(*mut RawContext),
        rejection: unsafe extern "C" fn(*mut RawContext, *const RawValue, bool),
        cleanup: unsafe extern "C" fn(*mut RawContext, *const RawValue),
    ) -> *mut c_void;
    pub(crate) fn sm_jobs_pending(cx: *mut RawContext) -> bool;
    pub(crate) fn sm_clear_kept_objects(cx: *mut RawContext);
    pub(crate) fn sm_jobs_enqueue(cx: *mut RawContext, queue: *mut c_void, function: *const RawValue)
    -> bool;
    pub(crate) fn sm_jobs_drain(cx: *mut RawContext, queue: *mut c_void, outermost: bool) -> bool;
    pub(crate) fn sm_jobs_drain_realm(
        cx: *mut RawContext,
        queue: *mut c_void,
        object: *const RawValue,
    ) -> bool;
    pub(crate) fn sm_async_tasks(
        cx: *mut RawContext,
        dispatch: unsafe extern "C" fn(*mut c_void, *mut Dispatchable, u32) -> bool,
        count: unsafe extern "C" fn(*mut c_void, i32),
        closure: *mut c_void,
    ) -> *mut c_void;
    pub(crate) fn sm_task_run(cx: *mut RawContext, task: *mut Dispatchable, shutting_down: bool);

    // inspect.cpp
    pub(crate) fn sm_builtin_class(cx: *mut RawContext, v: *const RawValue) -> i32;
    pub(crate) fn sm_class_name(v: *const RawValue) -> *const c_char;
    pub(crate) fn sm_proxy(v: *const RawValue, target: *mut RawValue, handler: *mut RawValue) -> bool;
    pub(crate) fn sm_function_name(cx: *mut RawContext, f: *const RawValue, out: *mut RawValue) -> bool;
    pub(crate) fn sm_error_stack(cx: *mut RawContext, error: *const RawValue, out: *mut RawValue);
    pub(crate) fn sm_capture_stack(
        cx: *mut RawContext,
        limit: u32,
        after: *const RawValue,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_waiting_stack(
        cx: *mut RawContext,
        promise: *const RawValue,
        limit: u32,
        out: *mut RawValue,
    );
    pub(crate) fn sm_stack_frames(
        cx: *mut RawContext,
        stack: *const RawValue,
        limit: u32,
        take: TakeFrame,
        sink: *mut c_void,
    ) -> bool;

    // clone.cpp
    pub(crate) fn sm_clone_write(
        cx: *mut RawContext,
        value: *const RawValue,
        transfer: *const RawValue,
        host: *mut RawCloneHost,
    ) -> *mut RawClone;
    pub(crate) fn sm_clone_read(
        cx: *mut RawContext,
        clone: *mut RawClone,
        host: *mut RawCloneHost,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_clone_free(clone: *mut RawClone);

    // private.cpp
    pub(crate) fn sm_module_requests(
        cx: *mut RawContext,
        module: *const RawValue,
        take: TakeRequest,
        sink: *mut c_void,
    ) -> bool;
    pub(crate) fn sm_source_module(cx: *mut RawContext, source: *const RawValue, out: *mut RawValue) -> bool;
    pub(crate) fn sm_module_status(module: *const RawValue) -> i32;
    pub(crate) fn sm_module_error(module: *const RawValue, out: *mut RawValue);
    pub(crate) fn sm_module_has_tla(module: *const RawValue) -> bool;
    pub(crate) fn sm_synthetic_module(
        cx: *mut RawContext,
        names: *const RawValue,
        count: usize,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_synthetic_set(module: *const RawValue, index: usize, value: *const RawValue);
    pub(crate) fn sm_function_kind(v: *const RawValue) -> i32;
    pub(crate) fn sm_own_non_index_keys(
        cx: *mut RawContext,
        object: *const RawValue,
        only_enumerable: bool,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_is_namespace(v: *const RawValue) -> bool;
    pub(crate) fn sm_preview_entries(
        cx: *mut RawContext,
        v: *const RawValue,
        out: *mut RawValue,
        pairs: *mut bool,
    ) -> bool;

    // contextify.cpp
    pub(crate) fn sm_context_new(
        cx: *mut RawContext,
        sibling: *const RawValue,
        flags: i32,
        out: *mut RawValue,
    ) -> bool;
    pub(crate) fn sm_context_attach(global: *const RawValue, sandbox: *const RawValue);
    pub(crate) fn sm_context_define(
        cx: *mut RawContext,
        global: *const RawValue,
        key: *const RawValue,
        value: *const RawValue,
    ) -> bool;
    pub(crate) fn sm_context_sandbox(v: *const RawValue, out: *mut RawValue);
    pub(crate) fn sm_current_sandbox(cx: *mut RawContext, out: *mut RawValue);
    pub(crate) fn sm_context_prepare(cx: *mut RawContext, global: *const RawValue) -> bool;
    pub(crate) fn sm_context_settle(cx: *mut RawContext, global: *const RawValue) -> bool;
}
