//! What a hook answers at the begin of a session, at a prompt, after a tool, and as a turn ends.
//!
//! Owns the order of what is told: what the session lost or got, what has changed, messages, the
//! claims of others. Never words it.

use super::heard::hears_all;
use super::known::{changes, known_of, news, offered, tell_the_first, untold};
use super::{Call, Done, tools, turn_end};
use crate::app::claims::succession::{Before, begin, succeed};
use crate::app::messages::handover::Moment;
use crate::app::messages::reading;
use crate::app::sessions::keepalive;
use crate::app::turns::instructions::of_the_team;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::{self, Harness, Response};
use crate::model::actor::Actor;
use crate::model::succession::Ending;

impl Call<'_> {
    /// Goes on from the session before, and returns the state of the board.
    pub(super) fn start(
        &self,
        context: &Context,
        at_rest: Option<&Actor>,
    ) -> Result<Done, Failure> {
        let ending = self.payload.reason.as_deref().and_then(Ending::read);
        let keeps_its_id = self.harness.is_known_by_process();
        let before = match context.known_actor() {
            Some(me) => self.unless_it_fails(succeed(context, &me, ending, keeps_its_id)),
            None => self.unless_it_fails(begin(context).map(|()| Before::default())),
        };
        if let (Some(me), Some(id)) = (context.known_actor(), &before.session) {
            // Without it, messages to the session before wait for that one.
            self.unless_it_fails(reading::succeed(context, &me, id));
        }
        let before = before.held;
        self.export(context);
        if context.config.agents.keeper {
            keepalive::begin(context);
        }
        let board = context.ledger.board()?;
        let known = known_of(context, &board);
        let mut text = before
            .as_ref()
            .map_or_else(String::new, harness::succession_briefing);
        text.extend(context.shared_id.as_ref().map(harness::shared_id_briefing));
        tell_the_first(context);
        let at_rest = at_rest.filter(|_| before.is_none());
        text.extend(self.unless_it_fails(untold(context, at_rest)));
        text.extend(offered(context, &known));
        // Noted, so that a prompt can say what has changed.
        hears_all(context, &known);
        let handed = self.letters(context, Moment::Start, Some(&board), &text);
        text.extend(handed.iter().map(|handover| handover.text.as_str()));
        let room = harness::CHARS_MAX.saturating_sub(text.chars().count());
        let passes_session = self.harness.passes_session_to_commands();
        text.push_str(&harness::session_briefing(&known, passes_session, room));
        if let Some(team) = self.unless_it_fails(of_the_team(context)) {
            let room = harness::CHARS_MAX.saturating_sub(text.chars().count());
            text.push_str(&harness::team_briefing(&team.text, room));
        }
        Ok(Done {
            answer: Response::Context(text),
            session: Some(context.me.id.as_str().to_owned()),
            handed,
        })
    }

    pub(super) fn prompt(&self, context: &mut Context) -> Result<Done, Failure> {
        let at_rest = self.beat(context);
        let board = context.ledger.board()?;
        let mut known = known_of(context, &board);
        // Copilot CLI takes no answer at a prompt.
        let mut text = match self.harness {
            Harness::Copilot => None,
            _ => self.unless_it_fails(untold(context, at_rest.as_ref())),
        };
        if let Some(news) = news(context, &known.known, &known.unreadable) {
            text.get_or_insert_default().push_str(&news);
        }
        if let Some(offered) = offered(context, &known) {
            text.get_or_insert_default().push_str(&offered);
        }
        let handed = match self.harness {
            Harness::Copilot => None,
            _ => {
                let told = text.as_deref().unwrap_or_default();
                self.letters(context, Moment::Prompt, Some(&board), told)
            }
        };
        if let Some(handover) = &handed {
            text.get_or_insert_default().push_str(&handover.text);
        }
        let told = text.as_deref().map_or(0, |text| text.chars().count());
        let room = harness::CHARS_MAX.saturating_sub(told);
        let hears = self.harness != Harness::Copilot;
        if let Some(claims) = hears.then(|| changes(context, &mut known, room)).flatten() {
            text.get_or_insert_default().push_str(&claims);
        }
        Ok(Done {
            answer: text.map_or(Response::Nothing, Response::Context),
            session: None,
            handed,
        })
    }

    /// Runs what follows a tool. One step that fails does not stop the others.
    pub(super) fn after(&self, context: &mut Context) -> Result<Done, Failure> {
        let at_rest = self.beat(context);
        let mut told = self.unless_it_fails(untold(context, at_rest.as_ref()));
        // A command that failed may have changed something first.
        let failed = self.name.ends_with("Failure");
        let (objection, noted) = self.unless_it_fails(tools::after(context, &self.payload, failed));
        noted.iter().for_each(|failure| self.complain(failure));
        let tool = self.payload.tool.as_ref();
        let line = tool.and_then(|tool| tool.command.as_deref());
        if !failed && line.is_some_and(turn_end::is_push) {
            self.unless_it_fails(turn_end::note_push(context));
        }
        if let Some(objection) = objection.filter(|_| self.harness.briefs_after_tools()) {
            told.get_or_insert_default().push_str(&objection);
        }
        let moment = match self.harness {
            Harness::Copilot => Moment::Prompt,
            _ => Moment::AfterTool,
        };
        let so_far = told.as_deref().unwrap_or_default();
        let handed = self.letters(context, moment, None, so_far);
        if let Some(handover) = &handed {
            told.get_or_insert_default().push_str(&handover.text);
        }
        // Copilot CLI takes no answer at a prompt, so it gets news after a tool.
        if self.harness != Harness::Copilot {
            return Ok(Done {
                answer: told.map_or(Response::Nothing, Response::Context),
                session: None,
                handed,
            });
        }
        let mut known = known_of(context, &context.ledger.board()?);
        if let Some(news) = news(context, &known.known, &known.unreadable) {
            told.get_or_insert_default().push_str(&news);
        }
        let so_far = told.as_deref().map_or(0, |told| told.chars().count());
        let room = harness::CHARS_MAX.saturating_sub(so_far);
        if let Some(claims) = changes(context, &mut known, room) {
            told.get_or_insert_default().push_str(&claims);
        }
        Ok(Done {
            answer: told.map_or(Response::Nothing, Response::Context),
            session: None,
            handed,
        })
    }
}
