//! Object ids by ref name.
//!
//! Owns [`Tips`], and how a ref that has the name of a folder of refs counts. Never reads a ref.

use std::collections::BTreeMap;

/// The id of the commit that a ref names.
pub use gix::ObjectId as Tip;

use crate::ledger::refs::{RefError, RefValue};

/// The tips of refs, by ref name.
pub type Tips = BTreeMap<String, Tip>;

/// Returns the refs that name an object, without broken ones.
pub(crate) fn tips(refs: Vec<(String, RefValue)>) -> Tips {
    let tip = |(name, value): (String, RefValue)| value.id().map(|id| (name, id));
    refs.into_iter().filter_map(tip).collect()
}

/// Returns the default value for a ref that has the name of a folder of tracking refs, as then none
/// of them exists. Other errors are the caller's.
pub(crate) fn or_default_on_clash<T: Default>(read: Result<T, RefError>) -> Result<T, RefError> {
    match read {
        Err(RefError::Clash { .. }) => Ok(T::default()),
        read => read,
    }
}
