//! The mark by which a command knows the attempt that it is for: [`AttemptMark`].
//!
//! Owns the name of the variable, and its form: `<clone>/<list>/<task>/<number>`. Any process can
//! set it, so it only takes away from what a session may do. Never grants anything.

use std::fmt;

use super::{TASK, TaskId};
use crate::model::id::NodeId;
use crate::model::resource::Resource;

/// The variable that has the mark.
pub const ATTEMPT: &str = "GIT_PRESENCE_ATTEMPT";
/// Between the id of a clone and what tells its copies apart.
const COPY: char = '@';

/// What a command of a supervisor is marked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptMark {
    /// The id of the clone, and a digest of its place: a copy has the same id.
    pub clone: String,
    /// The name of the list.
    pub list: String,
    /// The task.
    pub id: TaskId,
    /// Which attempt.
    pub number: u32,
}

impl AttemptMark {
    /// Returns the name of a clone in marks.
    pub fn clone_at(node: &NodeId, digest: &str) -> String {
        format!("{node}{COPY}{digest}")
    }

    /// Takes a mark; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (clone, rest) = text.split_once('/')?;
        let (list, rest) = rest.split_once('/')?;
        let (id, number) = rest.split_once('/')?;
        Some(Self {
            clone: clone.to_owned(),
            list: list.to_owned(),
            id: TaskId::parse(id)?,
            number: number.parse().ok()?,
        })
    }

    /// Returns the resource of the task, if it is an attempt of the clone `node`.
    pub fn task_here(&self, node: &NodeId) -> Option<Resource> {
        let named = self.clone.split(COPY).next()?;
        let label = format!("{TASK}:{}/{}", self.list, self.id);
        let task = || Resource::from_record(&label).ok();
        (named == node.to_string()).then(task)?
    }

    /// Returns what the marks of all attempts at tasks of a list begin with.
    pub fn prefix(clone: &str, list: &str) -> String {
        format!("{clone}/{list}/")
    }
}

/// The mark as it stands in the variable.
impl fmt::Display for AttemptMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            clone,
            list,
            id,
            number,
        } = self;
        write!(f, "{clone}/{list}/{id}/{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_and_anything_else_is_none() {
        let node = NodeId::from_bytes([7; 16]);
        let mark = AttemptMark {
            clone: AttemptMark::clone_at(&node, "0123abcd"),
            list: "main".to_owned(),
            id: TaskId::parse("abcd2345").unwrap(),
            number: 3,
        };
        assert_eq!(AttemptMark::parse(&mark.to_string()), Some(mark.clone()));
        let task = Resource::parse("task:main/abcd2345").unwrap();
        assert_eq!(mark.task_here(&node), Some(task));
        assert_eq!(mark.task_here(&NodeId::from_bytes([8; 16])), None);
        for text in [
            "",
            "a",
            "a/main/abcd2345",
            "a/main/no/1",
            "a/main/abcd2345/x",
            "a/b/abcd2345/1/2",
        ] {
            assert_eq!(AttemptMark::parse(text), None, "{text}");
        }
    }
}
