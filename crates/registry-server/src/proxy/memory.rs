//! What is kept in memory of packages, up to a number of bytes: what was used longest ago goes first.

use std::collections::HashMap;

use crate::PackageName;

/// Bytes of what is kept.
const LIMIT: usize = 256 << 20;

/// Values by package.
pub(crate) struct Memory<Value> {
    by_name: HashMap<PackageName, Slot<Value>>,
    bytes: usize,
    /// Goes up with each use.
    clock: u64,
}

struct Slot<Value> {
    used: u64,
    size: usize,
    value: Value,
}

impl<Value> Default for Memory<Value> {
    fn default() -> Self {
        Memory { by_name: HashMap::new(), bytes: 0, clock: 0 }
    }
}

impl<Value: Clone> Memory<Value> {
    /// The value of a package.
    pub fn get(&mut self, name: &PackageName) -> Option<Value> {
        self.clock += 1;
        let slot = self.by_name.get_mut(name)?;
        slot.used = self.clock;
        Some(slot.value.clone())
    }

    /// Puts or replaces the value of a package; `size` in bytes.
    pub fn put(&mut self, name: &PackageName, value: Value, size: usize) {
        self.clock += 1;
        self.bytes += size;
        if let Some(old) = self.by_name.insert(name.clone(), Slot { used: self.clock, size, value }) {
            self.bytes -= old.size;
        }
        if self.bytes > LIMIT {
            self.make_room();
        }
    }

    /// All values, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&PackageName, &Value)> {
        self.by_name.iter().map(|(name, slot)| (name, &slot.value))
    }

    /// Lets a quarter go at once, so that it is seldom needed.
    fn make_room(&mut self) {
        let mut by_use: Vec<(u64, PackageName)> =
            self.by_name.iter().map(|(name, slot)| (slot.used, name.clone())).collect();
        by_use.sort_unstable_by_key(|(used, _)| *used);
        for (_, name) in by_use {
            if self.bytes <= LIMIT / 4 * 3 {
                break;
            }
            if let Some(old) = self.by_name.remove(&name) {
                self.bytes -= old.size;
            }
        }
    }
}
