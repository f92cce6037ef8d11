//! Ops: Rust functions that JavaScript calls, through one trampoline.

use crate::completion::{Delivery, LocalDelivery};
use crate::context::Inner;
use crate::convert::{FromJs, ToJs};
use crate::error::{OpError, Thrown};
use crate::object::Attributes;
use crate::scope::Scope;
use crate::sys::*;
use crate::value::*;
use mozjs_sys::jsval::UndefinedValue;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

/// A function for JavaScript. Made by `#[op]`.
pub struct Op {
    pub(crate) name: &'static str,
    pub(crate) arity: u32,
    pub(crate) native: Native,
}

/// What `#[op]` makes of a function: reads its arguments from the call, runs it, returns its result.
pub trait OpBody {
    const NAME: &'static str;

    fn run(call: &mut Call<'_>) -> Result<(), OpError>;
}

impl Op {
    /// `name`: as JavaScript knows it.
    pub const fn of<B: OpBody>(name: &'static str, arity: u32) -> Op {
        Op { name, arity, native: trampoline::<B> }
    }
}

/// One call from JavaScript.
pub struct Call<'s> {
    scope: Scope<'s>,
    vp: NonNull<RawValue>,
    count: u32,
    /// Copies of shared memory lent as bytes.
    copies: Vec<Box<[u8]>>,
}

impl<'s> Call<'s> {
    pub fn scope(&mut self) -> &mut Scope<'s> {
        &mut self.scope
    }

    /// How many arguments were given.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The argument as a value, undefined past the end.
    pub fn value(&mut self, index: u32) -> Value<'s> {
        if index >= self.count {
            return self.scope.undefined();
        }
        // SAFETY: JSAPI lays out callee, this, arguments; all of them are rooted for the whole call.
        Value::at(unsafe { self.vp.add(2 + index as usize) })
    }

    pub fn this(&mut self) -> Value<'s> {
        // SAFETY: as in `value`.
        Value::at(unsafe { self.vp.add(1) })
    }

    pub fn argument<T: FromJs<'s>>(&mut self, index: u32) -> Result<T, OpError> {
        let value = self.value(index);
        T::from_js(&mut self.scope, value)
    }

    /// The bytes of an argument, in place. While they are borrowed nothing can run that would move or free them.
    pub fn bytes(&self, index: u32) -> Result<&[u8], OpError> {
        let (data, length) = self.locate(index)?;
        // SAFETY: the memory stays while no scope is used, and `&self` keeps the call from lending one.
        Ok(unsafe { std::slice::from_raw_parts(data, length) })
    }

    /// The bytes of an argument, to be written in place.
    pub fn bytes_mut(&mut self, index: u32) -> Result<&mut [u8], OpError> {
        let (data, length) = self.locate(index)?;
        // SAFETY: as in `bytes`; `&mut self` keeps any other view of the same memory from being lent.
        Ok(unsafe { std::slice::from_raw_parts_mut(data, length) })
    }

    fn locate(&self, index: u32) -> Result<(*mut u8, usize), OpError> {
        let (mut data, mut length, mut shared) = (std::ptr::null_mut(), 0, false);
        if index >= self.count {
            return Err(OpError::type_error("an internal function was called without bytes"));
        }
        // SAFETY: the argument is rooted.
        let found = unsafe {
            sm_bytes(self.vp.add(2 + index as usize).as_ptr(), &mut data, &mut length, &mut shared)
        };
        if !found {
            return Err(OpError::type_error(
                "an internal function was called with something other than bytes",
            ));
        }
        if length == 0 || data.is_null() {
            return Ok((NonNull::dangling().as_ptr(), 0));
        }
        Ok((data, length))
    }

    /// Copies arguments that lie in shared memory, so that they can be lent. Called by `#[op]` before [`Call::bytes`].
    pub fn unshare(&mut self, index: u32) -> Result<(), OpError> {
        let (mut data, mut length, mut shared) = (std::ptr::null_mut(), 0, false);
        if index >= self.count {
            return Ok(());
        }
        // SAFETY: the argument is rooted.
        let slot = unsafe { self.vp.add(2 + index as usize) };
        // SAFETY: as above.
        if !unsafe { sm_bytes(slot.as_ptr(), &mut data, &mut length, &mut shared) } || !shared {
            return Ok(());
        }
        let copy = self.scope.copy_bytes(Value::at(slot)).unwrap_or_default();
        let view = self.scope.uint8_array(copy)?;
        // SAFETY: the argument's slot is writable for the callee.
        unsafe { slot.as_ptr().write(view.raw()) };
        self.copies.clear();
        Ok(())
    }

    pub fn set_result(&mut self, value: impl ToJs) -> Result<(), OpError> {
        let value = value.to_js(&mut self.scope)?;
        // SAFETY: the result goes where the callee was.
        unsafe { self.vp.as_ptr().write(value.raw()) };
        Ok(())
    }

    /// The trailing callback, if the last argument is a function.
    fn callback(&mut self) -> Option<Function<'s>> {
        let last = self.count.checked_sub(1)?;
        self.value(last).as_function()
    }

    /// Runs `work` now, or on the blocking pool when there is a trailing callback.
    pub fn blocking<T: ToJs + Send + 'static>(
        &mut self,
        work: impl FnOnce() -> Result<T, OpError> + Send + 'static,
    ) -> Result<(), OpError> {
        let Some(callback) = self.callback() else {
            let value = work()?;
            return self.set_result(value);
        };
        let call = self.scope.begin_call(callback);
        let work = Box::new(move || -> Delivery {
            let result = work();
            Box::new(move |scope| result?.to_js(scope))
        });
        self.scope.event_loop()?.run_blocking(call, work);
        self.set_result(call.0 as f64)
    }

    /// Runs a future on the event loop; its result goes to the trailing callback.
    pub fn asynchronous<T: ToJs + 'static>(
        &mut self,
        future: impl Future<Output = Result<T, OpError>> + 'static,
    ) -> Result<(), OpError> {
        let callback =
            self.callback().ok_or_else(|| OpError::type_error("an asynchronous op needs a callback"))?;
        let call = self.scope.begin_call(callback);
        let future = Box::pin(async move {
            let result = future.await;
            let delivery: LocalDelivery = Box::new(move |scope| result?.to_js(scope));
            delivery
        });
        self.scope.event_loop()?.run_local(call, future);
        self.set_result(call.0 as f64)
    }
}

unsafe extern "C" fn trampoline<B: OpBody>(cx: *mut RawContext, count: u32, vp: *mut RawValue) -> bool {
    // SAFETY: the context's private data is its Inner, which outlives every call.
    let inner = unsafe { &*sm_private(cx).cast::<Inner>() };
    let vp = NonNull::new(vp).expect("the engine gives a place for the result");
    let mut call = Call { scope: Scope::new(inner), vp, count, copies: Vec::new() };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let result = B::run(&mut call);
        result.map_err(|error| error.throw(&mut call.scope))
    }));
    match outcome {
        Ok(Ok(())) => true,
        Ok(Err(Thrown { .. })) => false,
        Err(panic) => {
            let text = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            // SAFETY: a value must stand there even though an exception follows.
            unsafe { vp.as_ptr().write(UndefinedValue()) };
            let _ = OpError::error(format!("internal error in {}: {text}", B::NAME)).throw(&mut call.scope);
            false
        }
    }
}

/// The object through which one builtin reaches its ops.
pub struct Binding<'b, 's> {
    scope: &'b mut Scope<'s>,
    object: Object<'s>,
    failed: Option<Thrown>,
}

impl<'b, 's> Binding<'b, 's> {
    pub fn new(scope: &'b mut Scope<'s>) -> Result<Binding<'b, 's>, Thrown> {
        let object = scope.object()?;
        Ok(Binding { scope, object, failed: None })
    }

    pub fn scope(&mut self) -> &mut Scope<'s> {
        self.scope
    }

    pub fn object(&self) -> Object<'s> {
        self.object
    }

    /// Defines an op by its name in JavaScript. `#[op]` makes a function of the Rust name that gives it.
    pub fn op(&mut self, op: fn() -> Op) -> &mut Self {
        let op = op();
        let object = self.object;
        let defined = self.scope.nest(|scope| {
            let function = scope.function(&op)?;
            object.define(scope, op.name, function.value(), Attributes::PLAIN)
        });
        self.failed = self.failed.take().or(defined.err());
        self
    }

    pub fn constant(&mut self, name: &str, value: impl ToJs) -> &mut Self {
        let object = self.object;
        let defined = self.scope.nest(|scope| {
            let value = value.to_js(scope).map_err(|error| error.throw(scope))?;
            object.define(scope, name, value, Attributes::PLAIN)
        });
        self.failed = self.failed.take().or(defined.err());
        self
    }

    pub fn finish(self) -> Result<Object<'s>, Thrown> {
        match self.failed {
            Some(thrown) => Err(thrown),
            None => Ok(self.object),
        }
    }
}
