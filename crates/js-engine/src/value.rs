//! Values and what kinds there are. What can be done with them stands in `object.rs` and `scope.rs`.

use crate::scope::Scope;
use crate::sys::*;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;

/// Any JavaScript value, rooted as long as its scope lives.
#[derive(Clone, Copy)]
pub struct Value<'s> {
    pub(crate) slot: NonNull<RawValue>,
    scope: PhantomData<(&'s (), *const ())>,
}

impl<'s> Value<'s> {
    pub(crate) fn at(slot: NonNull<RawValue>) -> Value<'s> {
        Value { slot, scope: PhantomData }
    }

    pub(crate) fn raw(self) -> RawValue {
        // SAFETY: the slot is initialized and lives as long as the scope.
        unsafe { *self.slot.as_ptr() }
    }

    pub(crate) fn pointer(self) -> *const RawValue {
        self.slot.as_ptr()
    }

    pub fn is_undefined(self) -> bool {
        self.raw().is_undefined()
    }

    pub fn is_null(self) -> bool {
        self.raw().is_null()
    }

    pub fn is_nullish(self) -> bool {
        self.raw().is_null_or_undefined()
    }

    pub fn is_boolean(self) -> bool {
        self.raw().is_boolean()
    }

    pub fn is_number(self) -> bool {
        self.raw().is_number()
    }

    pub fn is_string(self) -> bool {
        self.raw().is_string()
    }

    pub fn is_symbol(self) -> bool {
        self.raw().is_symbol()
    }

    pub fn is_bigint(self) -> bool {
        self.raw().is_bigint()
    }

    pub fn is_object(self) -> bool {
        self.raw().is_object()
    }

    pub fn is_function(self) -> bool {
        // SAFETY: the slot is rooted.
        unsafe { sm_is_callable(self.pointer()) }
    }

    /// JavaScript's ToBoolean.
    pub fn truthy(self) -> bool {
        // SAFETY: the slot is rooted; the conversion runs no script.
        unsafe { sm_to_boolean(self.pointer()) }
    }

    pub fn as_bool(self) -> Option<bool> {
        self.is_boolean().then(|| self.raw().to_boolean())
    }

    pub fn as_number(self) -> Option<f64> {
        self.is_number().then(|| self.raw().to_number())
    }

    /// The integer that a BigInt's low 64 bits are, as two's complement.
    pub fn as_bigint(self) -> Option<i64> {
        // SAFETY: it is a BigInt.
        self.is_bigint().then(|| unsafe { sm_bigint_to_i64(self.pointer()) })
    }

    pub fn as_big_unsigned(self) -> Option<u64> {
        // SAFETY: it is a BigInt.
        self.is_bigint().then(|| unsafe { sm_bigint_to_u64(self.pointer()) })
    }

    pub fn as_object(self) -> Option<Object<'s>> {
        self.is_object().then_some(Object(self))
    }

    pub fn as_function(self) -> Option<Function<'s>> {
        self.is_function().then_some(Function(Object(self)))
    }

    pub fn as_string(self) -> Option<JsString<'s>> {
        self.is_string().then_some(JsString(self))
    }

    pub fn as_array(self, scope: &mut Scope<'_>) -> Option<Array<'s>> {
        let mut is = false;
        // SAFETY: the slot is rooted.
        let ok = unsafe { sm_is_array(scope.cx(), self.pointer(), &mut is) };
        (ok && is).then_some(Array(Object(self)))
    }

    pub fn as_promise(self, scope: &mut Scope<'_>) -> Option<Promise<'s>> {
        // SAFETY: the slot is rooted.
        unsafe { sm_is_promise(scope.cx(), self.pointer()) }.then_some(Promise(Object(self)))
    }

    pub fn is_array_buffer(self) -> bool {
        // SAFETY: the slot is rooted.
        unsafe { sm_is_array_buffer(self.pointer()) }
    }

    pub fn is_shared_array_buffer(self) -> bool {
        // SAFETY: the slot is rooted.
        unsafe { sm_is_shared_array_buffer(self.pointer()) }
    }

    /// The element type of a typed array as SpiderMonkey numbers them (`Scalar::Type`), -1 for anything else.
    pub fn view_type(self) -> i32 {
        // SAFETY: the slot is rooted.
        unsafe { sm_view_type(self.pointer()) }
    }

    /// A number for the few places that compare identity outside JavaScript.
    pub fn same_as(self, other: Value<'_>) -> bool {
        self.raw().asBits_ == other.raw().asBits_
    }
}

macro_rules! kind {
    ($(#[$doc:meta])* $name:ident in $parent:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name<'s>(pub(crate) $parent<'s>);

        impl<'s> Deref for $name<'s> {
            type Target = $parent<'s>;

            fn deref(&self) -> &$parent<'s> {
                &self.0
            }
        }

        impl<'s> From<$name<'s>> for Value<'s> {
            fn from(value: $name<'s>) -> Value<'s> {
                value.0.into()
            }
        }
    };
}

kind!(
    /// A string.
    JsString in Value
);
kind!(
    /// An object of any class.
    Object in Value
);
kind!(
    /// Something callable.
    Function in Object
);
kind!(
    /// An array.
    Array in Object
);
kind!(
    /// A promise.
    Promise in Object
);

/// A compiled script. No value that JavaScript could see.
#[derive(Clone, Copy)]
pub struct Script<'s>(pub(crate) Value<'s>);

impl<'s> Object<'s> {
    pub fn value(self) -> Value<'s> {
        self.0
    }
}

impl<'s> Function<'s> {
    pub fn value(self) -> Value<'s> {
        self.0.0
    }

    pub fn object(self) -> Object<'s> {
        self.0
    }
}

impl<'s> Array<'s> {
    pub fn value(self) -> Value<'s> {
        self.0.0
    }
}

impl<'s> Promise<'s> {
    pub fn value(self) -> Value<'s> {
        self.0.0
    }
}

impl<'s> JsString<'s> {
    pub fn value(self) -> Value<'s> {
        self.0
    }

    /// In UTF-16 code units.
    pub fn length(self) -> usize {
        // SAFETY: it is a string.
        unsafe { sm_string_length(self.0.pointer()) }
    }

    /// Whether no unit lies above U+00FF: such strings are held as bytes.
    pub fn is_latin1(self) -> bool {
        // SAFETY: it is a string.
        unsafe { sm_string_is_latin1(self.0.pointer()) }
    }
}

/// Where a promise stands.
#[derive(Clone, Copy)]
pub enum PromiseState<'s> {
    Pending,
    Fulfilled(Value<'s>),
    Rejected(Value<'s>),
}
