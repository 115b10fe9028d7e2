//! Targets of a command.
//!
//! [`Targets`] owns the list of resources that a command changes, its bound, and the reasons why it
//! may be incomplete. Never knows the command.

use crate::model::resource::{Resource, ResourceKind};

/// At most this many resources are listed for one command.
const RESOURCES_MAX: usize = 64;

/// Resources that a command changes.
#[derive(Clone, Debug, Default)]
pub(in crate::guard) struct Targets {
    pub(in crate::guard) resources: Vec<Resource>,
    /// Reasons why `resources` may be incomplete.
    pub(in crate::guard) unnamed: Vec<String>,
    /// Absolute paths by which resources are named, or would be in another repository.
    pub(in crate::guard) places: Vec<String>,
    /// Types of what it changes, also of what the line does not name.
    pub(in crate::guard) kinds: Vec<String>,
    /// Whether only what runs on this machine can tell that they change.
    pub(in crate::guard) is_local: bool,
}

impl Targets {
    /// Adds the resource with this label. A label that names no resource becomes a reason in
    /// `unnamed`.
    pub(in crate::guard) fn add_label(&mut self, label: &str) {
        match Resource::parse(label) {
            Ok(resource) if is_pattern(&resource) => {
                self.incomplete(&format!("{} is a pattern", resource.name()));
            }
            Ok(resource) if self.resources.contains(&resource) => {}
            Ok(_) if self.resources.len() >= RESOURCES_MAX => {
                self.incomplete("it names more resources than are listed");
            }
            Ok(resource) => self.resources.push(resource),
            Err(error) => {
                self.incomplete(&format!("a part of the line is not a resource: {error}"));
            }
        }
    }

    /// Adds what another list has.
    pub(in crate::guard) fn add_all(&mut self, other: &Self) {
        for resource in &other.resources {
            if !self.resources.contains(resource) && self.resources.len() < RESOURCES_MAX {
                self.resources.push(resource.clone());
            }
        }
        other.unnamed.iter().for_each(|why| self.incomplete(why));
    }

    /// Records once where something is that names a resource.
    pub(in crate::guard) fn at(&mut self, place: Option<String>) {
        if let Some(place) = place.filter(|place| !self.places.contains(place))
            && self.places.len() < RESOURCES_MAX
        {
            self.places.push(place);
        }
    }

    /// Records once a type of what is changed.
    pub(in crate::guard) fn add_kind(&mut self, kind: &str) {
        if !self.kinds.iter().any(|known| known == kind) {
            self.kinds.push(kind.to_owned());
        }
    }

    /// Records once why the list may be incomplete.
    pub(in crate::guard) fn incomplete(&mut self, why: &str) {
        if !self.unnamed.iter().any(|known| known == why) {
            self.unnamed.push(why.to_owned());
        }
    }
}

/// Checks whether a name is a pattern of a tool, which stands for several.
fn is_pattern(resource: &Resource) -> bool {
    resource.kind() == ResourceKind::Named("service") && resource.name().contains(['*', '?'])
}
