//! Operations on objects, arrays, functions and promises.

use crate::error::Thrown;
use crate::scope::Scope;
use crate::sys::*;
use crate::value::*;
use mozjs_sys::jsval::UndefinedValue;
use std::ffi::CString;

/// Of a defined property.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Attributes(u32);

impl Attributes {
    /// Enumerable, writable, configurable: what assignment makes.
    pub const PLAIN: Attributes = Attributes(7);
    /// Writable and configurable, not enumerable: what methods of classes are.
    pub const HIDDEN: Attributes = Attributes(6);
    /// Enumerable only.
    pub const CONSTANT: Attributes = Attributes(1);
}

fn done(ok: bool) -> Result<(), Thrown> {
    if ok { Ok(()) } else { Err(Thrown::new()) }
}

impl<'o> Object<'o> {
    pub fn get<'s>(self, scope: &mut Scope<'s>, name: &str) -> Result<Value<'s>, Thrown> {
        let key = scope.key(name)?;
        self.get_value(scope, key.value())
    }

    pub fn get_value<'s>(self, scope: &mut Scope<'s>, key: Value<'_>) -> Result<Value<'s>, Thrown> {
        // SAFETY: all three slots are rooted.
        scope.produce(|cx, out| unsafe { sm_get(cx, self.pointer(), key.pointer(), out) })
    }

    pub fn get_index<'s>(self, scope: &mut Scope<'s>, index: u32) -> Result<Value<'s>, Thrown> {
        // SAFETY: both slots are rooted.
        scope.produce(|cx, out| unsafe { sm_get_index(cx, self.pointer(), index, out) })
    }

    pub fn set<'s>(self, scope: &mut Scope<'s>, name: &str, value: Value<'_>) -> Result<(), Thrown> {
        let key = scope.key(name)?;
        self.set_value(scope, key.value(), value)
    }

    pub fn set_value(self, scope: &mut Scope<'_>, key: Value<'_>, value: Value<'_>) -> Result<(), Thrown> {
        // SAFETY: all slots are rooted.
        done(unsafe { sm_set(scope.cx(), self.pointer(), key.pointer(), value.pointer()) })
    }

    pub fn set_index(self, scope: &mut Scope<'_>, index: u32, value: Value<'_>) -> Result<(), Thrown> {
        // SAFETY: all slots are rooted.
        done(unsafe { sm_set_index(scope.cx(), self.pointer(), index, value.pointer()) })
    }

    /// Defines an own property, whatever setters say.
    pub fn define(
        self,
        scope: &mut Scope<'_>,
        name: &str,
        value: Value<'_>,
        attributes: Attributes,
    ) -> Result<(), Thrown> {
        let key = scope.key(name)?;
        // SAFETY: all slots are rooted.
        done(unsafe { sm_define(scope.cx(), self.pointer(), key.pointer(), value.pointer(), attributes.0) })
    }

    pub fn has(self, scope: &mut Scope<'_>, name: &str) -> Result<bool, Thrown> {
        let key = scope.key(name)?;
        let mut found = false;
        // SAFETY: all slots are rooted.
        done(unsafe { sm_has(scope.cx(), self.pointer(), key.pointer(), &mut found) })?;
        Ok(found)
    }

    pub fn has_own(self, scope: &mut Scope<'_>, key: Value<'_>) -> Result<bool, Thrown> {
        let mut found = false;
        // SAFETY: all slots are rooted.
        done(unsafe { sm_has_own(scope.cx(), self.pointer(), key.pointer(), &mut found) })?;
        Ok(found)
    }

    /// Whether the property is gone now.
    pub fn delete(self, scope: &mut Scope<'_>, key: Value<'_>) -> Result<bool, Thrown> {
        let mut deleted = false;
        // SAFETY: all slots are rooted.
        done(unsafe { sm_delete(scope.cx(), self.pointer(), key.pointer(), &mut deleted) })?;
        Ok(deleted)
    }

    /// Own enumerable string keys, in order.
    pub fn keys<'s>(self, scope: &mut Scope<'s>) -> Result<Array<'s>, Thrown> {
        const OWN_ONLY: u32 = 1 << 3;
        self.own_keys(scope, OWN_ONLY)
    }

    /// Own keys by the engine's iteration flags (`JSITER_*`).
    pub fn own_keys<'s>(self, scope: &mut Scope<'s>, flags: u32) -> Result<Array<'s>, Thrown> {
        // SAFETY: both slots are rooted.
        scope
            .produce(|cx, out| unsafe { sm_own_keys(cx, self.pointer(), flags, out) })
            .map(|value| Array(Object(value)))
    }

    pub fn prototype<'s>(self, scope: &mut Scope<'s>) -> Result<Value<'s>, Thrown> {
        // SAFETY: both slots are rooted.
        scope.produce(|cx, out| unsafe { sm_prototype(cx, self.pointer(), out) })
    }

    /// `prototype`: an object or null.
    pub fn set_prototype(self, scope: &mut Scope<'_>, prototype: Value<'_>) -> Result<(), Thrown> {
        // SAFETY: both slots are rooted.
        done(unsafe { sm_set_prototype(scope.cx(), self.pointer(), prototype.pointer()) })
    }

    /// Calls the method `name` of this object.
    pub fn call_method<'s>(
        self,
        scope: &mut Scope<'s>,
        name: &str,
        args: &[Value<'_>],
    ) -> Result<Value<'s>, Thrown> {
        let method = self.get(scope, name)?;
        call(scope, self.value(), method, args)
    }
}

impl<'o> Array<'o> {
    pub fn length(self, scope: &mut Scope<'_>) -> Result<u32, Thrown> {
        let mut length = 0;
        // SAFETY: the slot is rooted.
        done(unsafe { sm_array_length(scope.cx(), self.pointer(), &mut length) })?;
        Ok(length)
    }
}

fn call<'s>(
    scope: &mut Scope<'s>,
    this: Value<'_>,
    function: Value<'_>,
    args: &[Value<'_>],
) -> Result<Value<'s>, Thrown> {
    let out = scope.out();
    let base = scope.handles().top();
    let first = scope.arguments(args);
    // SAFETY: every slot is rooted, the arguments lie in a row.
    let ok = unsafe {
        sm_call(scope.cx(), this.pointer(), function.pointer(), first.as_ptr(), args.len(), out.as_ptr())
    };
    scope.handles().truncate(base);
    if ok { Ok(Value::at(out)) } else { Err(Thrown::new()) }
}

impl<'o> Function<'o> {
    pub fn call<'s>(
        self,
        scope: &mut Scope<'s>,
        this: Value<'_>,
        args: &[Value<'_>],
    ) -> Result<Value<'s>, Thrown> {
        call(scope, this, self.value(), args)
    }

    /// Calls with `undefined` as `this`.
    pub fn call_plain<'s>(self, scope: &mut Scope<'s>, args: &[Value<'_>]) -> Result<Value<'s>, Thrown> {
        let this = scope.push(UndefinedValue());
        call(scope, this, self.value(), args)
    }

    /// `new function(...args)`.
    pub fn construct<'s>(self, scope: &mut Scope<'s>, args: &[Value<'_>]) -> Result<Object<'s>, Thrown> {
        let out = scope.out();
        let base = scope.handles().top();
        let first = scope.arguments(args);
        // SAFETY: every slot is rooted, the arguments lie in a row.
        let ok =
            unsafe { sm_construct(scope.cx(), self.pointer(), first.as_ptr(), args.len(), out.as_ptr()) };
        scope.handles().truncate(base);
        if ok { Ok(Object(Value::at(out))) } else { Err(Thrown::new()) }
    }

    pub fn is_constructor(self) -> bool {
        // SAFETY: the slot is rooted.
        unsafe { sm_is_constructor(self.pointer()) }
    }
}

impl<'o> Promise<'o> {
    pub fn resolve(self, scope: &mut Scope<'_>, value: Value<'_>) -> Result<(), Thrown> {
        // SAFETY: both slots are rooted.
        done(unsafe { sm_settle(scope.cx(), self.pointer(), value.pointer(), false) })
    }

    pub fn reject(self, scope: &mut Scope<'_>, reason: Value<'_>) -> Result<(), Thrown> {
        // SAFETY: both slots are rooted.
        done(unsafe { sm_settle(scope.cx(), self.pointer(), reason.pointer(), true) })
    }

    pub fn state<'s>(self, scope: &mut Scope<'s>) -> PromiseState<'s> {
        let out = scope.out();
        // SAFETY: both slots are rooted and the object is a promise.
        match unsafe { sm_promise_state(scope.cx(), self.pointer(), out.as_ptr()) } {
            0 => PromiseState::Pending,
            1 => PromiseState::Fulfilled(Value::at(out)),
            _ => PromiseState::Rejected(Value::at(out)),
        }
    }

    /// No unhandled rejection will be reported for it.
    pub fn mark_handled(self, scope: &mut Scope<'_>) {
        // SAFETY: the object is a promise.
        unsafe { sm_promise_handled(scope.cx(), self.pointer()) };
    }

    pub fn is_handled(self, scope: &mut Scope<'_>) -> bool {
        // SAFETY: the object is a promise.
        unsafe { sm_promise_is_handled(scope.cx(), self.pointer()) }
    }
}

impl<'s> Scope<'s> {
    /// A function over an op, named as the op is in JavaScript.
    pub fn function(&mut self, op: &crate::Op) -> Result<Function<'s>, Thrown> {
        let name = CString::new(op.name).expect("names of ops hold no NUL");
        // SAFETY: the native is the trampoline of an op; the name is copied.
        self.produce(|cx, out| unsafe { sm_new_function(cx, op.native, op.arity, name.as_ptr(), false, out) })
            .map(|value| Function(Object(value)))
    }

    /// A Uint8Array that takes the bytes over without copying them.
    pub fn uint8_array(&mut self, bytes: Vec<u8>) -> Result<Object<'s>, Thrown> {
        let length = bytes.len();
        let buffer = self.array_buffer(bytes)?;
        // SAFETY: the buffer is an array buffer of that length.
        self.produce(|cx, out| unsafe { sm_uint8_array(cx, buffer.pointer(), 0, length, out) }).map(Object)
    }

    /// An ArrayBuffer that takes the bytes over without copying them.
    pub fn array_buffer(&mut self, bytes: Vec<u8>) -> Result<Object<'s>, Thrown> {
        let length = bytes.len();
        let data = if length == 0 {
            std::ptr::null_mut()
        } else {
            Box::into_raw(bytes.into_boxed_slice()).cast::<u8>()
        };
        // SAFETY: Rust's system allocator is malloc, which is what the engine frees with; on failure it stays ours.
        let made = self.produce(|cx, out| unsafe { sm_array_buffer_take(cx, data, length, out) });
        if made.is_err() && length > 0 {
            // SAFETY: the engine did not take the bytes.
            drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(data, length)) });
        }
        made.map(Object)
    }

    pub fn float64_array(&mut self, values: &[f64]) -> Result<Object<'s>, Thrown> {
        // SAFETY: the numbers are copied.
        self.produce(|cx, out| unsafe { sm_float64_array(cx, values.as_ptr(), values.len(), out) })
            .map(Object)
    }

    /// Takes the memory of an ArrayBuffer away from JavaScript.
    pub fn detach(&mut self, buffer: Object<'_>) -> Result<(), Thrown> {
        // SAFETY: the slot is rooted.
        done(unsafe { sm_detach(self.cx(), buffer.pointer()) })
    }

    /// From now on nothing detaches the ArrayBuffer.
    pub fn pin(&mut self, buffer: Object<'_>) {
        // SAFETY: the slot is rooted; other objects are left as they are.
        unsafe { sm_pin(buffer.pointer()) }
    }

    /// A copy of the bytes of an ArrayBuffer, SharedArrayBuffer or view.
    pub fn copy_bytes(&mut self, value: Value<'_>) -> Option<Vec<u8>> {
        let (mut data, mut length, mut shared) = (std::ptr::null_mut(), 0, false);
        // SAFETY: the slot is rooted; nothing is allocated by the engine before the copy is made.
        unsafe {
            if !sm_bytes(value.pointer(), &mut data, &mut length, &mut shared) {
                return None;
            }
            let mut copy = Vec::with_capacity(length);
            if length > 0 {
                std::ptr::copy(data, copy.as_mut_ptr(), length);
                copy.set_len(length);
            }
            Some(copy)
        }
    }

    /// Calls `read` with the bytes of an ArrayBuffer or view, in place.
    pub fn with_bytes<R>(&mut self, value: Value<'_>, read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let (mut data, mut length, mut shared) = (std::ptr::null_mut(), 0, false);
        // SAFETY: the slot is rooted; `read` has no scope by which the bytes could move.
        unsafe {
            if !sm_bytes(value.pointer(), &mut data, &mut length, &mut shared) {
                return None;
            }
            if length == 0 {
                return Some(read(&[]));
            }
            Some(read(std::slice::from_raw_parts(data, length)))
        }
    }

    /// Writes into an ArrayBuffer or view at `offset`. False when it does not fit or is no such thing.
    pub fn write_bytes(&mut self, target: Value<'_>, offset: usize, bytes: &[u8]) -> bool {
        let (mut data, mut length, mut shared) = (std::ptr::null_mut(), 0, false);
        // SAFETY: the slot is rooted, the range is checked, nothing is allocated in between.
        unsafe {
            if !sm_bytes(target.pointer(), &mut data, &mut length, &mut shared)
                || offset.checked_add(bytes.len()).is_none_or(|end| end > length)
            {
                return false;
            }
            std::ptr::copy(bytes.as_ptr(), data.add(offset), bytes.len());
        }
        true
    }
}
