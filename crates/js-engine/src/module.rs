//! ES modules. The runtime's loader decides what a request means; here is what compiles, links and runs the graph.

use crate::context::Inner;
use crate::error::{OpError, Thrown};
use crate::persistent::Persistent;
use crate::scope::Scope;
use crate::script::Source;
use crate::sys::*;
use crate::value::*;
use mozjs_sys::jsval::UndefinedValue;
use std::ffi::c_void;
use std::ptr::NonNull;

/// What import attributes ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleType {
    Unknown,
    JavaScript,
    Json,
    Css,
    Bytes,
    Text,
}

impl ModuleType {
    fn from_raw(raw: u32) -> ModuleType {
        use ModuleType::*;
        [Unknown, JavaScript, Json, Css, Bytes, Text].get(raw as usize).copied().unwrap_or(Unknown)
    }

    /// The value of the attribute `type`; none for plain imports.
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            ModuleType::JavaScript => None,
            ModuleType::Json => Some("json"),
            ModuleType::Css => Some("css"),
            ModuleType::Bytes => Some("bytes"),
            ModuleType::Text => Some("text"),
            ModuleType::Unknown => Some("unknown"),
        }
    }
}

/// One thing a module asks for.
pub struct ModuleRequest {
    pub specifier: String,
    pub module_type: ModuleType,
    pub source_phase: bool,
    /// The first import attribute that is not `type`.
    pub unsupported_attribute: Option<String>,
    /// 1-based.
    pub line: u32,
    /// 1-based, in UTF-16 units.
    pub column: u32,
}

/// Where a module stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleStatus {
    New,
    Unlinked,
    Linking,
    Linked,
    Evaluating,
    EvaluatingAsync,
    Evaluated,
    Failed,
}

/// What the engine asks the loader.
pub trait ModuleHooks {
    /// The module that `specifier` means to the module whose private value is `referrer`. It must be known already.
    /// `import source` needs one of [`Scope::source_module`].
    fn requested<'s>(
        &self,
        scope: &mut Scope<'s>,
        referrer: Value<'s>,
        specifier: JsString<'s>,
        module_type: ModuleType,
        source_phase: bool,
    ) -> Result<Object<'s>, OpError>;

    /// `import()` was called: finish `import` now or later.
    fn import<'s>(
        &self,
        scope: &mut Scope<'s>,
        referrer: Value<'s>,
        specifier: JsString<'s>,
        module_type: ModuleType,
        source_phase: bool,
        import: PendingImport,
    ) -> Result<(), OpError>;

    /// `import.meta` of a module is looked at for the first time.
    fn meta<'s>(&self, scope: &mut Scope<'s>, private: Value<'s>, meta: Object<'s>) -> Result<(), OpError>;
}

/// A dynamic import under way.
pub struct PendingImport {
    referrer: Persistent,
    request: Persistent,
    payload: Persistent,
}

pub(crate) fn install(cx: *mut RawContext) {
    // SAFETY: the hooks match their declared signatures.
    unsafe { sm_module_hooks(cx, on_load, on_meta) };
}

fn at<'s>(pointer: *const RawValue) -> Value<'s> {
    Value::at(NonNull::new(pointer.cast_mut()).expect("a rooted value"))
}

fn settle(scope: &mut Scope<'_>, result: Result<(), OpError>) -> bool {
    match result {
        Ok(()) => true,
        Err(error) => {
            let _ = error.throw(scope);
            false
        }
    }
}

#[allow(clippy::too_many_arguments, reason = "the engine's signature")]
unsafe extern "C" fn on_load(
    cx: *mut RawContext,
    referrer: *const RawValue,
    private: *const RawValue,
    request: *const RawValue,
    specifier: *const RawValue,
    module_type: u32,
    source_phase: bool,
    payload: *const RawValue,
    dynamic: bool,
) -> bool {
    // SAFETY: the private data is the context's Inner; all pointers are rooted for the call.
    let inner = unsafe { &*sm_private(cx).cast::<Inner>() };
    let scope = &mut Scope::new(inner);
    let module_type = ModuleType::from_raw(module_type);
    let Some(hooks) = inner.module_hooks.borrow().clone() else {
        return settle(scope, Err(OpError::error("this context loads no modules")));
    };
    let specifier = JsString(at(specifier));
    if dynamic {
        let pending = PendingImport {
            referrer: Persistent::new(inner, referrer),
            request: Persistent::new(inner, request),
            payload: Persistent::new(inner, payload),
        };
        let result = hooks.import(scope, at(private), specifier, module_type, source_phase, pending);
        return settle(scope, result);
    }
    match hooks.requested(scope, at(private), specifier, module_type, source_phase) {
        // SAFETY: all pointers are rooted; the module is a module object.
        Ok(module) => unsafe { sm_finish_load(cx, referrer, request, payload, module.pointer(), false) },
        Err(error) => settle(scope, Err(error)),
    }
}

unsafe extern "C" fn on_meta(cx: *mut RawContext, private: *const RawValue, meta: *const RawValue) -> bool {
    // SAFETY: as in `on_load`.
    let inner = unsafe { &*sm_private(cx).cast::<Inner>() };
    let scope = &mut Scope::new(inner);
    let hooks = inner.module_hooks.borrow().clone();
    let result = hooks.map_or(Ok(()), |hooks| hooks.meta(scope, at(private), Object(at(meta))));
    settle(scope, result)
}

impl PendingImport {
    /// Links and evaluates `module`, whose requests are all known, and settles the promise of `import()` with it.
    pub fn finish(self, scope: &mut Scope<'_>, module: Object<'_>) -> Result<(), Thrown> {
        let (referrer, request) = (self.referrer.get(scope), self.request.get(scope));
        let payload = self.payload.get(scope);
        // SAFETY: the values are those that the engine gave.
        let done = unsafe {
            sm_finish_load(
                scope.cx(),
                referrer.pointer(),
                request.pointer(),
                payload.pointer(),
                module.pointer(),
                true,
            )
        };
        if done { Ok(()) } else { Err(Thrown::new()) }
    }

    pub fn fail(self, scope: &mut Scope<'_>, error: Value<'_>) -> Result<(), Thrown> {
        let payload = self.payload.get(scope);
        // SAFETY: the payload is the one that the engine gave.
        if unsafe { sm_fail_load(scope.cx(), payload.pointer(), error.pointer()) } {
            Ok(())
        } else {
            Err(Thrown::new())
        }
    }
}

impl<'s> Scope<'s> {
    /// Compiles a module. `private` comes back in the hooks as its referrer.
    pub fn compile_module(&mut self, source: &Source<'_>, private: Value<'_>) -> Result<Object<'s>, Thrown> {
        let made = source.with_raw(self, |scope, raw| {
            // SAFETY: the source lives for the call, the private value is rooted.
            scope.produce(|cx, out| unsafe { sm_compile_module(cx, raw, private.pointer(), out) })
        })?;
        made.map(Object)
    }

    /// A module for `import source` alone, which gives `source`.
    pub fn source_module(&mut self, source: Object<'_>) -> Result<Object<'s>, Thrown> {
        // SAFETY: the object is rooted.
        self.produce(|cx, out| unsafe { sm_source_module(cx, source.pointer(), out) }).map(Object)
    }

    /// A module whose exports are set by [`Scope::set_synthetic_export`].
    pub fn synthetic_module(&mut self, names: &[Value<'_>]) -> Result<Object<'s>, Thrown> {
        let out = self.out();
        let base = self.handles().top();
        let first = self.arguments(names);
        // SAFETY: the names lie in a row and are strings.
        let ok = unsafe { sm_synthetic_module(self.cx(), first.as_ptr(), names.len(), out.as_ptr()) };
        self.handles().truncate(base);
        if ok { Ok(Object(Value::at(out))) } else { Err(Thrown::new()) }
    }

    /// Sets the export with the given place among the module's names; importers see the change.
    pub fn set_synthetic_export(&mut self, module: Object<'_>, index: usize, value: Value<'_>) {
        // SAFETY: the module was made by `synthetic_module` with more than `index` names.
        unsafe { sm_synthetic_set(module.pointer(), index, value.pointer()) };
    }

    pub fn module_requests(&mut self, module: Object<'_>) -> Result<Vec<ModuleRequest>, Thrown> {
        struct Sink {
            requests: Vec<ModuleRequest>,
        }
        #[allow(clippy::too_many_arguments, reason = "the shim's signature")]
        unsafe extern "C" fn take(
            sink: *mut c_void,
            cx: *mut RawContext,
            specifier: *const RawValue,
            module_type: u32,
            source_phase: bool,
            unsupported: *const RawValue,
            line: u32,
            column: u32,
        ) -> bool {
            // SAFETY: the sink and the private data are what the caller and the context gave.
            let (sink, inner) = unsafe { (&mut *sink.cast::<Sink>(), &*sm_private(cx).cast::<Inner>()) };
            let scope = &mut Scope::new(inner);
            let Ok(specifier) = scope.text(JsString(at(specifier))) else { return false };
            let unsupported = at(unsupported);
            let unsupported_attribute = match unsupported.as_string() {
                Some(key) => match scope.text(key) {
                    Ok(key) => Some(key),
                    Err(_) => return false,
                },
                None => None,
            };
            sink.requests.push(ModuleRequest {
                specifier,
                module_type: ModuleType::from_raw(module_type),
                source_phase,
                unsupported_attribute,
                line,
                column,
            });
            true
        }
        let mut sink = Sink { requests: Vec::new() };
        // SAFETY: the sink outlives the call; the object is a module.
        let ok = unsafe { sm_module_requests(self.cx(), module.pointer(), take, (&raw mut sink).cast()) };
        if ok { Ok(sink.requests) } else { Err(Thrown::new()) }
    }

    /// Loads (through the hooks) and links the graph below `module`.
    pub fn link_module(&mut self, module: Object<'_>) -> Result<(), Thrown> {
        // SAFETY: the object is a module.
        let ok = unsafe {
            sm_module_load(self.cx(), module.pointer()) && sm_module_link(self.cx(), module.pointer())
        };
        if ok { Ok(()) } else { Err(Thrown::new()) }
    }

    /// Runs the graph below a linked module: a promise that is settled already unless something awaits at top level.
    pub fn evaluate_module(&mut self, module: Object<'_>) -> Result<Promise<'s>, Thrown> {
        // SAFETY: the object is a linked module.
        let promise = self
            .produce(|cx, out| unsafe { sm_module_evaluate(cx, module.pointer(), out) })
            .map(|value| Promise(Object(value)))?;
        // the engine takes what is unwound by a termination for an error without a value
        if self.interrupt_handle().is_terminating()
            && matches!(promise.state(self), PromiseState::Rejected(reason) if reason.is_undefined())
        {
            promise.mark_handled(self);
            return Err(Thrown::new());
        }
        Ok(promise)
    }

    pub fn module_namespace(&mut self, module: Object<'_>) -> Result<Object<'s>, Thrown> {
        // SAFETY: the object is a linked module.
        self.produce(|cx, out| unsafe { sm_module_namespace(cx, module.pointer(), out) }).map(Object)
    }

    /// The module behind a namespace object.
    pub fn module_of_namespace(&mut self, namespace: Object<'_>) -> Option<Object<'s>> {
        let out = self.out();
        // SAFETY: both slots are rooted.
        unsafe { sm_module_of_namespace(self.cx(), namespace.pointer(), out.as_ptr()) };
        Value::at(out).as_object()
    }

    pub fn module_status(&mut self, module: Object<'_>) -> ModuleStatus {
        use ModuleStatus::*;
        // SAFETY: the object is a module.
        let status = unsafe { sm_module_status(module.pointer()) };
        [New, Unlinked, Linking, Linked, Evaluating, EvaluatingAsync, Evaluated, Failed]
            .get(status as usize)
            .copied()
            .unwrap_or(Failed)
    }

    /// What a failed module threw.
    pub fn module_error(&mut self, module: Object<'_>) -> Value<'s> {
        let out = self.push(UndefinedValue());
        // SAFETY: the object is a module that failed.
        unsafe { sm_module_error(module.pointer(), out.slot.as_ptr()) };
        out
    }

    pub fn module_has_top_level_await(&mut self, module: Object<'_>) -> bool {
        // SAFETY: the object is a module.
        unsafe { sm_module_has_tla(module.pointer()) }
    }

    pub fn set_module_private(&mut self, module: Object<'_>, private: Value<'_>) {
        // SAFETY: the object is a module with source text.
        unsafe { sm_module_private_set(module.pointer(), private.pointer()) };
    }
}
