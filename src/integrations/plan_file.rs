//! A plan in a file, as people and agents write it: a workflow and its tasks, in TOML or JSON.
//!
//! Owns the shape ([`Plan`]), and what is wrong with a plan by itself ([`Plan::check`]). What is
//! not part of the shape is refused, since it would be lost. Never judges a text, never knows a
//! list.

use std::fmt;

use serde::Deserialize;

use crate::model::text::{WORDS_BYTES_MAX, harmless, list, name};

/// The most keys that an error names.
const NAMED_MAX: usize = 8;

/// A plan.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The name of the workflow.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its tasks.
    #[serde(default, alias = "tasks")]
    pub task: Vec<PlanTask>,
}

/// A task of a plan.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanTask {
    /// The name by which other tasks of the plan need it, and under which it is added once.
    pub key: String,
    /// What is to be done, in one line.
    pub title: String,
    /// What else there is to say.
    pub text: Option<String>,
    /// The keys of tasks of this plan, or ids of tasks of the list.
    #[serde(default)]
    pub needs: Vec<String>,
    /// What comes first.
    pub priority: Option<u8>,
    /// What is claimed together with it.
    #[serde(default)]
    pub claims: Vec<String>,
    /// The names of its checks.
    #[serde(default)]
    pub checks: Vec<String>,
    /// For whom it is.
    pub to: Option<String>,
}

/// What is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// It has no task.
    Empty,
    /// It has more tasks than a list may have.
    TooMany {
        /// How many it has.
        count: usize,
        /// How many there may be.
        tasks_max: usize,
    },
    /// Two of its tasks have this key.
    Twice(String),
    /// A task needs what is no key of the plan, and no id of a task either.
    NoSuchNeed {
        /// The key of the task.
        key: String,
        /// What it needs.
        need: String,
    },
    /// These tasks need each other.
    Circle(Vec<String>),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it has no task"),
            Self::TooMany { count, tasks_max } => {
                write!(f, "it has {count} tasks; a list has at most {tasks_max}")
            }
            Self::Twice(key) => write!(f, "two of its tasks have the key {}", name(key)),
            Self::NoSuchNeed { key, need } => write!(
                f,
                "the task {} needs {}, which is neither a key of this plan nor the id of a task",
                name(key),
                name(need)
            ),
            Self::Circle(keys) => {
                let named = list(keys.iter().take(NAMED_MAX).map(|key| name(key)));
                write!(f, "the tasks {named} need each other")
            }
        }
    }
}

impl Plan {
    /// Reads a plan: JSON if it begins with a brace, else TOML. The error says why it is none.
    pub fn read(text: &str) -> Result<Self, String> {
        let is_json = text.trim_start().starts_with('{');
        let read = match is_json {
            true => serde_json::from_str(text).map_err(|error| error.to_string()),
            false => {
                toml::from_str(text).map_err(|error: toml::de::Error| error.message().to_owned())
            }
        };
        read.map_err(|why| harmless(&why, WORDS_BYTES_MAX))
    }

    /// Returns which task has this key.
    pub fn place(&self, key: &str) -> Option<usize> {
        self.task.iter().position(|task| task.key == key)
    }

    /// Checks what can be said without a list. `is_id` says whether a need may be a task of the
    /// list.
    ///
    /// # Errors
    ///
    /// The first [`PlanError`] that applies, in their order.
    pub fn check(&self, tasks_max: usize, is_id: &dyn Fn(&str) -> bool) -> Result<(), PlanError> {
        let count = self.task.len();
        if count == 0 {
            return Err(PlanError::Empty);
        }
        if count > tasks_max {
            return Err(PlanError::TooMany { count, tasks_max });
        }
        for (at, task) in self.task.iter().enumerate() {
            if self.place(&task.key) != Some(at) {
                return Err(PlanError::Twice(task.key.clone()));
            }
        }
        for task in &self.task {
            let is_none = |need: &&String| self.place(need).is_none() && !is_id(need);
            if let Some(need) = task.needs.iter().find(is_none) {
                return Err(PlanError::NoSuchNeed {
                    key: task.key.clone(),
                    need: need.clone(),
                });
            }
        }
        match self.circle() {
            Some(keys) => Err(PlanError::Circle(keys)),
            None => Ok(()),
        }
    }

    /// Returns the keys of tasks that need each other, or what does.
    fn circle(&self) -> Option<Vec<String>> {
        let mut left: Vec<&PlanTask> = self.task.iter().collect();
        // Each pass takes away what needs nothing that is left.
        loop {
            let is_left = |key: &String| left.iter().any(|task| task.key == *key);
            let bound = left.iter().filter(|task| task.needs.iter().any(is_left));
            let bound: Vec<&PlanTask> = bound.copied().collect();
            match bound.len() {
                0 => return None,
                same if same == left.len() => {
                    return Some(bound.iter().map(|task| task.key.clone()).collect());
                }
                _ => left = bound,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tasks: &[(&str, &[&str])]) -> Result<(), String> {
        let task = |(key, needs): &(&str, &[&str])| PlanTask {
            key: (*key).to_owned(),
            title: "t".to_owned(),
            text: None,
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            priority: None,
            claims: Vec::new(),
            checks: Vec::new(),
            to: None,
        };
        let plan = Plan {
            name: "p".to_owned(),
            description: None,
            task: tasks.iter().map(task).collect(),
        };
        plan.check(3, &|need| need == "abcd2345")
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_wrong_with_a_plan_is_named_by_its_keys() {
        assert_eq!(check(&[("a", &[]), ("b", &["a", "abcd2345"])]), Ok(()));
        for (tasks, why) in [
            (&[][..], "it has no task"),
            (
                &[("a", &[][..]), ("b", &[]), ("c", &[]), ("d", &[])],
                "it has 4 tasks; a list has at most 3",
            ),
            (&[("a", &[]), ("a", &[])], "two of its tasks have the key a"),
            (
                &[("a", &["x"])],
                "the task a needs x, which is neither a key of this plan nor the id of a task",
            ),
            (&[("a", &["a"])], "the tasks a need each other"),
            (
                &[("a", &["b"]), ("b", &["a"]), ("c", &[])],
                "the tasks a, b need each other",
            ),
        ] {
            assert_eq!(check(tasks), Err(why.to_owned()));
        }
    }

    #[test]
    fn a_plan_is_toml_or_json_and_nothing_is_lost() {
        let toml = "name = 'p'\n[[task]]\nkey = 'a'\ntitle = 'one'\nneeds = ['b']\n";
        assert_eq!(Plan::read(toml).unwrap().task[0].needs, ["b"]);
        let json = r#"{"name":"p","tasks":[{"key":"a","title":"one"}]}"#;
        assert_eq!(Plan::read(json).unwrap().task[0].key, "a");
        let unknown = Plan::read("name = 'p'\nchecks = ['rm -rf']\n").unwrap_err();
        assert!(unknown.contains("checks"), "{unknown}");
        assert!(Plan::read("").unwrap_err().contains("name"));
    }
}
