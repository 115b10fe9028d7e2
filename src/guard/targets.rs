//! What a command touches.
//!
//! Owns the list of resources, its bound, and why it may be short of something. Never knows the
//! command.

use crate::model::resource::Resource;

/// More resources of one command are not listed.
const RESOURCES_MAX: usize = 64;

/// Resources, and why there may be more.
#[derive(Clone, Debug, Default)]
pub(in crate::guard) struct Targets {
    pub(in crate::guard) resources: Vec<Resource>,
    pub(in crate::guard) unnamed: Vec<String>,
}

impl Targets {
    pub(in crate::guard) fn add_label(&mut self, label: &str) {
        match Resource::parse(label) {
            Ok(resource) if self.resources.contains(&resource) => {}
            Ok(_) if self.resources.len() >= RESOURCES_MAX => {
                self.incomplete("it names more than are listed");
            }
            Ok(resource) => self.resources.push(resource),
            Err(error) => {
                self.incomplete(&format!("a part of the line names no resource: {error}"))
            }
        }
    }

    pub(in crate::guard) fn incomplete(&mut self, why: &str) {
        if !self.unnamed.iter().any(|known| known == why) {
            self.unnamed.push(why.to_owned());
        }
    }
}
