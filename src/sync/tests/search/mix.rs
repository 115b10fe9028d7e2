//! A hash for small numbers.
//!
//! Owns how states and questions are spread over a table. Tests are built without optimization,
//! where the hash of the standard library would take half of the time of a search. Never decides
//! whether two are the same.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map from keys that the search makes itself: no attacker chooses keys that collide.
pub type Table<K, V> = HashMap<K, V, BuildHasherDefault<Mix>>;

#[derive(Default)]
pub struct Mix(u64);

impl Mix {
    fn add(&mut self, number: u64) {
        let spread = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = spread ^ (spread >> 32);
    }
}

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.add(u64::from(*byte));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.add(u64::from(number));
    }

    fn write_u16(&mut self, number: u16) {
        self.add(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.add(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.add(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.add(u64::try_from(number).unwrap());
    }
}
