//! What is done from the board: a message, and the release of a claim of one's own.
//!
//! Owns the requests, and the line about what came of one. The questions were asked before. Never
//! draws.

use super::Opened;
use super::state::Effect;
use crate::app::claims::place::Scope;
use crate::app::claims::release;
use crate::app::messages::tell::{self, Telling};
use crate::app::remote::confirmation::Confirmation;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::message::{MessageId, Text};
use crate::model::resource::Resource;
use crate::model::session::Request;
use crate::model::text::harmless_lines;

/// Does what was asked for, and returns what came of it in one line.
pub(super) fn perform(opened: &Opened<'_>, effect: Effect) -> String {
    let done = (opened.to_write)().and_then(|context| match effect {
        Effect::Tell { to, text, reply_to } => told(&context, to, &text, reply_to),
        Effect::Release(resource) => released(&context, resource),
        Effect::Quit => Ok(String::new()),
    });
    let said = done.unwrap_or_else(|failure| format!("not done: {}", failure.error));
    harmless_lines(&said).replace('\n', " ")
}

fn told(
    context: &Context,
    to: String,
    text: &str,
    reply_to: Option<MessageId>,
) -> Result<String, Failure> {
    let text = Text::parse(text)
        .map_err(|error| Failure::usage(format!("the message is not accepted: {error}")))?;
    let telling = Telling {
        to: vec![(to, None)],
        text,
        about: None,
        asks: false,
        urgent: false,
        reply_to,
        lasts_secs: None,
    };
    let told = tell::execute(context, &telling)?;
    let known = sent(&told.confirmation);
    Ok(format!("told, id {}{known}", told.message.id()))
}

fn released(context: &Context, resource: Resource) -> Result<String, Failure> {
    let label = resource.to_string();
    let request = Request::Release(vec![resource]);
    let released = release::execute(context, &request, Scope::ThisPlace)?;
    let known = released.confirmation.as_ref().map(sent);
    Ok(format!("released {label}{}", known.unwrap_or_default()))
}

/// Returns what there is to say about the remote.
fn sent(confirmation: &Confirmation) -> &'static str {
    match confirmation {
        Confirmation::Unconfirmed { .. } => "; the remote does not have it yet",
        _ => "",
    }
}
