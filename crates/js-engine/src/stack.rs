//! Stacks: of errors, and of this moment.

use crate::context::Inner;
use crate::error::Thrown;
use crate::scope::Scope;
use crate::sys::*;
use crate::value::*;
use std::ffi::c_void;
use std::ptr::NonNull;

/// One call of a stack.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The function's display name; empty at top level.
    pub function: String,
    pub call: CallKind,
    pub file: String,
    /// 1-based.
    pub line: u32,
    /// 1-based, in UTF-16 units. Of [`Promise.all`](Self::is_async) the element's number.
    pub column: u32,
    /// Whether the call does not run but waits, at an `await`, for the frames above; a call of Promise.all and its like, which
    /// has no file, for one of its elements.
    pub is_async: bool,
}

/// How a function was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// On nothing, or on the global object.
    Plain,
    /// On an object of the class with this name.
    Method(String),
    /// As a constructor.
    Construct,
}

/// What stands between the class and the name in the names of frames, as `shim/frame_names.cpp` writes them.
const SEPARATOR: char = '\u{1}';

fn split(name: String) -> (CallKind, String) {
    match name.split_once(SEPARATOR) {
        None => (CallKind::Plain, name),
        Some(("", function)) => (CallKind::Construct, function.to_owned()),
        Some((class, function)) => (CallKind::Method(class.to_owned()), function.to_owned()),
    }
}

impl<'s> Scope<'s> {
    /// The stack that the engine kept with an error; undefined for other values.
    pub fn error_stack(&mut self, error: Value<'_>) -> Value<'s> {
        let out = self.out();
        // SAFETY: both slots are rooted.
        unsafe { sm_error_stack(self.cx(), error.pointer(), out.as_ptr()) };
        Value::at(out)
    }

    /// The stack of this moment, at most `limit` frames, beginning below the youngest call of `after`.
    pub fn capture_stack(&mut self, limit: u32, after: Value<'_>) -> Result<Value<'s>, Thrown> {
        // SAFETY: both slots are rooted.
        self.produce(|cx, out| unsafe { sm_capture_stack(cx, limit, after.pointer(), out) })
    }

    /// The stack of the calls that wait for a promise, at most `limit`, of which none runs; undefined for a promise that
    /// nothing, or more than one, waits for, and for other values.
    pub fn waiting_stack(&mut self, promise: Value<'_>, limit: u32) -> Value<'s> {
        let out = self.out();
        // SAFETY: both slots are rooted.
        unsafe { sm_waiting_stack(self.cx(), promise.pointer(), limit, out.as_ptr()) };
        Value::at(out)
    }

    /// The frames of a stack, youngest first.
    pub fn stack_frames(&mut self, stack: Value<'_>, limit: u32) -> Result<Vec<Frame>, Thrown> {
        unsafe extern "C" fn take(
            sink: *mut c_void,
            cx: *mut RawContext,
            name: *const RawValue,
            file: *const RawValue,
            line: u32,
            column: u32,
            is_async: bool,
        ) -> bool {
            // SAFETY: sink and private data are what the caller and the context gave; the values are rooted.
            let (frames, inner) =
                unsafe { (&mut *sink.cast::<Vec<Frame>>(), &*sm_private(cx).cast::<Inner>()) };
            let scope = &mut Scope::new(inner);
            let text = |scope: &mut Scope<'_>, pointer: *const RawValue| {
                let value = Value::at(NonNull::new(pointer.cast_mut()).expect("a rooted value"));
                value.as_string().map_or(Ok(String::new()), |string| scope.text(string))
            };
            let (Ok(name), Ok(file)) = (text(scope, name), text(scope, file)) else { return false };
            let (call, function) = split(name);
            frames.push(Frame { function, call, file, line, column, is_async });
            true
        }
        let mut frames = Vec::<Frame>::new();
        if !stack.is_object() {
            return Ok(frames);
        }
        // SAFETY: the stack is a rooted object; the sink outlives the call.
        let ok =
            unsafe { sm_stack_frames(self.cx(), stack.pointer(), limit, take, (&raw mut frames).cast()) };
        if ok { Ok(frames) } else { Err(Thrown::new()) }
    }
}
