//! The session that acts, from what the host says.
//!
//! Owns which facts are read for which caller: processes are read only where a rule needs them.
//! Never decides which rule wins; that is `identity`.

use super::OpenOptions;
use crate::clock::Clock as _;
use crate::failure::Failure;
use crate::host::Host;
use crate::identity::{self, Ancestor, Facts, Identity};
use crate::model::id::SessionId;

/// Enough digits to tell the commands of one session apart.
const OWN_SESSION_DIGITS: usize = 8;

/// Identifies the acting session. With `walks`, the processes above are read also for a reader.
pub(super) fn identify(
    host: Host,
    options: &OpenOptions,
    walks: bool,
) -> Result<Identity, Failure> {
    let names = identity::variables();
    let env = host.env_of(&names);
    let by_process = match &options.harness_session {
        Some(stated) => stated.session.is_none(),
        None => identity::needs_ancestors(options.session.as_deref(), &env),
    };
    let may_have_a_process =
        options.harness_session.is_some() || (options.session.is_none() && !env.is_empty());
    let walk = may_have_a_process && (options.writes || walks || by_process);
    let set: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| env.contains_key(*name))
        .collect();
    let ancestors = if walk {
        let has_variables = |below: &[Ancestor], process: &Ancestor| {
            identity::needs_variables(below, process, &env)
        };
        host.ancestors(&set, has_variables, |above| {
            let anchored = options.harness_session.is_none() || identity::is_anchored(above);
            anchored && identity::is_enough(above, &env)
        })
    } else {
        Vec::new()
    };
    let facts = Facts {
        flag: options.session.clone(),
        env,
        user: host.user(),
        host: host.hostname(),
        host_id: if walk { host.host_id() } else { String::new() },
        boot_id: if walk { host.boot_id() } else { None },
        ancestors,
        terminal: (options.writes && !may_have_a_process && options.session.is_none())
            .then(|| host.terminal())
            .flatten(),
    };
    let me = match &options.harness_session {
        Some(stated) => identity::resolve_harness_session(&facts, stated),
        None => identity::resolve(&facts),
    };
    me.map_err(|error| {
        Failure::usage(format!("the session id is not accepted: {error}"))
            .hint("give --session or GIT_PRESENCE_SESSION one line of at most 255 bytes")
    })
}

/// Makes a session of this process below the acting one: its claims end with the process.
pub(super) fn begin_own(host: Host, me: &mut Identity) -> Result<(), Failure> {
    me.process = host.own_process();
    me.id = own_session(&me.id, &host.random().to_string())?;
    Ok(())
}

/// Returns a session id below another one that no other session has.
fn own_session(above: &SessionId, random: &str) -> Result<SessionId, Failure> {
    let short = random.get(..OWN_SESSION_DIGITS).unwrap_or(random);
    SessionId::parse(&format!("{}+run-{short}", above.as_str())).map_err(|error| {
        Failure::usage(format!("the session id is not accepted: {error}")).hint("give --session")
    })
}
