//! A scope: the right to make values and to run JavaScript. Everything made in it lives as long as it does.

use crate::context::Inner;
use crate::error::{ErrorClass, Thrown};
use crate::handles::HandleStack;
use crate::object::Attributes;
use crate::persistent::Persistent;
use crate::sys::*;
use crate::value::*;
use mozjs_sys::jsval::{BooleanValue, DoubleValue, Int32Value, NullValue, UndefinedValue};
use std::any::{Any, TypeId};
use std::cell::RefMut;
use std::ptr::NonNull;

pub struct Scope<'s> {
    pub(crate) inner: &'s Inner,
    base: usize,
}

impl<'s> Scope<'s> {
    pub(crate) fn new(inner: &'s Inner) -> Scope<'s> {
        Scope { inner, base: inner.handles.top() }
    }

    pub(crate) fn cx(&self) -> *mut RawContext {
        self.inner.cx
    }

    pub(crate) fn handles(&self) -> &'s HandleStack {
        &self.inner.handles
    }

    pub(crate) fn push(&mut self, raw: RawValue) -> Value<'s> {
        Value::at(self.inner.handles.push(raw))
    }

    /// A slot for a result of the engine.
    pub(crate) fn out(&mut self) -> NonNull<RawValue> {
        self.inner.handles.push(UndefinedValue())
    }

    /// The value that `call` wrote, or the exception that it left pending.
    pub(crate) fn produce(
        &mut self,
        call: impl FnOnce(*mut RawContext, *mut RawValue) -> bool,
    ) -> Result<Value<'s>, Thrown> {
        if self.inner.collect_always {
            self.collect_garbage();
        }
        let slot = self.out();
        if call(self.inner.cx, slot.as_ptr()) { Ok(Value::at(slot)) } else { Err(Thrown::new()) }
    }

    /// Runs `body` with a scope of its own: values made there are forgotten when it ends.
    pub fn nest<R>(&mut self, body: impl for<'i> FnOnce(&mut Scope<'i>) -> R) -> R {
        let mut inner = Scope::new(self.inner);
        body(&mut inner)
    }

    /// Like [`Scope::nest`], handing one value out.
    pub fn nest_value<E>(
        &mut self,
        body: impl for<'i> FnOnce(&mut Scope<'i>) -> Result<Value<'i>, E>,
    ) -> Result<Value<'s>, E> {
        let slot = self.out();
        let mut inner = Scope::new(self.inner);
        let value = body(&mut inner)?.raw();
        // SAFETY: the slot belongs to this scope and is traced; nothing can be collected between reading and writing.
        unsafe { slot.as_ptr().write(value) };
        Ok(Value::at(slot))
    }

    // ---- primitives

    pub fn undefined(&mut self) -> Value<'s> {
        self.push(UndefinedValue())
    }

    pub fn null(&mut self) -> Value<'s> {
        self.push(NullValue())
    }

    pub fn boolean(&mut self, value: bool) -> Value<'s> {
        self.push(BooleanValue(value))
    }

    /// An integer where the number is one, as the engine keeps it.
    pub fn number(&mut self, value: f64) -> Value<'s> {
        let int = value as i32;
        if f64::from(int) == value && (int != 0 || value.is_sign_positive()) {
            self.push(Int32Value(int))
        } else {
            self.push(DoubleValue(if value.is_nan() { f64::NAN } else { value }))
        }
    }

    pub fn bigint(&mut self, value: i128) -> Result<Value<'s>, Thrown> {
        if let Ok(signed) = i64::try_from(value) {
            // SAFETY: the slot is rooted.
            return self.produce(|cx, out| unsafe { sm_bigint_from_i64(cx, signed, out) });
        }
        let unsigned = u64::try_from(value).unwrap_or(u64::MAX);
        // SAFETY: the slot is rooted.
        self.produce(|cx, out| unsafe { sm_bigint_from_u64(cx, unsigned, out) })
    }

    pub fn string(&mut self, text: &str) -> Result<JsString<'s>, Thrown> {
        let (start, length) = (text.as_ptr(), text.len());
        if text.is_ascii() {
            // SAFETY: the bytes are ASCII, so Latin-1, and are copied.
            return self.produce(|cx, out| unsafe { sm_string_latin1(cx, start, length, out) }).map(JsString);
        }
        // the engine's own way from UTF-8 is forty times slower
        let mut units = Vec::with_capacity(length);
        units.extend(text.encode_utf16());
        self.string_utf16(&units)
    }

    /// Each byte is one unit of the string.
    pub fn string_latin1(&mut self, bytes: &[u8]) -> Result<JsString<'s>, Thrown> {
        // SAFETY: the bytes are copied.
        self.produce(|cx, out| unsafe { sm_string_latin1(cx, bytes.as_ptr(), bytes.len(), out) })
            .map(JsString)
    }

    pub fn string_utf16(&mut self, units: &[u16]) -> Result<JsString<'s>, Thrown> {
        // SAFETY: the units are copied.
        self.produce(|cx, out| unsafe { sm_string_utf16(cx, units.as_ptr(), units.len(), out) }).map(JsString)
    }

    /// A string for use as a property key, interned.
    pub fn key(&mut self, text: &str) -> Result<JsString<'s>, Thrown> {
        if !text.is_ascii() {
            return self.string(text);
        }
        // SAFETY: the bytes are ASCII and are copied.
        self.produce(|cx, out| unsafe { sm_string_atom(cx, text.as_ptr(), text.len(), out) }).map(JsString)
    }

    /// `Symbol.for(key)`.
    pub fn symbol_for(&mut self, key: &str) -> Result<Value<'s>, Thrown> {
        let key = self.string(key)?;
        // SAFETY: the key is a string.
        self.produce(|cx, out| unsafe { sm_symbol_for(cx, key.pointer(), out) })
    }

    /// `Symbol(description)`.
    pub fn symbol(&mut self, description: &str) -> Result<Value<'s>, Thrown> {
        let description = self.string(description)?;
        // SAFETY: the description is a string.
        self.produce(|cx, out| unsafe { sm_symbol_new(cx, description.pointer(), out) })
    }

    // ---- conversions

    /// JavaScript's ToString; runs user code for objects.
    pub fn to_string(&mut self, value: Value<'_>) -> Result<JsString<'s>, Thrown> {
        // SAFETY: both slots are rooted.
        self.produce(|cx, out| unsafe { sm_to_string(cx, value.pointer(), out) }).map(JsString)
    }

    /// JavaScript's ToNumber; runs user code for objects.
    pub fn to_number(&mut self, value: Value<'_>) -> Result<f64, Thrown> {
        let mut number = 0.0;
        // SAFETY: the slot is rooted.
        if unsafe { sm_to_number(self.cx(), value.pointer(), &mut number) } {
            Ok(number)
        } else {
            Err(Thrown::new())
        }
    }

    /// A string's text; lone surrogates become U+FFFD.
    pub fn text(&mut self, string: JsString<'_>) -> Result<String, Thrown> {
        let mut length = 0;
        // SAFETY: it is a string in a rooted slot.
        if !unsafe { sm_string_utf8_length(self.cx(), string.pointer(), &mut length) } {
            return Err(Thrown::new());
        }
        let mut buffer = Vec::<u8>::with_capacity(length);
        // SAFETY: the buffer holds `length` bytes; what was written becomes its length.
        unsafe {
            let written = sm_string_to_utf8(self.cx(), string.pointer(), buffer.as_mut_ptr(), length);
            buffer.set_len(written);
        }
        Ok(String::from_utf8(buffer)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// ToString, then its text.
    pub fn display(&mut self, value: Value<'_>) -> Result<String, Thrown> {
        let string = self.to_string(value)?;
        self.text(string)
    }

    /// Calls `read` with a string's characters in place: Latin-1 bytes or UTF-16 units.
    pub fn with_chars<R>(
        &mut self,
        string: JsString<'_>,
        read: impl FnOnce(Chars<'_>) -> R,
    ) -> Result<R, Thrown> {
        let (mut chars, mut length, mut latin1) = (std::ptr::null(), 0, false);
        // SAFETY: it is a string in a rooted slot.
        if !unsafe { sm_string_chars(self.cx(), string.pointer(), &mut chars, &mut length, &mut latin1) } {
            return Err(Thrown::new());
        }
        if length == 0 {
            return Ok(read(Chars::Latin1(&[])));
        }
        // SAFETY: the characters stay in place while nothing is allocated, and `read` has no scope to do so.
        Ok(unsafe {
            if latin1 {
                read(Chars::Latin1(std::slice::from_raw_parts(chars.cast(), length)))
            } else {
                read(Chars::Utf16(std::slice::from_raw_parts(chars.cast(), length)))
            }
        })
    }

    // ---- objects

    pub fn object(&mut self) -> Result<Object<'s>, Thrown> {
        // SAFETY: the slot is rooted.
        self.produce(|cx, out| unsafe { sm_new_object(cx, out) }).map(Object)
    }

    /// An object with the given prototype, or none.
    pub fn object_with_prototype(&mut self, prototype: Option<Object<'_>>) -> Result<Object<'s>, Thrown> {
        let null = NullValue();
        let prototype = prototype.map_or(&raw const null, |object| object.pointer());
        // SAFETY: the prototype is a rooted object or null.
        self.produce(|cx, out| unsafe { sm_new_object_with_proto(cx, prototype, out) }).map(Object)
    }

    pub fn array(&mut self, values: &[Value<'_>]) -> Result<Array<'s>, Thrown> {
        let slot = self.out();
        let base = self.handles().top();
        let first = self.arguments(values);
        // SAFETY: the values lie in a row on the handle stack.
        let ok = unsafe { sm_new_array(self.cx(), first.as_ptr(), values.len(), slot.as_ptr()) };
        self.handles().truncate(base);
        if ok { Ok(Array(Object(Value::at(slot)))) } else { Err(Thrown::new()) }
    }

    /// Copies values into a row of slots.
    pub(crate) fn arguments(&mut self, values: &[Value<'_>]) -> NonNull<RawValue> {
        let first = self.handles().reserve(values.len());
        for (index, value) in values.iter().enumerate() {
            // SAFETY: `reserve` made that many slots.
            unsafe { first.add(index).as_ptr().write(value.raw()) };
        }
        first
    }

    /// The global object of the realm that runs.
    pub fn global(&mut self) -> Object<'s> {
        let slot = self.out();
        // SAFETY: the slot is rooted.
        unsafe { sm_current_global(self.cx(), slot.as_ptr()) };
        Object(Value::at(slot))
    }

    /// Gives the global object the names of both objects: what one holds by a name is given to `make`, with the name, when
    /// the name is first looked at, and the answer becomes the property. Those of `hidden` are not enumerable.
    pub fn define_lazy_globals(&mut self, hidden: Object<'_>, enumerable: Object<'_>, make: Function<'_>) {
        // SAFETY: all are rooted, and a realm is entered.
        unsafe { sm_global_lazily(self.cx(), hidden.pointer(), enumerable.pointer(), make.pointer()) }
    }

    /// A realm of its own beside this one: objects pass between them as they are.
    pub fn new_realm(&mut self) -> Result<Object<'s>, Thrown> {
        let sibling = self.global();
        // SAFETY: the sibling is a rooted object.
        self.produce(|cx, out| unsafe { sm_new_global(cx, sibling.pointer(), out) }).map(Object)
    }

    /// Runs `body` in the realm of `object`.
    pub fn in_realm<R>(&mut self, object: Object<'_>, body: impl FnOnce(&mut Scope<'s>) -> R) -> R {
        // SAFETY: the object is rooted; the realm is left below, whatever `body` returns.
        let previous = unsafe { sm_enter_realm(self.cx(), object.pointer()) };
        let leave = LeaveRealm(self.cx(), previous);
        let result = body(self);
        drop(leave);
        result
    }

    pub fn global_of(&mut self, object: Object<'_>) -> Object<'s> {
        let slot = self.out();
        // SAFETY: the object is rooted.
        unsafe { sm_global_of(self.cx(), object.pointer(), slot.as_ptr()) };
        Object(Value::at(slot))
    }

    // ---- promises

    pub fn promise(&mut self) -> Result<Promise<'s>, Thrown> {
        // SAFETY: the slot is rooted.
        self.produce(|cx, out| unsafe { sm_new_promise(cx, out) }).map(|value| Promise(Object(value)))
    }

    // ---- exceptions

    /// Makes `value` the pending exception.
    pub fn throw(&mut self, value: Value<'_>) -> Thrown {
        // SAFETY: the slot is rooted.
        unsafe { sm_throw(self.cx(), value.pointer()) };
        Thrown::new()
    }

    /// The pending exception, which is pending no more; none when execution was terminated.
    pub fn take_exception(&mut self) -> Option<Value<'s>> {
        let slot = self.out();
        // SAFETY: the slot is rooted.
        unsafe { sm_exception_take(self.cx(), slot.as_ptr()) }.then(|| Value::at(slot))
    }

    /// The stack of the place that threw the pending exception, also when that is no error; undefined where the engine
    /// kept none.
    pub fn exception_stack(&mut self) -> Value<'s> {
        let slot = self.out();
        // SAFETY: the slot is rooted.
        unsafe { sm_exception_stack(self.cx(), slot.as_ptr()) };
        Value::at(slot)
    }

    pub fn has_exception(&self) -> bool {
        // SAFETY: only asks.
        unsafe { sm_exception_pending(self.cx()) }
    }

    /// An error object with the stack of this moment.
    pub fn error(&mut self, class: ErrorClass, message: &str) -> Result<Object<'s>, Thrown> {
        let text = self.string(message)?;
        // SAFETY: the message is a string.
        self.produce(|cx, out| unsafe { sm_new_error(cx, class as u32, text.pointer(), out) }).map(Object)
    }

    // ---- keeping things

    pub fn persist(&mut self, value: impl Into<Value<'s>>) -> Persistent {
        Persistent::new(self.inner, value.into().pointer())
    }

    /// The runtime's state of type `T`, made by `Default` at first use.
    pub fn state_mut<T: Default + 'static>(&mut self) -> RefMut<'s, T> {
        RefMut::map(self.inner.state.borrow_mut(), |states| {
            let state: &mut Box<dyn Any> =
                states.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()));
            state.downcast_mut::<T>().expect("stored by its type")
        })
    }

    /// The zone that dates of this realm are in: an IANA name, or empty for the system's. An unknown name is the system's.
    pub fn set_time_zone(&mut self, name: &str) {
        let name = std::ffi::CString::new(name).unwrap_or_default();
        // SAFETY: the name is copied.
        unsafe { sm_set_time_zone(self.cx(), name.as_ptr()) };
    }

    pub fn collect_garbage(&mut self) {
        // SAFETY: every value this side holds is rooted.
        unsafe { sm_gc(self.cx()) };
    }

    /// Sizes of the engine's heap.
    pub fn heap_numbers(&self) -> HeapNumbers {
        const MAX_BYTES: u32 = 0;
        const TOTAL_CHUNKS: u32 = 8;
        const CHUNK_BYTES: u32 = 38;
        // SAFETY: only asks.
        let ask = |key| unsafe { sm_gc_parameter_get(self.cx(), key) } as usize;
        HeapNumbers {
            used: self.heap_bytes(),
            committed: ask(TOTAL_CHUNKS) * ask(CHUNK_BYTES),
            limit: ask(MAX_BYTES),
        }
    }

    /// Bytes of the engine's heap in use.
    pub fn heap_bytes(&self) -> usize {
        // SAFETY: only asks.
        unsafe { sm_heap_bytes(self.cx()) }
    }

    /// Defines functions and constants on a new object, which is what builtins call their binding.
    pub fn define(
        &mut self,
        object: Object<'_>,
        name: &str,
        value: Value<'_>,
        attributes: Attributes,
    ) -> Result<(), Thrown> {
        object.define(self, name, value, attributes)
    }
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        self.inner.handles.truncate(self.base);
    }
}

struct LeaveRealm(*mut RawContext, *mut Realm);

impl Drop for LeaveRealm {
    fn drop(&mut self) {
        // SAFETY: undoes the one entering that made this.
        unsafe { sm_leave_realm(self.0, self.1) };
    }
}

/// Sizes of the engine's garbage-collected heap, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct HeapNumbers {
    pub used: usize,
    /// Taken from the system.
    pub committed: usize,
    /// More than this it will not take.
    pub limit: usize,
}

/// A string's characters as the engine keeps them.
pub enum Chars<'a> {
    Latin1(&'a [u8]),
    Utf16(&'a [u16]),
}
