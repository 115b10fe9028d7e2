//! What a hook answers at the begin of a session, at a prompt, after a tool, and as a turn ends.
//!
//! Owns the order of what is told: what the session lost or got, what has changed, messages, the
//! claims of others. Never words it.

use super::answer::{Answer, CLAIMS_CHARS, OFFERS_CHARS, START_CHARS, TASKS_CHARS};
use super::heard::Hearing;
use super::known::{
    Changes, known_of, leave_out_what_is_free, news, offered, tell_the_first, untold,
};
use super::tasks::{self, News};
use super::{Call, Done, behind, pushed, tools, turn_end};
use crate::app::claims::succession::{Before, begin, succeed};
use crate::app::messages::handover::{Handover, Moment};
use crate::app::messages::reading;
use crate::app::sessions::keepalive;
use crate::app::turns::instructions::of_the_team;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::{self, Briefing, Harness, Response};
use crate::ledger::Topic;
use crate::model::actor::Actor;
use crate::model::board::Board;
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
        note_agent(context);
        if context.config.agents.keeper {
            keepalive::begin(context);
        }
        let board = context.ledger.board()?;
        let known = known_of(context, &board);
        let passes_session = self.harness.passes_session_to_commands();
        let alone = harness::session_briefing(&known, passes_session, harness::CHARS_MAX);
        let kept = alone.text.chars().count().min(START_CHARS);
        let mut text = Answer::begin(before.as_ref().map(harness::succession_briefing));
        text.add(context.shared_id.as_ref().map(harness::shared_id_briefing));
        tell_the_first(context);
        let at_rest = at_rest.filter(|_| before.is_none());
        text.add(self.unless_it_fails(untold(context, at_rest, text.room(kept))));
        text.add(offered(context, &known, text.room(kept).min(OFFERS_CHARS)));
        let handed = self.letters(context, Moment::Start, Some(&board), text.room(kept));
        text.add(handed.as_ref().map(|handover| handover.text.clone()));
        let room = text.room(kept).min(TASKS_CHARS);
        let of_lists = (&board, &known);
        text.add(tasks::told(context, of_lists, self.tasks, News::All, room));
        text.add(behind::of_the_branch(context));
        let told = harness::session_briefing(&known, passes_session, text.room(0));
        // Noted, so that a prompt can say what has changed.
        Hearing::of_all(&known).note(context, &known, &told.pushed_out(&alone));
        text.add(Some(told.text));
        if let Some(team) = self.unless_it_fails(of_the_team(context)) {
            text.add(Some(harness::team_briefing(&team.text, text.room(0))));
        }
        Ok(Done {
            answer: Response::Context(text.whole().unwrap_or_default()),
            session: Some(context.me.id.as_str().to_owned()),
            handed,
        })
    }

    pub(super) fn prompt(&self, context: &mut Context) -> Result<Done, Failure> {
        let at_rest = self.beat(context);
        if context.known_actor().is_some() {
            note_agent(context);
        }
        let board = context.ledger.board()?;
        let mut known = known_of(context, &board);
        let mut text = Answer::default();
        // Copilot CLI takes no answer at a prompt.
        let handed = match self.harness {
            Harness::Copilot => {
                text.add(news(context, &known.known, &known.unreadable, text.room(0)));
                None
            }
            _ => {
                let claims = Changes::of(context, &mut known);
                leave_out_what_is_free(context, &mut known);
                let kept = claims.needs.min(CLAIMS_CHARS);
                text.add(self.unless_it_fails(untold(context, at_rest.as_ref(), text.room(kept))));
                self.what_is_new(context, &mut text, (&board, &known, claims))
            }
        };
        Ok(Done {
            answer: text.whole().map_or(Response::Nothing, Response::Context),
            session: None,
            handed,
        })
    }

    /// Adds all that is new on the board to an answer, and returns the messages in it.
    fn what_is_new(
        &self,
        context: &Context,
        text: &mut Answer,
        (board, known, claims): (&Board, &Briefing, Changes),
    ) -> Option<Handover> {
        let kept = claims.needs.min(CLAIMS_CHARS);
        let of_records = news(context, &known.known, &known.unreadable, text.room(kept));
        text.add(of_records);
        text.add(offered(context, known, text.room(kept).min(OFFERS_CHARS)));
        let handed = self.letters(context, Moment::Prompt, Some(board), text.room(kept));
        text.add(handed.as_ref().map(|handover| handover.text.clone()));
        let room = text.room(kept).min(TASKS_CHARS);
        let of_lists = (board, known);
        text.add(tasks::told(
            context,
            of_lists,
            self.tasks,
            News::Changed,
            room,
        ));
        text.add(claims.tell(context, known, text.room(0)));
        handed
    }

    /// Runs what follows a tool. One step that fails does not stop the others.
    pub(super) fn after(&self, context: &mut Context) -> Result<Done, Failure> {
        let at_rest = self.beat(context);
        // A command that failed may have changed something first.
        let failed = self.name.ends_with("Failure");
        let (objection, noted) = self.unless_it_fails(tools::after(context, &self.payload, failed));
        noted.iter().for_each(|failure| self.complain(failure));
        let tool = self.payload.tool.as_ref();
        let line = tool.and_then(|tool| tool.command.as_deref());
        if !failed && line.is_some_and(turn_end::is_push) {
            self.unless_it_fails(pushed::note(context));
        }
        let objection = objection.filter(|_| self.harness.briefs_after_tools());
        let mut text = Answer::default();
        let kept = objection.as_deref().map_or(0, |text| text.chars().count());
        text.add(self.unless_it_fails(untold(context, at_rest.as_ref(), text.room(kept))));
        text.add(objection);
        let handed = match self.harness {
            // It takes no answer at a prompt, so it gets all news after a tool.
            Harness::Copilot => {
                let board = context.ledger.board()?;
                let mut known = known_of(context, &board);
                let claims = Changes::of(context, &mut known);
                self.what_is_new(context, &mut text, (&board, &known, claims))
            }
            _ => {
                let handed = self.letters(context, Moment::AfterTool, None, text.room(0));
                text.add(handed.as_ref().map(|handover| handover.text.clone()));
                handed
            }
        };
        Ok(Done {
            answer: text.whole().map_or(Response::Nothing, Response::Context),
            session: None,
            handed,
        })
    }
}

/// Notes which agent the session is: its commands may name the session without saying so.
fn note_agent(context: &Context) {
    let notices = context.ledger.notices();
    let me = &context.me;
    if let Some(agent) = &me.agent
        && notices.kept(&me.id, Topic::Agent) != *agent
    {
        // Without it, what the session says is taken for the words of a person.
        let _ = notices.keep(&me.id, Topic::Agent, agent);
    }
}
