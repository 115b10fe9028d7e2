//! The use case of `guard list`: which rules about command lines apply here.
//!
//! Owns what is listed of them. Never judges a line.

use crate::app::hooks::guard;
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::{families, rules_of};

/// The rules that apply.
#[derive(Debug)]
pub struct RulesInUse {
    /// The shipped families, in the order in which they count.
    pub families: Vec<Family>,
    /// The rules of `presence.guard`, in order, each with the setting it comes from.
    pub own: Vec<(String, String)>,
}

/// A family of shipped rules.
#[derive(Debug)]
pub struct Family {
    /// Its name, as `presence.guardOff` has it.
    pub name: &'static str,
    /// How many rules it has.
    pub rules: usize,
    /// Whether `presence.guardOff` names it.
    pub is_off: bool,
}

/// Lists the rules. Fails if one of them is not valid.
pub fn execute(context: &Context) -> Result<RulesInUse, Failure> {
    guard::rules(context)?;
    let off = guard::off(context)?;
    let families = families().iter().map(|name| Family {
        name,
        rules: rules_of(name),
        is_off: off.iter().any(|off| off == name),
    });
    Ok(RulesInUse {
        families: families.collect(),
        own: guard::own_in_use(context),
    })
}
