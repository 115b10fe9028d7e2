//! The server of the web board.
//!
//! Owns its sockets, how many connections it has and for how long ([`listen`], [`run`]), and which
//! answer a request gets. Listens on the loopback only. Never reads the board: it shows what is
//! [`Shared`].

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use tokio::io::AsyncWrite as _;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{interval, timeout};

use super::answers::{self, Body, FULL};
use super::assets;
use super::gate::{Entry, Gate};
use super::routes::Page;
use super::shared::Shared;
use super::wire::{Timer, Wire, nap};

/// How many connections are answered at once.
const CONNECTIONS_MAX: usize = 256;
/// How many more are told that there is no place; others are closed without a word.
const TURNED_AWAY_MAX: usize = 128;
/// How long a client that is turned away has to read why.
const TURNED_AWAY_WITHIN: Duration = Duration::from_secs(1);
/// How long the header of a request may take, and a connection may be without one.
const HEADER_WITHIN: Duration = Duration::from_secs(10);
/// How much of a request is read at most, and in how many lines.
const HEADER_BYTES_MAX: usize = 16 << 10;
const HEADERS_MAX: usize = 64;
/// How many requests a connection may have.
const REQUESTS_MAX: usize = 1000;
/// How often readers that are gone are looked for.
const TICK_EVERY: Duration = Duration::from_secs(15);
/// How long it waits when the system gives it no more connections.
const EXHAUSTED_FOR: Duration = Duration::from_millis(50);
/// How long the metrics may take.
const METRICS_WITHIN: Duration = Duration::from_secs(30);
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");

/// What the metrics are, or why they cannot be told.
pub(super) type Counted = Result<Bytes, String>;
/// A request for the metrics.
pub(super) type Count = oneshot::Sender<Counted>;

/// What requests are answered from.
pub(super) struct House {
    pub(super) gate: Gate,
    pub(super) shared: Arc<Shared>,
    /// Where metrics are asked for.
    pub(super) counts: std::sync::mpsc::Sender<Count>,
}

/// Opens the sockets of a port of the loopback, of any free one if it is 0: the one of IPv4, and
/// that of IPv6 if there is one and it is free.
pub(super) fn listen(port: u16) -> io::Result<(Vec<TcpListener>, u16)> {
    let first = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    let port = first.local_addr()?.port();
    let second = TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
    let all: Vec<TcpListener> = std::iter::once(first).chain(second).collect();
    for one in &all {
        one.set_nonblocking(true)?;
    }
    Ok((all, port))
}

/// Answers requests until the process ends. Returns only why it cannot.
pub(super) fn run(listeners: Vec<TcpListener>, house: House) -> io::Error {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return error,
    };
    runtime.block_on(async {
        let house = Arc::new(house);
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let corners = Arc::new(Semaphore::new(TURNED_AWAY_MAX));
        for listener in listeners {
            let listener = match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => listener,
                Err(error) => return error,
            };
            let (house, places, corners) = (house.clone(), places.clone(), corners.clone());
            tokio::spawn(accept(listener, house, places, corners));
        }
        let mut ticks = interval(TICK_EVERY);
        loop {
            ticks.tick().await;
            house.shared.tick();
        }
    })
}

async fn accept(
    listener: tokio::net::TcpListener,
    house: Arc<House>,
    places: Arc<Semaphore>,
    corners: Arc<Semaphore>,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            nap(EXHAUSTED_FOR).await;
            continue;
        };
        if let Ok(place) = places.clone().try_acquire_owned() {
            let house = house.clone();
            tokio::spawn(async move {
                serve(stream, house).await;
                drop(place);
            });
        } else if let Ok(corner) = corners.clone().try_acquire_owned() {
            tokio::spawn(async move {
                let _ = timeout(TURNED_AWAY_WITHIN, turn_away(stream)).await;
                drop(corner);
            });
        }
    }
}

/// Answers the requests of a connection.
async fn serve(stream: TcpStream, house: Arc<House>) {
    let _ = stream.set_nodelay(true);
    let requests = AtomicUsize::new(0);
    let service = service_fn(|request: Request<Incoming>| {
        let is_last = requests.fetch_add(1, Ordering::Relaxed) + 1 >= REQUESTS_MAX;
        let house = house.clone();
        async move {
            let mut answer = answer(&house, &request).await;
            if is_last {
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(header::CONNECTION, close);
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let served = http1::Builder::new()
        .timer(Timer)
        .header_read_timeout(HEADER_WITHIN)
        .max_buf_size(HEADER_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(Wire::new(stream), service);
    // A client that is gone, or sends what is no request, concerns no other one.
    let _ = served.await;
}

/// Says that there is no place, and waits until that was read: a socket that is closed with
/// something unread in it loses what it has sent.
async fn turn_away(mut stream: TcpStream) -> io::Result<()> {
    stream.writable().await?;
    stream.try_write(FULL.as_bytes())?;
    poll_fn(|task| Pin::new(&mut stream).poll_shutdown(task)).await?;
    let mut ignored = [0; 1024];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut ignored) {
            Ok(0) => return Ok(()),
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
}

async fn answer<B>(house: &House, request: &Request<B>) -> Response<Body> {
    let page = match house.gate.judge(request) {
        Entry::Enters(page) => page,
        Entry::Admitted { page, by_link } => {
            return answers::admitted(page, by_link, &house.gate.set_cookie());
        }
        Entry::Stays(why) => return answers::refused(why),
    };
    match page {
        Page::Whole | Page::Board | Page::Status => shown(house, page),
        Page::Metrics => metrics(house).await,
        Page::Events => events(house, request.method(), request.headers()),
        Page::Style => answers::page(page, Bytes::from_static(assets::STYLE)),
        Page::Script => answers::page(page, Bytes::from_static(assets::SCRIPT)),
        Page::Icon => answers::page(page, Bytes::from_static(assets::ICON)),
    }
}

fn shown(house: &House, page: Page) -> Response<Body> {
    let Some(shown) = house.shared.shown() else {
        return answers::unavailable("the board is being read: try again");
    };
    let text = match page {
        Page::Board => &shown.board,
        Page::Status => &shown.status,
        _ => &shown.whole,
    };
    answers::page(page, text.clone())
}

async fn metrics(house: &House) -> Response<Body> {
    let (ask, counted) = oneshot::channel();
    // Without the thread that counts, the channel is closed.
    let _ = house.counts.send(ask);
    match timeout(METRICS_WITHIN, counted).await {
        Ok(Ok(Ok(text))) => answers::page(Page::Metrics, text),
        Ok(Ok(Err(why))) => answers::unavailable(&why),
        Ok(Err(_)) | Err(_) => answers::unavailable("the metrics could not be counted: try again"),
    }
}

fn events(house: &House, method: &Method, headers: &HeaderMap) -> Response<Body> {
    if *method == Method::HEAD {
        return answers::stream(Bytes::new(), None);
    }
    let last = headers.get(LAST_EVENT).and_then(|id| id.to_str().ok());
    match house.shared.place(last) {
        Some((first, rest)) => answers::stream(first, Some(rest)),
        None => answers::unavailable("too many pages follow this board: close some, try again"),
    }
}
