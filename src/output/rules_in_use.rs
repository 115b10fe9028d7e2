//! The answer of `guard list`: the rules about command lines that apply.
//!
//! Owns its words and its JSON. Never reads a rule.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes;
use super::style::{DIM, clean, plural};
use super::table::Table;
use crate::app::hooks::rules_in_use::RulesInUse;

/// What `guard list` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RulesAnswer<'a> {
    /// the shipped rules, in the order in which they count
    families: Vec<FamilyRow<'a>>,
    /// those of `presence.guard`, which count after them
    own: Vec<OwnRow<'a>>,
}

/// A family of shipped rules.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct FamilyRow<'a> {
    /// its name, as `presence.guardOff` has it
    family: &'a str,
    /// how many rules it has
    rules: usize,
    /// whether `presence.guardOff` names it
    off: bool,
}

/// A rule of `presence.guard`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OwnRow<'a> {
    /// the rule as it is written
    rule: &'a str,
    /// the file or the place that sets it
    origin: &'a str,
}

impl Present for RulesInUse {
    fn text(&self, terminal: &Terminal) -> String {
        let mut table = Table::new(&["FAMILY", "RULES", ""]);
        for family in &self.families {
            table.cell(family.name);
            table.cell(family.rules);
            table.cell(if family.is_off { "off" } else { "" });
        }
        let mut out = table.render(terminal.width);
        let _ = writeln!(out, "{} of your own", plural(self.own.len(), "rule"));
        for (rule, origin) in &self.own {
            let _ = writeln!(out, "  {}  {DIM}{}{DIM:#}", clean(rule), clean(origin));
        }
        out
    }

    fn json(&self) -> Value {
        let families = self.families.iter().map(|family| FamilyRow {
            family: family.name,
            rules: family.rules,
            off: family.is_off,
        });
        let own = self.own.iter();
        shapes::value(&RulesAnswer {
            families: families.collect(),
            own: own.map(|(rule, origin)| OwnRow { rule, origin }).collect(),
        })
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<RulesAnswer<'_>>("guard list"),
        whole::<FamilyRow<'_>>("guard list families"),
        whole::<OwnRow<'_>>("guard list own"),
    ]
}
