//! Ref store in memory, for tests.
//!
//! Owns [`MemoryRefs`], the simplest implementation of [`RefStore`], which can fail at any step as
//! if the process had died there. Never part of a release.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use gix::ObjectId;

use crate::model::time::Timestamp;

use super::{RefError, RefStore, RefValue, SwapError};

/// A [`RefStore`] in memory that fails on request.
#[derive(Default)]
pub(crate) struct MemoryRefs {
    values: RefCell<BTreeMap<String, RefValue>>,
    /// The number of steps until the store dies; every later step fails.
    steps_left: Cell<Option<u32>>,
    /// The number of swaps that are lost before one is accepted.
    losses_left: Cell<u32>,
}

impl MemoryRefs {
    /// Makes every step after the next `steps` fail.
    pub(crate) fn die_in(&self, steps: u32) {
        self.steps_left.set(Some(steps));
    }

    /// Makes an empty store that loses the next `swaps` swaps.
    pub(crate) fn losing(swaps: u32) -> Self {
        let refs = Self::default();
        refs.losses_left.set(swaps);
        refs
    }

    /// Ends the effect of [`die_in`](Self::die_in).
    pub(crate) fn revive(&self) {
        self.steps_left.set(None);
    }

    /// Sets the value of a ref, whatever it was.
    pub(crate) fn put(&self, name: &str, value: RefValue) {
        self.values.borrow_mut().insert(name.to_owned(), value);
    }

    fn step(&self) -> Result<(), RefError> {
        match self.steps_left.get() {
            Some(0) => Err(RefError::Failed("the store has died".into())),
            Some(n) => {
                self.steps_left.set(Some(n - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn value(&self, name: &str) -> RefValue {
        let values = self.values.borrow();
        values.get(name).cloned().unwrap_or(RefValue::Absent)
    }
}

impl RefStore for MemoryRefs {
    fn read(&self, name: &str) -> Result<RefValue, RefError> {
        self.step()?;
        Ok(self.value(name))
    }

    fn list(&self, prefix: &str) -> Result<Vec<(String, RefValue)>, RefError> {
        self.step()?;
        let values = self.values.borrow();
        let below = values.iter().filter(|(name, _)| name.starts_with(prefix));
        Ok(below.map(|(n, v)| (n.clone(), v.clone())).collect())
    }

    fn swap(&self, name: &str, expected: Option<ObjectId>, new: ObjectId) -> Result<(), SwapError> {
        let died = |error: RefError| SwapError::Failed {
            name: name.to_owned(),
            source: std::io::Error::other(error.to_string()),
        };
        self.step().map_err(died)?;
        if self.losses_left.get() > 0 {
            self.losses_left.set(self.losses_left.get() - 1);
            return Err(SwapError::Lost(name.to_owned()));
        }
        let current = match self.value(name) {
            RefValue::Absent => None,
            RefValue::At(id) => Some(id),
            RefValue::Broken(detail) => {
                return Err(SwapError::Broken {
                    name: name.to_owned(),
                    detail,
                });
            }
        };
        if current != expected {
            return Err(SwapError::Lost(name.to_owned()));
        }
        self.put(name, RefValue::At(new));
        // The store can die after the swap as well: the caller then gets no answer.
        self.step().map_err(died)
    }

    fn reads_one_cheaply(&self) -> bool {
        true
    }

    fn is_locked(&self, _name: &str, _now: Timestamp) -> bool {
        false
    }

    fn repair(&self, name: &str, found: &RefValue, to: Option<ObjectId>) -> Result<(), SwapError> {
        if self.value(name) != *found {
            return Err(SwapError::Lost(name.to_owned()));
        }
        match to {
            Some(id) => self.put(name, RefValue::At(id)),
            None => drop(self.values.borrow_mut().remove(name)),
        }
        Ok(())
    }
}
