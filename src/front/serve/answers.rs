//! The answers of the web board.
//!
//! Owns their headers and bodies ([`Body`]), and what a request that is not answered is told: one
//! line of text that says what to do. Never knows what is on the board.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Bytes, Frame, SizeHint};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc::Receiver;

use super::gate::Refused;
use super::routes::Page;

/// What every answer says: only this server gives style, script and data; no other page may show
/// or read it; no one keeps it.
const ALWAYS: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         object-src 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];
const TEXT: &str = "text/plain; charset=utf-8";
/// What a client is told that finds all places taken, as it is sent.
pub(super) const FULL: &str = "HTTP/1.1 503 Service Unavailable\r\n\
    content-type: text/plain; charset=utf-8\r\ncache-control: no-store\r\nretry-after: 5\r\n\
    connection: close\r\ncontent-length: 65\r\n\r\n\
    too many connections: close other pages of this board, try again\n";

/// What an answer has.
#[derive(Debug)]
pub(super) enum Body {
    /// All of it; `None` once it was sent.
    Whole(Option<Bytes>),
    /// What is there already, and then what comes until the other end of the channel is dropped.
    Stream(Option<Bytes>, Receiver<Bytes>),
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match &mut *self {
            Self::Whole(all) => Poll::Ready(all.take()),
            Self::Stream(first, rest) => match first.take() {
                Some(first) => Poll::Ready(Some(first)),
                None => rest.poll_recv(task),
            },
        };
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(all) => {
                let length = all.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
            }
            Self::Stream(..) => SizeHint::default(),
        }
    }
}

impl Page {
    /// Returns the type of what is on the page.
    const fn content_type(self) -> &'static str {
        match self {
            Self::Whole | Self::Board => "text/html; charset=utf-8",
            Self::Events => "text/event-stream",
            Self::Status => "application/json",
            Self::Metrics => "text/plain; version=0.0.4; charset=utf-8",
            Self::Style => "text/css; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
            Self::Icon => "image/svg+xml",
        }
    }
}

impl Refused {
    /// Returns the status of the answer, and what it says.
    const fn words(self) -> (StatusCode, &'static str) {
        match self {
            Self::NoHost => (
                StatusCode::BAD_REQUEST,
                "the request has no Host, or several: send one, such as localhost and the port\n",
            ),
            Self::ForeignHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "this board is not served under that name: open the URL that was printed when it \
                 started\n",
            ),
            Self::ForeignPage => (
                StatusCode::FORBIDDEN,
                "a page of another site asked: open the URL that was printed when it started\n",
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "this board only shows: use GET; the command line changes things\n",
            ),
            Self::Unknown => (
                StatusCode::UNAUTHORIZED,
                "the token is missing, wrong or used: open the URL that was printed when it \
                 started\n",
            ),
            Self::NoPage => (
                StatusCode::NOT_FOUND,
                "there is no such page: open /, /status.json or /metrics\n",
            ),
        }
    }
}

fn answer(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Returns a page.
pub(super) fn page(page: Page, text: Bytes) -> Response<Body> {
    answer(StatusCode::OK, page.content_type(), Body::Whole(Some(text)))
}

/// Returns a stream that begins with `first`; without `rest`, only what it is.
pub(super) fn stream(first: Bytes, rest: Option<Receiver<Bytes>>) -> Response<Body> {
    let body = match rest {
        Some(rest) => Body::Stream(Some(first), rest),
        None => Body::Whole(None),
    };
    answer(StatusCode::OK, Page::Events.content_type(), body)
}

/// Returns the answer to a request that is refused.
pub(super) fn refused(why: Refused) -> Response<Body> {
    let (status, words) = why.words();
    let mut answer = answer(
        status,
        TEXT,
        Body::Whole(Some(Bytes::from_static(words.as_bytes()))),
    );
    let says = match why {
        Refused::Method => Some((header::ALLOW, "GET, HEAD")),
        Refused::Unknown => Some((header::WWW_AUTHENTICATE, "Bearer")),
        _ => None,
    };
    if let Some((name, value)) = says {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Returns the answer to a request that cannot be answered now, with the reason.
pub(super) fn unavailable(why: &str) -> Response<Body> {
    let text = Bytes::from(format!("{why}\n"));
    let mut answer = answer(
        StatusCode::SERVICE_UNAVAILABLE,
        TEXT,
        Body::Whole(Some(text)),
    );
    let headers = answer.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    answer
}

/// Returns what sets a cookie and leads to a page. After a link of another site, a browser would
/// follow a redirect without the cookie: it gets a page that leads on.
pub(super) fn admitted(page: Page, by_link: bool, cookie: &str) -> Response<Body> {
    let path = page.path();
    let mut answer = match by_link {
        true => {
            let text = format!(
                "<!DOCTYPE html><html lang=\"en\"><title>git presence</title>\
                 <meta http-equiv=\"refresh\" content=\"0; url={path}\">\
                 <p><a href=\"{path}\">Open the board</a></p></html>\n"
            );
            self::page(Page::Whole, Bytes::from(text))
        }
        false => {
            let mut answer = answer(StatusCode::SEE_OTHER, TEXT, Body::Whole(None));
            let headers = answer.headers_mut();
            headers.insert(header::LOCATION, HeaderValue::from_static(path));
            answer
        }
    };
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_when_all_places_are_taken_is_whole() {
        let (head, body) = FULL.split_once("\r\n\r\n").expect("a head and a body");
        let length = format!("content-length: {}", body.len());
        assert!(head.contains(&length), "{length}");
    }
}
