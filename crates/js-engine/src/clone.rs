//! Structured clone.

use crate::context::Inner;
use crate::error::{OpError, Thrown};
use crate::scope::Scope;
use crate::sys::*;
use crate::value::*;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::NonNull;

/// What writes and reads the objects that the algorithm does not know, and words its errors.
pub trait CloneHost {
    /// A number by which [`CloneHost::read`] finds the object again, or an error.
    fn write(&mut self, scope: &mut Scope<'_>, object: Object<'_>) -> Result<u32, OpError>;
    fn read<'s>(&mut self, scope: &mut Scope<'s>, id: u32) -> Result<Object<'s>, OpError>;
    /// Called with the engine's text when a value cannot be cloned; what it returns is thrown.
    fn failed(&mut self, scope: &mut Scope<'_>, message: &str) -> OpError;
}

/// A value on its way, between threads of this process.
pub struct SerializedValue(NonNull<RawClone>);

// SAFETY: the data belongs to no context; shared buffers inside are counted atomically.
unsafe impl Send for SerializedValue {}

impl Drop for SerializedValue {
    fn drop(&mut self) {
        // SAFETY: made by the shim, freed once.
        unsafe { sm_clone_free(self.0.as_ptr()) };
    }
}

type HostRef<'h> = &'h mut dyn CloneHost;

/// # Safety
/// `closure` is a `*mut HostRef` that outlives the call; `cx` a context of this crate.
unsafe fn parts<'a>(cx: *mut RawContext, closure: *mut c_void) -> (Scope<'a>, &'a mut HostRef<'a>) {
    // SAFETY: by the caller.
    unsafe { (Scope::new(&*sm_private(cx).cast::<Inner>()), &mut *closure.cast::<HostRef<'a>>()) }
}

unsafe extern "C" fn write(
    cx: *mut RawContext,
    closure: *mut c_void,
    object: *const RawValue,
    id: *mut u32,
) -> bool {
    // SAFETY: called by the shim with what `raw_host` gave it.
    let (mut scope, host) = unsafe { parts(cx, closure) };
    let object = Object(Value::at(NonNull::new(object.cast_mut()).expect("a rooted object")));
    match host.write(&mut scope, object) {
        Ok(number) => {
            // SAFETY: the shim's variable.
            unsafe { id.write(number) };
            true
        }
        Err(error) => {
            let _ = error.throw(&mut scope);
            false
        }
    }
}

unsafe extern "C" fn read(cx: *mut RawContext, closure: *mut c_void, id: u32, out: *mut RawValue) -> bool {
    // SAFETY: as in `write`.
    let (mut scope, host) = unsafe { parts(cx, closure) };
    match host.read(&mut scope, id) {
        Ok(object) => {
            // SAFETY: the shim's rooted slot.
            unsafe { out.write(object.raw()) };
            true
        }
        Err(error) => {
            let _ = error.throw(&mut scope);
            false
        }
    }
}

unsafe extern "C" fn failed(cx: *mut RawContext, closure: *mut c_void, message: *const c_char) {
    // SAFETY: as in `write`; the message is a C string or null.
    let (mut scope, host) = unsafe { parts(cx, closure) };
    let text = if message.is_null() {
        String::new()
    } else {
        // SAFETY: checked above.
        unsafe { CStr::from_ptr(message) }.to_string_lossy().into_owned()
    };
    let error = host.failed(&mut scope, &text);
    let _ = error.throw(&mut scope);
}

fn raw_host(host: &mut HostRef<'_>) -> RawCloneHost {
    RawCloneHost { write, read, failed, closure: (host as *mut HostRef<'_>).cast() }
}

impl<'s> Scope<'s> {
    /// Serializes a value. `transfer`: an array of buffers to move rather than copy, or undefined.
    pub fn serialize(
        &mut self,
        value: Value<'_>,
        transfer: Value<'_>,
        mut host: &mut dyn CloneHost,
    ) -> Result<SerializedValue, Thrown> {
        let mut raw = raw_host(&mut host);
        // SAFETY: slots are rooted; the host outlives the call.
        let clone = unsafe { sm_clone_write(self.cx(), value.pointer(), transfer.pointer(), &mut raw) };
        NonNull::new(clone).map(SerializedValue).ok_or_else(Thrown::new)
    }

    /// The value again, in this context. Transferred buffers can be taken once only.
    pub fn deserialize(
        &mut self,
        value: &SerializedValue,
        mut host: &mut dyn CloneHost,
    ) -> Result<Value<'s>, Thrown> {
        let mut raw = raw_host(&mut host);
        // SAFETY: as in `serialize`.
        self.produce(|cx, out| unsafe { sm_clone_read(cx, value.0.as_ptr(), &mut raw, out) })
    }
}
