//! What only the engine knows about a value.

use crate::error::Thrown;
use crate::scope::Scope;
use crate::sys::*;
use crate::value::*;
use std::ffi::CStr;

/// The built-in class of an object, whatever its prototype says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltinClass {
    Object,
    Array,
    Number,
    String,
    Boolean,
    RegExp,
    ArrayBuffer,
    SharedArrayBuffer,
    Date,
    Set,
    Map,
    Promise,
    MapIterator,
    SetIterator,
    Arguments,
    Error,
    BigInt,
    Function,
    Other,
}

impl<'s> Scope<'s> {
    /// None for primitives and proxies.
    pub fn builtin_class(&mut self, value: Value<'_>) -> Option<BuiltinClass> {
        use BuiltinClass::*;
        const ALL: [BuiltinClass; 19] = [
            Object,
            Array,
            Number,
            String,
            Boolean,
            RegExp,
            ArrayBuffer,
            SharedArrayBuffer,
            Date,
            Set,
            Map,
            Promise,
            MapIterator,
            SetIterator,
            Arguments,
            Error,
            BigInt,
            Function,
            Other,
        ];
        // SAFETY: the slot is rooted.
        let class = unsafe { sm_builtin_class(self.cx(), value.pointer()) };
        usize::try_from(class).ok().and_then(|class| ALL.get(class).copied())
    }

    /// The engine's name of the object's class, such as `WeakMap`; empty for primitives.
    pub fn class_name(&self, value: Value<'_>) -> &'static str {
        // SAFETY: the slot is rooted; class names are static.
        unsafe {
            let name = sm_class_name(value.pointer());
            if name.is_null() { "" } else { CStr::from_ptr(name).to_str().unwrap_or("") }
        }
    }

    /// Target and handler of a proxy; both null when it was revoked.
    pub fn proxy_parts(&mut self, value: Value<'_>) -> Option<(Value<'s>, Value<'s>)> {
        let (target, handler) = (self.out(), self.out());
        // SAFETY: all slots are rooted.
        let is = unsafe { sm_proxy(value.pointer(), target.as_ptr(), handler.as_ptr()) };
        is.then(|| (Value::at(target), Value::at(handler)))
    }

    /// 0 no function, 1 plain, 2 generator, 3 async, 4 async generator, 5 class.
    pub fn function_kind(&mut self, value: Value<'_>) -> i32 {
        // SAFETY: the slot is rooted.
        unsafe { sm_function_kind(value.pointer()) }
    }

    /// The name that the engine shows for a function, also for an anonymous one that was assigned somewhere.
    pub fn function_name(&mut self, function: Function<'_>) -> Option<JsString<'s>> {
        // SAFETY: both slots are rooted.
        let name = self.produce(|cx, out| unsafe { sm_function_name(cx, function.pointer(), out) }).ok()?;
        name.as_string()
    }

    pub fn is_module_namespace(&self, value: Value<'_>) -> bool {
        // SAFETY: the slot is rooted.
        unsafe { sm_is_namespace(value.pointer()) }
    }

    /// What an iterator over a Map or Set has still to give, without moving it, or what a WeakMap or WeakSet holds; and
    /// whether keys and values take turns in it. None for every other value.
    pub fn preview_entries(&mut self, value: Value<'_>) -> Result<Option<(Array<'s>, bool)>, Thrown> {
        let mut pairs = false;
        // SAFETY: both slots are rooted.
        let entries =
            self.produce(|cx, out| unsafe { sm_preview_entries(cx, value.pointer(), out, &mut pairs) })?;
        Ok(entries.as_array(self).map(|entries| (entries, pairs)))
    }
}

impl Object<'_> {
    /// The value of an own data property; none where there is none, or an accessor.
    pub fn own_data<'s>(self, scope: &mut Scope<'s>, key: Value<'_>) -> Result<Option<Value<'s>>, Thrown> {
        // SAFETY: all slots are rooted.
        let value =
            scope.produce(|cx, out| unsafe { sm_own_data(cx, self.pointer(), key.pointer(), out) })?;
        Ok((!value.is_undefined()).then_some(value))
    }

    /// Own keys but array indices: strings, then symbols.
    pub fn own_non_index_keys<'s>(
        self,
        scope: &mut Scope<'s>,
        only_enumerable: bool,
    ) -> Result<Array<'s>, Thrown> {
        // SAFETY: both slots are rooted.
        scope
            .produce(|cx, out| unsafe { sm_own_non_index_keys(cx, self.pointer(), only_enumerable, out) })
            .map(|keys| Array(Object(keys)))
    }
}
