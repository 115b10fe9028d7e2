//! Who is let in, as tables.
//!
//! Owns the requests of strangers, of pages of other sites, and of those who may ask.

use super::*;

const COOKIE: &str = "git-presence-4321=03030303030303030303030303030303";
const TOKEN_URL: &str = "/?token=01010101010101010101010101010101";
const OPENING_URL: &str = "/?token=02020202020202020202020202020202";

fn gate(port: u16) -> Gate {
    Gate::new(port, [1, 2, 3].map(|byte| RandomId::from_bytes([byte; 16])))
}

/// The entry of `GET uri`, or of another method, with these lines of a header.
fn entry(gate: &Gate, line: &str, headers: &[&str]) -> Entry {
    let (method, uri) = line.split_once(' ').unwrap_or(("GET", line));
    let mut request = Request::builder().method(method).uri(uri);
    for line in headers {
        let (name, value) = line.split_once(": ").expect("a header");
        request = request.header(name, value);
    }
    gate.judge(&request.body(()).expect("a request"))
}

#[test]
fn only_names_of_this_machine_with_the_port_are_answered() {
    let gate = gate(4321);
    let cookie = format!("Cookie: {COOKIE}");
    for (host, wanted) in [
        ("127.0.0.1:4321", None),
        ("localhost:4321", None),
        ("LocalHost:4321", None),
        ("[::1]:4321", None),
        ("127.0.0.1", Some(Refused::ForeignHost)),
        ("127.0.0.1:80", Some(Refused::ForeignHost)),
        ("127.0.0.1:04321", Some(Refused::ForeignHost)),
        ("127.0.0.1:4321.", Some(Refused::ForeignHost)),
        ("127.0.0.1.:4321", Some(Refused::ForeignHost)),
        ("127.0.0.2:4321", Some(Refused::ForeignHost)),
        ("0.0.0.0:4321", Some(Refused::ForeignHost)),
        ("::1:4321", Some(Refused::ForeignHost)),
        ("localhost.evil.example:4321", Some(Refused::ForeignHost)),
        ("evil.example:4321", Some(Refused::ForeignHost)),
        ("evil@127.0.0.1:4321", Some(Refused::ForeignHost)),
        ("", Some(Refused::ForeignHost)),
    ] {
        let entry = entry(&gate, "/", &[&format!("Host: {host}"), &cookie]);
        let wanted = wanted.map_or(Entry::Enters(Page::Whole), Entry::Stays);
        assert_eq!(entry, wanted, "{host:?}");
    }
    let host = "Host: 127.0.0.1:4321";
    let foreign = "http://evil.example:4321/";
    for (line, headers, wanted) in [
        ("/", vec![cookie.as_str()], Refused::NoHost),
        ("/", vec![host, host, &cookie], Refused::NoHost),
        (foreign, vec![host, &cookie], Refused::ForeignHost),
    ] {
        assert_eq!(entry(&gate, line, &headers), Entry::Stays(wanted), "{line}");
    }
}

#[test]
fn the_usual_port_may_be_left_out() {
    let gate = gate(80);
    let cookie = "Cookie: git-presence-80=03030303030303030303030303030303";
    for host in ["Host: localhost", "Host: [::1]:80"] {
        let entry = entry(&gate, "/", &[host, cookie]);
        assert_eq!(entry, Entry::Enters(Page::Whole), "{host}");
    }
}

#[test]
fn a_token_is_changed_for_a_cookie() {
    let gate = gate(4321);
    let host = "Host: localhost:4321";
    let admitted = |page, by_link| Entry::Admitted { page, by_link };
    let whole = admitted(Page::Whole, false);
    assert_eq!(entry(&gate, TOKEN_URL, &[host]), whole);
    assert_eq!(entry(&gate, TOKEN_URL, &[host]), whole);
    let linked = entry(&gate, TOKEN_URL, &[host, "Sec-Fetch-Site: cross-site"]);
    assert_eq!(linked, admitted(Page::Whole, true));
    let status = TOKEN_URL.replace("/?", "/status.json?a=b&");
    assert_eq!(
        entry(&gate, &status, &[host]),
        admitted(Page::Status, false)
    );
    let nowhere = TOKEN_URL.replace("/?", "/nowhere?");
    let nowhere = entry(&gate, &nowhere, &[host]);
    assert_eq!(nowhere, Entry::Stays(Refused::NoPage));
    assert!(gate.url().ends_with(TOKEN_URL), "{}", gate.url());
    assert!(gate.set_cookie().starts_with(COOKIE));
}

#[test]
fn what_starts_a_browser_works_once() {
    let gate = gate(4321);
    let host = "Host: localhost:4321";
    assert!(gate.opening_url().ends_with(OPENING_URL));
    let first = entry(&gate, OPENING_URL, &[host]);
    assert!(matches!(first, Entry::Admitted { .. }), "{first:?}");
    let again = entry(&gate, OPENING_URL, &[host]);
    assert_eq!(again, Entry::Stays(Refused::Unknown));
}

#[test]
fn without_token_and_cookie_nothing_is_told() {
    let gate = gate(4321);
    let wrong = "Cookie: git-presence-4321=03030303030303030303030303030304";
    let of_another = "Cookie: git-presence-4322=03030303030303030303030303030303";
    let as_token = "Cookie: git-presence-4321=01010101010101010101010101010101";
    let as_bearer = "Authorization: Bearer 03030303030303030303030303030303";
    for (line, header) in [
        ("/", "Accept: */*"),
        ("/nowhere", "Accept: */*"),
        ("/status.json", "Accept: */*"),
        ("/", wrong),
        ("/", of_another),
        ("/", as_token),
        ("/", as_bearer),
        ("/?token=", COOKIE),
        ("/?token=03030303030303030303030303030303", COOKIE),
        ("/?Token=01010101010101010101010101010101", "Accept: */*"),
    ] {
        let header = match header == COOKIE {
            true => format!("Cookie: {COOKIE}"),
            false => header.to_owned(),
        };
        let entry = entry(&gate, line, &["Host: localhost:4321", &header]);
        assert_eq!(entry, Entry::Stays(Refused::Unknown), "{line} {header}");
    }
    let among_others = format!("Cookie: a=b; {COOKIE}; c");
    let bearer = "Authorization: Bearer 01010101010101010101010101010101";
    for header in [among_others.as_str(), bearer] {
        let entry = entry(&gate, "/metrics", &["Host: localhost:4321", header]);
        assert_eq!(entry, Entry::Enters(Page::Metrics), "{header}");
    }
}

#[test]
fn pages_of_other_sites_and_what_changes_something_stay_outside() {
    let gate = gate(4321);
    let (host, cookie) = ("Host: localhost:4321", format!("Cookie: {COOKIE}"));
    for (line, header, wanted) in [
        ("GET /", "Origin: http://evil.example", Refused::ForeignPage),
        ("GET /", "Origin: null", Refused::ForeignPage),
        (
            "GET /",
            "Origin: https://localhost:4321",
            Refused::ForeignPage,
        ),
        (
            "GET /",
            "Origin: http://localhost:4322",
            Refused::ForeignPage,
        ),
        ("POST /", "Accept: */*", Refused::Method),
        ("PUT /", "Accept: */*", Refused::Method),
        ("DELETE /", "Accept: */*", Refused::Method),
        (
            "OPTIONS /",
            "Origin: http://localhost:4321",
            Refused::Method,
        ),
        ("TRACE /", "Accept: */*", Refused::Method),
        ("BREW /", "Accept: */*", Refused::Method),
        ("GET /nowhere", "Accept: */*", Refused::NoPage),
    ] {
        let entry = entry(&gate, line, &[host, &cookie, header]);
        assert_eq!(entry, Entry::Stays(wanted), "{line} {header}");
    }
    let entry = entry(
        &gate,
        "HEAD /events",
        &[host, &cookie, "Origin: http://localhost:4321"],
    );
    assert_eq!(entry, Entry::Enters(Page::Events));
}
