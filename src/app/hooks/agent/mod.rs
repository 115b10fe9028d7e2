//! The hooks of agents: `hook claude|codex|gemini|cursor|copilot`.
//!
//! Owns what each event does ([`run`]). If anything fails here, the answer is empty and the exit
//! code 0: a failure of this program never stops an agent. What failed is appended to the file that
//! `GIT_PRESENCE_DEBUG` names. Waits for the network only before a tool is stopped
//! for a claim that is known from an old copy.

mod abroad;
mod answer;
mod behind;
mod claim_on_edit;
mod compared;
mod edits;
mod end;
mod export;
mod failures;
mod heard;
mod known;
mod letters;
mod policy;
mod pushed;
mod shared_apply;
mod signal;
mod tasks;
mod tools;
mod turn;
mod turn_end;
mod unseen;
mod visited;
mod weigh;

pub use signal::ingest;

use std::path::Path;
use std::time::Duration;

use crate::app::claims::heartbeat;
use crate::app::hooks::agent::answer::Answer;
use crate::app::hooks::agent::failures::log;
use crate::app::hooks::agent::known::untold;
use crate::app::hooks::agent::letters::Handed;
use crate::app::hooks::agent::visited::visited;
use crate::app::messages::handover::Handover;
use crate::clock::Clock as _;
use crate::context::{Context, OpenOptions, TakesPart};
use crate::failure::Failure;
use crate::host::Host;
use crate::integrations::harness::{self, Harness, HookEvent, Payload, PayloadBytes, Response};
use crate::ledger::Topic;
use crate::model::actor::Actor;
use crate::model::session::Session;
use crate::model::succession::Ending;

/// How long a harness may take to write its payload.
const INPUT_WAIT: Duration = Duration::from_millis(1000);
/// How long it may take at the end of a session, when a harness waits about a second in all.
const INPUT_WAIT_AT_END: Duration = Duration::from_millis(150);
/// How long after its start a hook still reads the board. The settings that `install` writes end a
/// hook after 5 seconds, and a tool goes on if its hook was ended.
const READ_WAIT: Duration = Duration::from_millis(2500);
/// How long after its start a tool that would be stopped still waits for a look at the remote.
const LOOK_WAIT: Duration = Duration::from_millis(1500);
/// How long a hook waits for locks of other processes. What it would write is written by a later
/// hook.
const LOCK_WAIT: Duration = Duration::from_millis(500);
/// How long after its start a hook at the end of a session still waits for a lock.
const END_WAIT: Duration = Duration::from_millis(180);

/// The answer to a harness, as it goes to standard output.
#[derive(Default)]
pub struct Told {
    /// The text, complete.
    pub answer: String,
    /// What is marked as handed over once the answer was written.
    handed: std::cell::Cell<Option<Handed>>,
}

impl Told {
    /// Says that the answer was written: what it handed over is not told again.
    pub fn is_written(&self) {
        if let Some(handed) = self.handed.take() {
            handed.mark();
        }
    }
}

/// One call of a hook.
struct Call<'a> {
    host: Host,
    options: &'a OpenOptions,
    harness: Harness,
    event: HookEvent,
    /// The event, as the harness spells it.
    name: &'a str,
    payload: Payload,
    /// Of which tasks the session is told.
    tasks: tasks::Which,
    /// When it began, on the clock of this process.
    began: Duration,
}

/// What came of a call.
#[derive(Default)]
struct Done {
    answer: Response,
    /// The session, for harnesses that can pass it on.
    session: Option<String>,
    /// The messages in the answer.
    handed: Option<Handover>,
}

/// Answers one call of a hook. `word` is the event as the harness spells it, or empty if only the
/// payload has it. `tells_tasks` says that the session is told which tasks are ready, and which
/// wait.
pub fn run(
    host: Host,
    called: Harness,
    word: &str,
    tells_tasks: bool,
    options: &OpenOptions,
) -> Told {
    let complain = |what: &str| log(host, called, word, what);
    let named = called.event(word);
    let began = host.elapsed();
    let wait = match named {
        Some((_, HookEvent::End)) => INPUT_WAIT_AT_END,
        _ => INPUT_WAIT,
    };
    let mut input = PayloadBytes::default();
    let is_complete = host.hear_stdin(wait, &mut |chunk| input.push(chunk));
    if !is_complete {
        complain("the payload did not end in time, or is larger than is heard");
    }
    let read = harness::read_bytes(input, is_complete);
    let payload = read.unwrap_or_else(|error| {
        complain(&format!("the payload cannot be used: {error}"));
        Payload::default()
    });
    let spelled = payload.event.as_deref();
    let Some((name, event)) = named.or_else(|| called.event(spelled?)) else {
        complain("no such event is known");
        return Told {
            answer: harness::empty_response(called).to_owned(),
            ..Told::default()
        };
    };
    // The spelling of the harness counts, also if one harness calls the hooks of another.
    let own = spelled.filter(|spelled| called.event(spelled) == Some((name, event)));
    let name = own.map_or_else(|| name.to_owned(), str::to_owned);
    host.wait_until(match event {
        HookEvent::End => began + END_WAIT,
        _ => host.elapsed() + LOCK_WAIT,
    });
    let call = Call {
        host,
        options,
        harness: payload.really.unwrap_or_else(|| really(called, host)),
        event,
        name: &name,
        payload,
        tasks: match tells_tasks {
            true => tasks::Which::WholeList,
            false => tasks::Which::Mine,
        },
        began,
    };
    let (done, handed) = call.answer().unwrap_or_else(|failure| {
        complain(&failure.error.to_string());
        Default::default()
    });
    let session = done.session.as_deref();
    Told {
        answer: harness::render(called, (&name, event), &done.answer, session),
        handed: std::cell::Cell::new(handed),
    }
}

/// Returns the harness that really calls: Copilot CLI also calls the hooks of Claude Code that it
/// finds.
fn really(called: Harness, host: Host) -> Harness {
    let copilot = host.env("COPILOT_CLI").is_some();
    match called {
        Harness::Claude if copilot && host.env("CLAUDECODE").is_none() => Harness::Copilot,
        _ => called,
    }
}

impl Call<'_> {
    fn answer(&self) -> Result<(Done, Option<Handed>), Failure> {
        if let Some(dir) = self.payload.cwd.as_deref().map(Path::new)
            && dir.is_absolute()
            && let Err(error) = self.host.change_dir(dir)
        {
            log(self.host, self.harness, "", &format!("cwd: {error}"));
        }
        let writes = matches!(
            self.event,
            HookEvent::Start | HookEvent::Stop | HookEvent::End
        );
        let mut context = match self.context(writes) {
            Err(failure) if self.event == HookEvent::BeforeTool => {
                visited(self.host, &self.payload, &self.asked(false)?).ok_or(failure)?
            }
            opened => opened?,
        };
        let mut done = self.respond(&mut context)?;
        let context = Box::new(context);
        let handed = done.handed.take();
        let handed = handed.map(|handover| Handed { context, handover });
        Ok((done, handed))
    }

    fn respond(&self, context: &mut Context) -> Result<Done, Failure> {
        match self.event {
            HookEvent::Start => {
                // A session that is resumed may have lost something meanwhile.
                let at_rest = self.beat(context);
                self.start(context, at_rest.as_ref())
            }
            HookEvent::Prompt => self.prompt(context),
            HookEvent::BeforeTool => {
                let tool = self.payload.tool.as_ref().map(|tool| &*tool.name);
                context.config.agents.enforce = policy::enforce(context, tool);
                // What is known only from the environment is not acted for.
                let acts = !self.payload.breaks_off && !context.is_visit();
                let at_rest = acts.then(|| self.beat(context)).flatten();
                let claimed = self.claim_on_edit(context);
                let is_told = !self.harness.briefs_after_tools() && !context.is_visit();
                let looks_until = self.began + LOOK_WAIT;
                let (answer, noted) = tools::before(context, &self.payload, is_told, looks_until)?;
                // An answer that cannot be recorded is still given.
                noted.iter().for_each(|failure| self.complain(failure));
                let mut told = Answer::begin(claimed.filter(|_| is_told));
                if is_told {
                    let room = told.room(answer.chars());
                    told.add(self.unless_it_fails(untold(context, at_rest.as_ref(), room)));
                }
                Ok(Done {
                    answer: answer.after(told.whole()),
                    ..Done::default()
                })
            }
            HookEvent::AfterTool => self.after(context),
            HookEvent::Stop => self.stop(context),
            HookEvent::End => {
                end::end(context, self.payload.reason.as_deref())?;
                Ok(Done::default())
            }
        }
    }

    /// Claims the files that the tool is about to write, if the settings say so. Returns the text
    /// about that, once a session.
    fn claim_on_edit(&self, context: &mut Context) -> Option<String> {
        let tool = self.payload.tool.as_ref()?;
        let is_on = context.config.agents.claim_on_edit && !context.is_visit();
        if !is_on || self.payload.breaks_off || tool.files.is_empty() {
            return None;
        }
        let claimed = self.unless_it_fails(claim_on_edit::claim(context, tool));
        let text = harness::claimed_on_edit(claimed.first()?);
        let notices = context.ledger.notices();
        let kind = harness::CLAIMED_ON_EDIT;
        let is_news = notices.is_news(&context.me.id, Topic::OnEdit, kind);
        is_news.unwrap_or(true).then_some(text)
    }

    /// Opens a context for the session that the payload names. A reader need not know its process.
    fn context(&self, writes: bool) -> Result<Context, Failure> {
        Context::open(self.host, &self.asked(writes)?)
    }

    /// Returns what is asked of a context: the session that the payload names.
    fn asked(&self, writes: bool) -> Result<OpenOptions, Failure> {
        let session = self.harness.session(&self.payload);
        // Where the payload breaks off, the environment may still have the session. That is enough
        // to answer, and not to act for it.
        let only_answers = self.event == HookEvent::BeforeTool && self.payload.breaks_off;
        if session.is_none() && !only_answers {
            return Err(Failure::usage("the payload names no session"));
        }
        let ending = self.payload.reason.as_deref().and_then(Ending::read);
        Ok(OpenOptions {
            writes,
            takes_part: match (self.event, ending) {
                (HookEvent::End, _) => TakesPart::AsBefore,
                (HookEvent::Start, Some(_)) => TakesPart::GoesOn,
                _ => TakesPart::FromNowOn,
            },
            harness_session: session,
            follows_payload: true,
            // What ends here is known by its own records.
            reads_until: (self.event != HookEvent::End)
                .then(|| self.began + self.host.reading_time(READ_WAIT)),
            ..self.options.clone()
        })
    }

    /// Writes a heartbeat if one is due, for a session that holds anything. Returns the session
    /// if none is due, nothing was noted for it, and no other session can take a claim from it.
    fn beat(&self, context: &mut Context) -> Option<Actor> {
        let mut beat = || -> Result<Option<Actor>, Failure> {
            let throttle_secs = context.config.heartbeat_secs;
            let Some(me) = context.known_actor() else {
                return Ok(None);
            };
            if let Some(rest) = heartbeat::at_rest(context, &me, Some(throttle_secs))? {
                return Ok((rest.leases == 0).then_some(me));
            }
            let session = context.ledger.sessions().get(&me)?;
            let matters = |session: Session| {
                !session.claims.is_empty() || heartbeat::goes_on(context, &me, &session)
            };
            let matters = session.is_some_and(matters);
            if matters || !context.ledger.leases(&me.id).list().is_empty() {
                context.prepare_to_write()?;
                heartbeat::beat(context, throttle_secs)?;
            }
            Ok(None)
        };
        self.unless_it_fails(beat())
    }

    fn unless_it_fails<T: Default>(&self, done: Result<T, Failure>) -> T {
        done.unwrap_or_else(|failure| {
            self.complain(&failure);
            T::default()
        })
    }

    fn complain(&self, failure: &Failure) {
        let what = failure.error.to_string();
        log(self.host, self.harness, self.name, &what);
    }
}
