//! The gate of the web board: who may ask, and for what.
//!
//! Owns [`Gate`]: which names of this machine are answered, the token of the printed URL, and the
//! cookie that a browser gets for it. Other users of this machine reach the port, too, and so does
//! every page that a browser here shows: a page of another site can send requests, by a name that
//! leads here as well, but it has neither token nor cookie, and cannot read an answer. Never
//! answers itself.

use std::sync::atomic::{AtomicBool, Ordering};

use hyper::header::{self, HeaderMap, HeaderName};
use hyper::{Method, Request, Uri};

use super::routes::Page;
use crate::model::id::RandomId;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The parameter of a URL that has a token.
const TOKEN: &str = "token=";
/// How an `Authorization` with a token begins.
const BEARER: &str = "Bearer ";

/// What is asked of a request before it is answered.
#[derive(Debug)]
pub(super) struct Gate {
    port: u16,
    /// In the URL that is printed; it opens the board as often as it is used.
    token: String,
    /// In the URL that a browser is started with; it opens the board once, since other users of
    /// this machine may see the command line of a browser.
    opening: String,
    is_opened: AtomicBool,
    /// What browsers keep.
    cookie: String,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// It is answered with this page.
    Enters(Page),
    /// It brought a token: the browser gets a cookie, and is sent to the page without the token.
    /// `by_link`: a page of another site has the link, so that the browser would not send the
    /// cookie after a redirect.
    Admitted { page: Page, by_link: bool },
    /// It is not answered.
    Stays(Refused),
}

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It does not name the server, or names several.
    NoHost,
    /// It names another server.
    ForeignHost,
    /// A page of another site sent it.
    ForeignPage,
    /// It would change something.
    Method,
    /// It has neither token nor cookie, or wrong ones.
    Unknown,
    /// There is no such page.
    NoPage,
}

impl Gate {
    /// Makes a gate for the server at `port`, with secrets that were drawn for it.
    pub(super) fn new(port: u16, secrets: [RandomId; 3]) -> Self {
        let [token, opening, cookie] = secrets.map(|secret| secret.to_string());
        Self {
            port,
            token,
            opening,
            is_opened: AtomicBool::new(false),
            cookie,
        }
    }

    /// Returns the URL that is printed.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/?{TOKEN}{}", self.port, self.token)
    }

    /// Returns the URL that works once.
    pub(super) fn opening_url(&self) -> String {
        format!("http://127.0.0.1:{}/?{TOKEN}{}", self.port, self.opening)
    }

    /// Returns the cookie, as a browser is told it. Browsers keep cookies by machine and not by
    /// port, so the port is in the name.
    pub(super) fn set_cookie(&self) -> String {
        let (name, cookie) = (self.cookie_name(), &self.cookie);
        format!("{name}={cookie}; Path=/; HttpOnly; SameSite=Strict")
    }

    /// Says what becomes of a request.
    pub(super) fn judge<B>(&self, request: &Request<B>) -> Entry {
        match self.entry(request) {
            Ok(entry) => entry,
            Err(why) => Entry::Stays(why),
        }
    }

    fn entry<B>(&self, request: &Request<B>) -> Result<Entry, Refused> {
        let (headers, uri) = (request.headers(), request.uri());
        self.is_asked(headers, uri)?;
        if let Some(origin) = headers.get(header::ORIGIN) {
            let is_ours =
                |origin: &str| self.is_ours(origin.strip_prefix("http://")?).then_some(());
            origin
                .to_str()
                .ok()
                .and_then(is_ours)
                .ok_or(Refused::ForeignPage)?;
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(Refused::Method);
        }
        let page = Page::at(uri.path());
        let by_link = headers
            .get(SEC_FETCH_SITE)
            .is_some_and(|site| site == "cross-site");
        if let Some(token) = token_of(uri) {
            let is_known = is_same(token, &self.token) || self.opens(token);
            return match page {
                _ if !is_known => Err(Refused::Unknown),
                Some(page) => Ok(Entry::Admitted { page, by_link }),
                None => Err(Refused::NoPage),
            };
        }
        if !self.is_known(headers) {
            return Err(Refused::Unknown);
        }
        page.map(Entry::Enters).ok_or(Refused::NoPage)
    }

    /// Checks that the request is meant for this server: a name that leads to this machine and
    /// belongs to another site is not answered, or its pages could read the board.
    fn is_asked(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Refused> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(Refused::NoHost);
        };
        let in_line = uri.authority();
        let is_ours = host.to_str().is_ok_and(|host| self.is_ours(host))
            && in_line.is_none_or(|host| self.is_ours(host.as_str()));
        is_ours.then_some(()).ok_or(Refused::ForeignHost)
    }

    fn is_ours(&self, host: &str) -> bool {
        let Some((name, port)) = host.rsplit_once(':') else {
            // A browser leaves out the usual port.
            return self.port == 80 && is_loopback(host);
        };
        is_loopback(name) && port == self.port.to_string()
    }

    /// Checks whether this is the token that opens once, and closes it.
    fn opens(&self, token: &str) -> bool {
        is_same(token, &self.opening) && !self.is_opened.swap(true, Ordering::Relaxed)
    }

    /// Checks whether a request has the cookie, or the token in a header, as programs send it.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let name = self.cookie_name();
        let is_cookie = |pair: &str| {
            let pair = pair.trim().split_once('=');
            pair.is_some_and(|(key, value)| key == name && is_same(value, &self.cookie))
        };
        let mut cookies = headers.get_all(header::COOKIE).iter();
        let has_cookie =
            cookies.any(|all| all.to_str().is_ok_and(|all| all.split(';').any(is_cookie)));
        let bearer = headers.get(header::AUTHORIZATION);
        let bearer = bearer.and_then(|value| value.to_str().ok()?.strip_prefix(BEARER));
        has_cookie || bearer.is_some_and(|token| is_same(token, &self.token))
    }

    fn cookie_name(&self) -> String {
        format!("git-presence-{}", self.port)
    }
}

fn is_loopback(name: &str) -> bool {
    name == "127.0.0.1" || name == "[::1]" || name.eq_ignore_ascii_case("localhost")
}

/// Returns the token of a URL.
fn token_of(uri: &Uri) -> Option<&str> {
    let mut parameters = uri.query()?.split('&');
    parameters.find_map(|parameter| parameter.strip_prefix(TOKEN))
}

/// Compares secrets in a time that does not tell how much of them is right.
fn is_same(given: &str, secret: &str) -> bool {
    blake3::hash(given.as_bytes()) == blake3::hash(secret.as_bytes())
}

#[cfg(test)]
mod tests;
