//! Where refs stand, by name.
//!
//! Owns [`Tips`], and what a ref in the way of a folder of refs stands for. Never reads a ref.

use std::collections::BTreeMap;

pub use gix::ObjectId as Tip;

use crate::ledger::refs::{RefError, RefValue};

/// Refs by name.
pub type Tips = BTreeMap<String, Tip>;

pub fn tips(refs: Vec<(String, RefValue)>) -> Tips {
    let tip = |(name, value): (String, RefValue)| value.id().map(|id| (name, id));
    refs.into_iter().filter_map(tip).collect()
}

/// A ref where tracking refs need a folder stands for none of them.
pub fn unless_in_the_way<T: Default>(read: Result<T, RefError>) -> Result<T, RefError> {
    match read {
        Err(RefError::Clash { .. }) => Ok(T::default()),
        read => read,
    }
}
