//! Realms whose global variables live on an object of another realm, the sandbox: the contexts of `node:vm`.

use crate::error::Thrown;
use crate::scope::Scope;
use crate::sys::*;
use crate::value::*;

/// How a realm differs from others.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct ContextRules {
    /// No `eval`, no `new Function`.
    pub forbid_strings: bool,
    /// No compiling of WebAssembly.
    pub forbid_wasm: bool,
    /// Its microtasks run in [`Scope::run_microtasks_of`] only.
    pub keep_microtasks: bool,
}

impl<'s> Scope<'s> {
    /// A realm over an empty sandbox, for which [`Scope::attach_sandbox`] puts the real one. Its global object as
    /// programs see it, by which [`Scope::in_realm`] finds the realm too.
    pub fn new_context(&mut self, rules: ContextRules) -> Result<Object<'s>, Thrown> {
        let sibling = self.global();
        let flags = [rules.forbid_strings, rules.forbid_wasm, rules.keep_microtasks];
        let flags = flags.iter().enumerate().map(|(bit, &set)| i32::from(set) << bit).sum();
        // SAFETY: the sibling is a rooted object.
        self.produce(|cx, out| unsafe { sm_context_new(cx, sibling.pointer(), flags, out) }).map(Object)
    }

    /// From now on the variables of the realm of `global` are properties of `sandbox`. Does nothing to other globals.
    pub fn attach_sandbox(&mut self, global: Object<'_>, sandbox: Object<'_>) {
        if self.context_sandbox(global.value()).is_some() {
            // SAFETY: both slots are rooted, and the object is the global of a context.
            unsafe { sm_context_attach(global.pointer(), sandbox.pointer()) };
        }
    }

    /// Gives the realm of `global` a name beside those of the language, which the sandbox's own come before.
    pub fn define_in_realm(
        &mut self,
        global: Object<'_>,
        name: &str,
        value: Value<'_>,
    ) -> Result<(), Thrown> {
        if self.context_sandbox(global.value()).is_none() {
            return global.define(self, name, value, crate::Attributes::HIDDEN);
        }
        let key = self.key(name)?;
        // SAFETY: all slots are rooted, and the object is the global of a context.
        let done = unsafe { sm_context_define(self.cx(), global.pointer(), key.pointer(), value.pointer()) };
        if done { Ok(()) } else { Err(Thrown::new()) }
    }

    /// The sandbox behind a global object that [`Scope::new_context`] made.
    pub fn context_sandbox(&mut self, global: Value<'_>) -> Option<Object<'s>> {
        let out = self.out();
        // SAFETY: both slots are rooted.
        unsafe { sm_context_sandbox(global.pointer(), out.as_ptr()) };
        Value::at(out).as_object()
    }

    /// The sandbox of the realm in which code runs now.
    pub fn current_sandbox(&mut self) -> Option<Object<'s>> {
        let out = self.out();
        // SAFETY: the slot is rooted.
        unsafe { sm_current_sandbox(self.cx(), out.as_ptr()) };
        Value::at(out).as_object()
    }

    /// Runs `body` in the realm of `global`, with the sandbox's properties and the realm's variables one before and
    /// after. Any other global object is just entered.
    pub fn in_context<R>(
        &mut self,
        global: Object<'_>,
        body: impl FnOnce(&mut Scope<'s>) -> Result<R, Thrown>,
    ) -> Result<R, Thrown> {
        if self.context_sandbox(global.value()).is_none() {
            return self.in_realm(global, body);
        }
        self.in_realm(global, |scope| {
            // SAFETY: the object is the global of a context.
            if !unsafe { sm_context_prepare(scope.cx(), global.pointer()) } {
                return Err(Thrown::new());
            }
            let result = body(scope);
            let exception = if result.is_err() { scope.take_exception() } else { None };
            if result.is_err() && exception.is_none() {
                return result;
            }
            // SAFETY: as above.
            let settled = unsafe { sm_context_settle(scope.cx(), global.pointer()) };
            match exception {
                Some(exception) => Err(scope.throw(exception)),
                None if settled => result,
                None => Err(Thrown::new()),
            }
        })
    }

    /// Runs the microtasks that the realm of `global` keeps, until there are none.
    pub fn run_microtasks_of(&mut self, global: Object<'_>) -> Result<(), Thrown> {
        // SAFETY: the slot is rooted.
        if unsafe { sm_jobs_drain_realm(self.cx(), self.inner.queue.get(), global.pointer()) } {
            Ok(())
        } else {
            Err(Thrown::new())
        }
    }
}
