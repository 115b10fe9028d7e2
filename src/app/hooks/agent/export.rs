//! The session, as the commands of an agent have it in their environment.
//!
//! Owns what is exported to them, and to which harness. Never chooses the session.

use std::path::PathBuf;

use super::Call;
use super::failures::log;
use crate::context::Context;
use crate::identity::{Rule, SESSION_OF_VAR, SESSION_VAR};
use crate::integrations::harness::Harness;

/// A file of Claude Code: what is exported there is set in the commands that it runs.
const ENV_FILE_VAR: &str = "CLAUDE_ENV_FILE";

impl Call<'_> {
    /// Exports the session to the commands that the agent runs. An id that the user chose is in
    /// the environment anyway, unless this session is told apart from another one under it.
    pub(super) fn export(&self, context: &Context) {
        let (Some(file), Some(session)) = (self.host.env(ENV_FILE_VAR), &self.payload.session)
        else {
            return;
        };
        let is_set = context.me.rule == Rule::Variable && context.shared_id.is_none();
        if self.harness != Harness::Claude || is_set {
            return;
        }
        let file = PathBuf::from(file);
        let export = |name: &str, value: &str| {
            let value = value.replace('\'', "'\\''");
            format!("export {name}='{value}'\n")
        };
        let of = format!("{}:{session}", self.harness.agent());
        let lines = export(SESSION_VAR, context.me.id.as_str()) + &export(SESSION_OF_VAR, &of);
        if of.chars().any(char::is_control) || self.host.file_contains(&file, &lines) {
            return;
        }
        if let Err(error) = self.host.append(&file, &lines) {
            let what = format!("cannot write {}: {error}", file.display());
            log(self.host, self.harness, "", &what);
        }
    }
}
