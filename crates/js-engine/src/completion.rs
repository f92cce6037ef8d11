//! Calls that finish later: the event loop runs the work, then hands the result back to the callback.

use crate::context::Inner;
use crate::error::{OpError, Thrown};
use crate::persistent::Persistent;
use crate::scope::Scope;
use crate::value::*;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// Names a call in progress. JavaScript gets it as a number, to refer to or unrefer the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallId(pub u64);

/// Makes the result of a call in the context's thread.
pub type Delivery = Box<dyn for<'a, 's> FnOnce(&'a mut Scope<'s>) -> Result<Value<'s>, OpError> + Send>;
/// The same for work that never left the thread.
pub type LocalDelivery = Box<dyn for<'a, 's> FnOnce(&'a mut Scope<'s>) -> Result<Value<'s>, OpError>>;

/// What runs asynchronous work. It must call [`Scope::complete`] once for every call it was given.
pub trait EventLoop {
    /// On another thread, of a bounded pool.
    fn run_blocking(&self, call: CallId, work: Box<dyn FnOnce() -> Delivery + Send>);
    /// On the loop itself.
    fn run_local(&self, call: CallId, future: Pin<Box<dyn Future<Output = LocalDelivery>>>);
}

/// Calls in progress, with the asynchronous context they were made in.
#[derive(Default)]
pub(crate) struct Calls {
    next: u64,
    waiting: HashMap<u64, Waiting>,
    /// How many of them keep the process alive.
    referenced: usize,
}

struct Waiting {
    callback: Persistent,
    context: Persistent,
    referenced: bool,
}

impl<'s> Scope<'s> {
    pub(crate) fn begin_call(&mut self, callback: Function<'_>) -> CallId {
        let callback = Persistent::new(self.inner, callback.pointer());
        let context = Persistent::new(self.inner, self.inner.async_context.as_ptr());
        let mut calls = self.inner.calls.borrow_mut();
        calls.next += 1;
        let id = calls.next;
        calls.waiting.insert(id, Waiting { callback, context, referenced: true });
        calls.referenced += 1;
        CallId(id)
    }

    pub(crate) fn event_loop(&mut self) -> Result<Rc<dyn EventLoop>, OpError> {
        let event_loop = self.inner.event_loop.borrow().clone();
        event_loop.ok_or_else(|| OpError::error("this context has no event loop"))
    }

    /// Calls the callback of a finished call: `callback(null, value)` or `callback(error)`, in the asynchronous context
    /// in which the call was made. An exception that the callback throws is left pending, and the context with it: it
    /// is told of there.
    pub fn complete(&mut self, call: CallId, delivery: LocalDelivery) -> Result<(), Thrown> {
        let Some(waiting) = self.inner.calls.borrow_mut().remove(call.0) else { return Ok(()) };
        self.nest(|scope| {
            let outer = scope.async_context();
            let context = waiting.context.get(scope);
            let callback = waiting.callback.function(scope);
            scope.set_async_context(context);
            let result = match delivery(scope) {
                Ok(value) => {
                    let null = scope.null();
                    callback.call_plain(scope, &[null, value])
                }
                Err(error) => match error.into_value(scope) {
                    Some(error) => callback.call_plain(scope, &[error]),
                    None => Err(Thrown::new()),
                },
            };
            if result.is_ok() {
                scope.set_async_context(outer);
            }
            result.map(|_| ())
        })
    }

    /// Whether the call keeps the process alive.
    pub fn set_call_referenced(&mut self, call: CallId, referenced: bool) {
        self.inner.calls.borrow_mut().set_referenced(call.0, referenced);
    }

    /// How many calls keep the process alive.
    pub fn referenced_calls(&self) -> usize {
        self.inner.calls.borrow().referenced
    }

    /// How many calls are in progress.
    pub fn calls_in_progress(&self) -> usize {
        self.inner.calls.borrow().waiting.len()
    }

    /// The current asynchronous context: an object, or undefined.
    pub fn async_context(&mut self) -> Value<'s> {
        // SAFETY: the slot is initialized and traced.
        let raw = unsafe { *self.inner.async_context.as_ptr() };
        self.push(raw)
    }

    pub fn set_async_context(&mut self, context: Value<'_>) {
        // SAFETY: the slot is traced in every collection.
        unsafe { self.inner.async_context.as_ptr().write(context.raw()) };
    }
}

impl Calls {
    fn remove(&mut self, id: u64) -> Option<Waiting> {
        let waiting = self.waiting.remove(&id)?;
        self.referenced -= usize::from(waiting.referenced);
        Some(waiting)
    }

    fn set_referenced(&mut self, id: u64, referenced: bool) {
        if let Some(waiting) = self.waiting.get_mut(&id) {
            self.referenced += usize::from(referenced);
            self.referenced -= usize::from(waiting.referenced);
            waiting.referenced = referenced;
        }
    }
}

impl Inner {
    pub(crate) fn forget_calls(&self) {
        let calls = std::mem::take(&mut *self.calls.borrow_mut());
        drop(calls);
    }
}
