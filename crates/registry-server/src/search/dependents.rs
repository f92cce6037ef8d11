//! Which packages depend on which.

use std::collections::HashMap;

/// For each name that is depended on, the numbers of the entries that do.
#[derive(Debug, Default)]
pub(super) struct Dependents {
    /// Numbers of names, so that a name is held once.
    numbers: HashMap<Box<str>, u32>,
    lists: Vec<Vec<u32>>,
}

impl Dependents {
    /// Notes that an entry depends on these; answers with what to give to [`Dependents::remove`].
    pub fn add(&mut self, entry: u32, names: &[String]) -> Box<[u32]> {
        let mut added = Vec::with_capacity(names.len());
        for name in names {
            let next = u32::try_from(self.lists.len()).unwrap_or(u32::MAX);
            let number = match self.numbers.get(name.as_str()) {
                Some(number) => *number,
                None => {
                    self.numbers.insert(name.as_str().into(), next);
                    self.lists.push(Vec::new());
                    next
                }
            };
            if let Some(list) = self.lists.get_mut(number as usize) {
                list.push(entry);
                added.push(number);
            }
        }
        added.into_boxed_slice()
    }

    /// Forgets an entry.
    pub fn remove(&mut self, entry: u32, added: &[u32]) {
        for number in added {
            if let Some(list) = self.lists.get_mut(*number as usize) {
                list.retain(|other| *other != entry);
            }
        }
    }

    /// The entries that depend on a name.
    pub fn of(&self, name: &str) -> &[u32] {
        let list = self.numbers.get(name).and_then(|number| self.lists.get(*number as usize));
        list.map_or(&[], Vec::as_slice)
    }

    /// Gives entries other numbers.
    pub fn renumber(&mut self, renumbered: impl Fn(usize) -> Option<u32>) {
        for list in &mut self.lists {
            *list = list.iter().filter_map(|entry| renumbered(*entry as usize)).collect();
        }
    }
}
