//! The handle stack: the slots behind every [`Value`](crate::Value).

use crate::sys::{RawValue, Tracer, sm_trace_slots};
use mozjs_sys::jsval::UndefinedValue;
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::NonNull;

/// Slots in one stack. Only pages that were touched take memory.
const CAPACITY: usize = 1 << 20;

/// A stack of rooted values whose slots never move.
pub(crate) struct HandleStack {
    slots: NonNull<RawValue>,
    top: Cell<usize>,
}

impl HandleStack {
    pub(crate) fn new() -> HandleStack {
        let mut slots = Vec::<RawValue>::with_capacity(CAPACITY);
        let pointer = NonNull::new(slots.as_mut_ptr()).expect("a vector's pointer");
        std::mem::forget(slots);
        HandleStack { slots: pointer, top: Cell::new(0) }
    }

    pub(crate) fn top(&self) -> usize {
        self.top.get()
    }

    pub(crate) fn truncate(&self, top: usize) {
        debug_assert!(top <= self.top.get());
        self.top.set(top);
    }

    /// A new slot that holds `value`. Panics when a million values are alive at once.
    pub(crate) fn push(&self, value: RawValue) -> NonNull<RawValue> {
        let top = self.top.get();
        assert!(top < CAPACITY, "too many values in one scope");
        // SAFETY: `top` is below the capacity that was allocated; the slot is written before tracing can see it.
        let slot = unsafe {
            let slot = self.slots.add(top);
            slot.write(value);
            slot
        };
        self.top.set(top + 1);
        slot
    }

    /// `count` slots in a row, undefined.
    pub(crate) fn reserve(&self, count: usize) -> NonNull<RawValue> {
        let first = self.top.get();
        for _ in 0..count {
            self.push(UndefinedValue());
        }
        // SAFETY: `first + count` slots exist: `push` would have panicked.
        unsafe { self.slots.add(first) }
    }

    /// For the collector: traces and updates every live slot.
    pub(crate) unsafe extern "C" fn trace(trc: *mut Tracer, data: *mut c_void) {
        // SAFETY: `data` is the HandleStack that was registered, which lives as long as its context.
        let stack = unsafe { &*data.cast::<HandleStack>() };
        // SAFETY: the first `top` slots are initialized.
        unsafe { sm_trace_slots(trc, stack.slots.as_ptr(), stack.top.get()) };
    }
}

impl Drop for HandleStack {
    fn drop(&mut self) {
        // SAFETY: pointer and capacity come from the vector that `new` forgot; length 0 drops no element.
        drop(unsafe { Vec::from_raw_parts(self.slots.as_ptr(), 0, CAPACITY) });
    }
}
