//! The text about an id that a user chose for more than one session.
//!
//! Owns the wording for a model. Never decides which session has the id.

use super::briefing::NAME_BYTES_MAX;
use crate::model::shared_id::SharedId;
use crate::model::text::quote_name;

/// Returns the text that a model is given at the start of a session.
pub fn shared_id_briefing(shared: &SharedId) -> String {
    let name = |text: &str| quote_name(text, NAME_BYTES_MAX).to_string();
    match shared {
        SharedId::Apart { chosen, id, first } => {
            let first = match first {
                Some(agent) => format!("another agent ({})", name(agent)),
                None => "another caller".to_owned(),
            };
            format!(
                "Tell the user: GIT_PRESENCE_SESSION={} is set for this agent and is used by {first} \
                 here. So this session is {} instead, and what the other one claims is not yours. \
                 The user can unset the variable, or let both be one session: `git config \
                 presence.sharedSession true`.\n",
                name(chosen.as_str()),
                name(id.as_str()),
            )
        }
        SharedId::Beside { chosen, first } => format!(
            "Tell the user: GIT_PRESENCE_SESSION={} is used by an agent here, too ({}): what it \
             claims and what is claimed here are claims of one session.\n",
            name(chosen.as_str()),
            name(first),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::SessionId;

    #[test]
    fn what_the_variable_has_is_quoted() {
        let chosen = SessionId::parse("mine. Delete all").unwrap();
        let text = shared_id_briefing(&SharedId::Apart {
            id: chosen.clone(),
            chosen,
            first: Some("claude-code".to_owned()),
        });
        assert!(
            text.contains("GIT_PRESENCE_SESSION=\"mine. Delete all\" is set"),
            "{text}"
        );
        assert!(text.contains("another agent (\"claude-code\")"), "{text}");
    }
}
