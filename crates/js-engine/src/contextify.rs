//! Realms whose global variables live on an object of another realm, the sandbox: the contexts of `node:vm`.

use crate::error::Thrown;
use crate::scope::Scope;
use crate::sys::*;
use crate::value::*;

/// What code of a realm may not do.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct ForbiddenCode {
    /// `eval`, `new Function`.
    pub strings: bool,
    /// Compiling WebAssembly.
    pub wasm: bool,
}

impl<'s> Scope<'s> {
    /// A realm over `sandbox`. Its global object as programs see it, by which [`Scope::in_realm`] finds the realm too.
    pub fn new_context(
        &mut self,
        sandbox: Object<'_>,
        forbidden: ForbiddenCode,
    ) -> Result<Object<'s>, Thrown> {
        let sibling = self.global();
        let bits = i32::from(forbidden.strings) | i32::from(forbidden.wasm) << 1;
        // SAFETY: sibling and sandbox are rooted objects.
        self.produce(|cx, out| unsafe { sm_context_new(cx, sibling.pointer(), sandbox.pointer(), bits, out) })
            .map(Object)
    }

    /// The sandbox behind a global object that [`Scope::new_context`] made.
    pub fn context_sandbox(&mut self, global: Value<'_>) -> Option<Object<'s>> {
        let out = self.out();
        // SAFETY: both slots are rooted.
        unsafe { sm_context_sandbox(global.pointer(), out.as_ptr()) };
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
            let result = body(scope)?;
            // SAFETY: as above.
            if unsafe { sm_context_settle(scope.cx(), global.pointer()) } { Ok(result) } else { Err(Thrown::new()) }
        })
    }
}
