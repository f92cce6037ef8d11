//! Objects that own something of Rust's.

use crate::convert::FromJs;
use crate::error::{OpError, Thrown};
use crate::scope::Scope;
use crate::sys::*;
use crate::value::*;
use mozjs_sys::jsval::NullValue;
use std::any::Any;
use std::ffi::c_void;
use std::ops::Deref;
use std::rc::Rc;

/// A Rust value owned by a JavaScript object; as an argument of an op it gives access to it.
pub struct Wrapped<T>(Rc<T>);

impl<T> Deref for Wrapped<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Wrapped<T> {
    /// What an object owns; none for objects that own something else, or nothing.
    pub fn of(value: Value<'_>) -> Option<Wrapped<T>>
    where
        T: 'static,
    {
        // SAFETY: the slot is rooted.
        let data = unsafe { sm_wrapped(value.pointer()) };
        if data.is_null() {
            return None;
        }
        // SAFETY: such objects hold what `wrap_shared` put there.
        let any = unsafe { &*data.cast::<Rc<dyn Any>>() };
        any.clone().downcast::<T>().map(Wrapped).ok()
    }

    /// Shared with the object, so it may be kept by a future.
    pub fn shared(&self) -> Rc<T> {
        self.0.clone()
    }
}

impl<'s> Scope<'s> {
    /// An object that owns `value` until it is collected.
    pub fn wrap<T: 'static>(&mut self, value: T) -> Result<Object<'s>, Thrown> {
        self.wrap_shared(Rc::new(value), None)
    }

    /// The same with a prototype, over a value that Rust shares.
    pub fn wrap_shared<T: 'static>(
        &mut self,
        value: Rc<T>,
        prototype: Option<Object<'_>>,
    ) -> Result<Object<'s>, Thrown> {
        let null = NullValue();
        let prototype = prototype.map_or(&raw const null, |object| object.pointer());
        let boxed: Box<Rc<dyn Any>> = Box::new(value);
        let data = Box::into_raw(boxed);
        // SAFETY: the object takes `data` over; its finalizer gives it back to `drop_wrapped`.
        let made =
            self.produce(|cx, out| unsafe { sm_new_wrapped(cx, prototype, data.cast::<c_void>(), out) });
        if made.is_err() {
            // SAFETY: no object was made, so the box is still ours.
            drop(unsafe { Box::from_raw(data) });
        }
        made.map(Object)
    }
}

pub(crate) unsafe extern "C" fn drop_wrapped(data: *mut c_void) {
    // SAFETY: made by `wrap_shared`, finalized once. Values that end here must not touch JavaScript.
    drop(unsafe { Box::from_raw(data.cast::<Rc<dyn Any>>()) });
}

impl<'s, T: 'static> FromJs<'s> for Wrapped<T> {
    fn from_js(_: &mut Scope<'s>, value: Value<'s>) -> Result<Self, OpError> {
        Wrapped::of(value)
            .ok_or_else(|| OpError::type_error("an internal function was called with a foreign object"))
    }
}
