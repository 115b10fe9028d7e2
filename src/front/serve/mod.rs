//! The web board: `git presence serve`.
//!
//! Owns what runs beside each other ([`execute`]): the thread that reads the board, the server that
//! shows it, the follower that tells what happens, and the count of the metrics. It only shows:
//! no request changes anything. Never reads the board for a request.

mod answers;
mod assets;
mod counting;
mod following;
mod gate;
mod page;
mod reading;
mod routes;
mod server;
mod shared;
mod wire;

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::mpsc::{channel, sync_channel};
use std::thread::Builder;

use self::gate::Gate;
use self::server::House;
use self::shared::Shared;
use crate::app::board::follow::Heard;
use crate::clock::Clock as _;
use crate::context::{Context, OpenOptions};
use crate::failure::{Failure, Kind};
use crate::host::Host;
use crate::output::{Served, Serving};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The port; any that is free if it is 0.
    pub port: u16,
    /// Whether to start a browser.
    pub opens: bool,
}

/// How those that start it are told.
pub struct Told<'t> {
    /// Shows where the board is, once it can be read.
    pub serving: &'t dyn Fn(&Serving) -> Result<Heard, Failure>,
    /// Shows one line that is none of the answer.
    pub notify: fn(&str),
}

/// Serves the board until a signal ends it, or its terminal is gone.
///
/// Fails if the port cannot be had, or the board cannot be read for a while.
pub fn execute(
    context: &Context,
    options: &OpenOptions,
    request: Request,
    told: &Told<'_>,
) -> Result<Served, Failure> {
    let host = context.host;
    let (listeners, port) =
        server::listen(request.port).map_err(|error| port_failure(request.port, &error))?;
    let gate = Gate::new(port, [host.random(), host.random(), host.random()]);
    let serving = Serving {
        url: gate.url(),
        port,
    };
    let opening = gate.opening_url();
    let shared = Arc::new(Shared::new(host.random().to_string()));
    let (count, counts) = channel();
    let (fails, failed) = sync_channel(1);
    let house = House {
        gate,
        shared: shared.clone(),
        counts: count,
    };
    let begin = |name: &str, job: Box<dyn FnOnce() -> Option<Failure> + Send>| {
        let fails = fails.clone();
        let run = move || {
            if let Some(failure) = job() {
                let _ = fails.try_send(failure);
            }
        };
        Builder::new()
            .name(name.to_owned())
            .spawn(run)
            .map(drop)
            .map_err(|error| Failure::new(Kind::Broken, error))
    };
    let notify = told.notify;
    let (shown, counted) = (shared.clone(), shared.clone());
    let (to_follow, to_count) = (options.clone(), options.clone());
    begin(
        "pages",
        Box::new(move || Some(Failure::new(Kind::Broken, server::run(listeners, house)))),
    )?;
    begin(
        "events",
        Box::new(move || following::run(host, &to_follow, &shown, notify).err()),
    )?;
    begin(
        "metrics",
        Box::new(move || {
            counting::run(host, &to_count, &counts, &counted);
            None
        }),
    )?;
    let begins = || -> Result<Heard, Failure> {
        let heard = (told.serving)(&serving)?;
        if request.opens {
            open(host, &opening, notify);
        }
        Ok(heard)
    };
    reading::run(context, &shared, &begins, &failed)?;
    Ok(Served)
}

/// Starts a browser. The URL was printed, so that a failure is none of the verb.
fn open(host: Host, url: &str, notify: fn(&str)) {
    if let Err(why) = host.open_in_browser(url) {
        notify(&format!(
            "no browser was started: {why}; open the URL yourself"
        ));
    }
}

fn port_failure(port: u16, error: &std::io::Error) -> Failure {
    let (why, hint) = match error.kind() {
        ErrorKind::AddrInUse => (
            format!("port {port} is in use by another process"),
            "leave out --port, and a free one is taken: git presence serve",
        ),
        ErrorKind::PermissionDenied => (
            format!("port {port} needs more rights than you have"),
            "leave out --port, or name one from 1024 on: git presence serve",
        ),
        _ => (
            format!("nothing can listen on the loopback at port {port}: {error}"),
            "see what this machine allows: git presence doctor",
        ),
    };
    Failure::new(Kind::Broken, std::io::Error::new(error.kind(), why)).hint(hint)
}
