//! Values that outlive scopes.

use crate::context::Inner;
use crate::scope::Scope;
use crate::sys::{RawValue, Tracer, sm_heap_set, sm_trace_heap};
use crate::value::{Function, Object, Value};
use mozjs_sys::jsval::UndefinedValue;
use std::cell::{Cell, RefCell, UnsafeCell};
use std::ffi::c_void;
use std::rc::Rc;

const CHUNK: usize = 256;

/// Heap slots in chunks that never move; freed slots are used again.
pub(crate) struct Slab {
    /// Boxed: the collector keeps the addresses of slots, so growing the list must not move them.
    #[allow(clippy::vec_box)]
    chunks: RefCell<Vec<Box<[UnsafeCell<RawValue>; CHUNK]>>>,
    free: RefCell<Vec<u32>>,
    used: Cell<u32>,
    /// Cleared when the context is destroyed: after that no barrier may run.
    alive: Cell<bool>,
}

impl Slab {
    pub(crate) fn new() -> Rc<Slab> {
        Rc::new(Slab {
            chunks: RefCell::default(),
            free: RefCell::default(),
            used: Cell::new(0),
            alive: Cell::new(true),
        })
    }

    pub(crate) fn retire(&self) {
        self.alive.set(false);
    }

    fn slot(&self, index: u32) -> *mut RawValue {
        self.chunks.borrow()[index as usize / CHUNK][index as usize % CHUNK].get()
    }

    fn take(&self, value: *const RawValue) -> u32 {
        let index = self.free.borrow_mut().pop().unwrap_or_else(|| {
            let index = self.used.get();
            if (index as usize).is_multiple_of(CHUNK) {
                self.chunks
                    .borrow_mut()
                    .push(Box::new(std::array::from_fn(|_| UnsafeCell::new(UndefinedValue()))));
            }
            self.used.set(index + 1);
            index
        });
        // SAFETY: the slot is initialized and never moves; the barrier needs just that.
        unsafe { sm_heap_set(self.slot(index), value) };
        index
    }

    fn give_back(&self, index: u32) {
        if !self.alive.get() {
            return;
        }
        // SAFETY: as in `take`; the context lives.
        unsafe { sm_heap_set(self.slot(index), &UndefinedValue()) };
        self.free.borrow_mut().push(index);
    }

    pub(crate) unsafe extern "C" fn trace(trc: *mut Tracer, data: *mut c_void) {
        // SAFETY: `data` is the Slab that the context registered and keeps.
        let slab = unsafe { &*data.cast::<Slab>() };
        for index in 0..slab.used.get() {
            // SAFETY: slots below `used` are initialized.
            unsafe { sm_trace_heap(trc, slab.slot(index)) };
        }
    }
}

/// A value that stays alive until this is dropped, wherever it is kept on its thread.
pub struct Persistent {
    slab: Rc<Slab>,
    index: u32,
}

impl Persistent {
    pub(crate) fn new(inner: &Inner, value: *const RawValue) -> Persistent {
        let slab = inner.slab.clone();
        let index = slab.take(value);
        Persistent { slab, index }
    }

    /// The value in a scope.
    pub fn get<'s>(&self, scope: &mut Scope<'s>) -> Value<'s> {
        // SAFETY: the slot is initialized; reading it gives a value that is rooted at once.
        scope.push(unsafe { *self.slab.slot(self.index) })
    }

    /// The object in a scope. Panics when something else was kept.
    pub fn object<'s>(&self, scope: &mut Scope<'s>) -> Object<'s> {
        self.get(scope).as_object().expect("an object was kept")
    }

    /// The function in a scope. Panics when something else was kept.
    pub fn function<'s>(&self, scope: &mut Scope<'s>) -> Function<'s> {
        self.get(scope).as_function().expect("a function was kept")
    }
}

impl Drop for Persistent {
    fn drop(&mut self) {
        self.slab.give_back(self.index);
    }
}
