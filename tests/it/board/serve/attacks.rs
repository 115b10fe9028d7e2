//! Who is not answered, and what does no harm.

use std::io::{Read as _, Write as _};

use super::{PATIENCE, Reply, Server};
use crate::said::holds;
use crate::world::World;

/// A board that is served, with a claim on it that no stranger may see.
fn served() -> (World, Server) {
    let world = World::new();
    world.alice("claim node:secret-place -p upgrade").done();
    let server = Server::of(&world);
    (world, server)
}

#[test]
fn without_token_or_cookie_nothing_is_told() {
    let (_world, server) = served();
    let host = server.host();
    let port = server.port;
    let wrong = format!("Cookie: git-presence-{port}=00000000000000000000000000000000");
    for path in [
        "/",
        "/board",
        "/events",
        "/status.json",
        "/metrics",
        "/style.css",
        "/x",
    ] {
        for header in ["Accept: */*", &wrong, "Authorization: Bearer x"] {
            let reply = server.ask(&format!("GET {path}"), &[&host, header]);
            reply.is(401, "open the URL that was printed");
            assert_eq!(
                reply.header("content-type"),
                Some("text/plain; charset=utf-8")
            );
        }
    }
    for token in [
        "",
        "0",
        "00000000000000000000000000000000",
        "%00",
        "x&token=",
    ] {
        let reply = server.ask(&format!("GET /?token={token}"), &[&host]);
        reply.is(401, "the token is missing, wrong or used");
    }
}

#[test]
fn a_token_becomes_a_cookie_that_no_script_and_no_other_site_has() {
    let (_world, server) = served();
    let reply = server.ask(
        &format!("GET /?token={}", server.token()),
        &[&server.host()],
    );
    assert_eq!((reply.status, reply.header("location")), (303, Some("/")));
    let cookie = reply.header("set-cookie").expect("a cookie");
    holds(cookie, "; path=/; httponly; samesite=strict");
    assert!(!cookie.contains(server.token()), "it is another secret");
    server.get("/").is(200, "node:secret-place");
    let bearer = format!("Authorization: Bearer {}", server.token());
    let by_program = server.ask("GET /status.json", &[&server.host(), &bearer]);
    by_program.is(200, "\"resource\":\"node:secret-place\"");
}

/// A browser sends no such cookie on a redirect that began at another site.
#[test]
fn after_a_link_of_another_site_a_page_leads_on() {
    let (_world, server) = served();
    let line = format!("GET /?token={}", server.token());
    let reply = server.ask(&line, &[&server.host(), "Sec-Fetch-Site: cross-site"]);
    reply.is(200, "<meta http-equiv=\"refresh\" content=\"0; url=/\">");
    assert!(reply.header("set-cookie").is_some());
    assert!(!reply.body.contains(server.token()), "{}", reply.body);
}

/// DNS rebinding: the name of another site leads to this machine, and the browser has let its page
/// in under that name.
#[test]
fn other_names_of_this_machine_are_not_answered() {
    let (_world, server) = served();
    let cookie = server.cookie();
    let port = server.port;
    for host in [
        format!("evil.example:{port}"),
        "evil.example".to_owned(),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("0.0.0.0:{port}"),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{}", port ^ 1),
        String::new(),
    ] {
        let header = format!("Host: {host}");
        for line in [
            "GET /".to_owned(),
            format!("GET /?token={}", server.token()),
        ] {
            let reply = server.ask(&line, &[&header, &cookie]);
            reply.is(421, "this board is not served under that name");
            assert!(!reply.headers.contains("set-cookie"), "{host}");
        }
    }
    for host in [format!("localhost:{port}"), format!("[::1]:{port}")] {
        let reply = server.ask("GET /", &[&format!("Host: {host}"), &cookie]);
        reply.is(200, "node:secret-place");
    }
    let reply = server.ask("GET http://evil.example/", &[&server.host(), &cookie]);
    reply.is(421, "not served under that name");
    server.ask("GET /", &[&cookie]).is(400, "no Host");
    let twice = [server.host().as_str(), &server.host(), &cookie].map(str::to_owned);
    let twice: Vec<&str> = twice.iter().map(String::as_str).collect();
    server.ask("GET /", &twice).is(400, "no Host, or several");
}

#[test]
fn pages_of_other_sites_get_nothing() {
    let (_world, server) = served();
    let (host, cookie) = (server.host(), server.cookie());
    for origin in [
        "http://evil.example",
        "null",
        "https://127.0.0.1",
        "file://",
    ] {
        let origin = format!("Origin: {origin}");
        let reply = server.ask("GET /status.json", &[&host, &cookie, &origin]);
        reply.is(403, "a page of another site asked");
        assert!(
            !reply.headers.contains("access-control"),
            "{}",
            reply.headers
        );
    }
}

#[test]
fn it_only_shows() {
    let (world, server) = served();
    let (host, cookie) = (server.host(), server.cookie());
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
        for path in ["/", "/status.json", "/events"] {
            let length = "Content-Length: 0";
            let reply = server.ask(&format!("{method} {path}"), &[&host, &cookie, length]);
            reply.is(405, "this board only shows");
            assert_eq!(reply.header("allow"), Some("get, head"));
        }
    }
    let body = format!(
        "POST /release HTTP/1.1\r\n{host}\r\n{cookie}\r\nContent-Length: 3\r\nConnection: close\r\n\r\na=b"
    );
    Reply::of(&server.send(body.as_bytes())).is(405, "only shows");
    world.alice("list").says("node:secret-place");
}

#[test]
fn paths_lead_nowhere_but_to_its_pages() {
    let (_world, server) = served();
    for path in [
        "/../../../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/.git/config",
        "/style.css/../../x",
        "/board/",
        "//",
        "/status.json%00.html",
        "/\\..\\..\\windows",
        "/board;x",
        "/STATUS.JSON",
    ] {
        server.get(path).is(404, "there is no such page");
    }
    server
        .get("/status.json?x=%00../..&y")
        .is(200, "session_id");
}

#[test]
fn every_answer_forbids_what_a_browser_would_do_with_it() {
    let (_world, server) = served();
    let (host, cookie) = (server.host(), server.cookie());
    for (line, status) in [
        ("GET /", 200),
        ("HEAD /", 200),
        ("GET /status.json", 200),
        ("HEAD /events", 200),
        ("GET /style.css", 200),
        ("GET /board.js", 200),
        ("GET /icon.svg", 200),
        ("GET /metrics", 200),
        ("GET /nowhere", 404),
        ("POST /", 405),
    ] {
        let reply = server.ask(line, &[&host, &cookie]);
        assert_eq!(reply.status, status, "{line}");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{line}");
        }
        let policy = reply.header("content-security-policy").expect("a policy");
        holds(policy, "default-src 'self'");
        holds(policy, "frame-ancestors 'none'");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(!reply.headers.contains("access-control"), "{line}");
        if line.starts_with("HEAD") {
            assert_eq!(reply.body, "", "{line}");
        }
    }
}

#[test]
fn what_others_wrote_stays_text() {
    let world = World::new();
    let hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>&amp;'\\\"><!--";
    world
        .bob(&format!("claim node:x -p \"{}\"", hostile.replace('"', "")))
        .done();
    world
        .bob("claim custom:</td><script>x</script> -p y")
        .done();
    let server = Server::of(&world);
    let page = server.get("/");
    page.is(
        200,
        "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;&amp;amp;",
    );
    // Names of others are quoted, as everywhere.
    holds(
        &page.body,
        "&quot;custom:‹/td&gt;‹script&gt;x‹/script&gt;&quot;",
    );
    let tags = page.body.matches("<script").count();
    assert_eq!(tags, 1, "its own script alone: {}", page.body);
    assert!(!page.body.contains("<img"), "{}", page.body);
    // A browser applies no style and runs no script but those of the server.
    for inline in [" style=", " onclick", " onload", "javascript:"] {
        assert!(!page.body.contains(inline), "{inline}");
    }
    let json = server.get("/status.json");
    assert_eq!(json.header("content-type"), Some("application/json"));
}

#[test]
fn garbage_ends_its_own_connection_only() {
    let (_world, server) = served();
    let many =
        format!("GET / HTTP/1.1\r\n{}\r\n", server.host()) + &"X-A: b\r\n".repeat(100) + "\r\n";
    let huge = format!("GET / HTTP/1.1\r\nX-A: {}\r\n\r\n", "a".repeat(100_000));
    let long = format!(
        "GET /{} HTTP/1.1\r\n{}\r\n\r\n",
        "a".repeat(100_000),
        server.host()
    );
    for (bytes, status) in [
        (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03garbage\r\n\r\n".to_vec(),
            400,
        ),
        (b"\0\0\0\0\r\n\r\n".to_vec(), 400),
        (b"GET / HTTP/9.9\r\n\r\n".to_vec(), 400),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n".to_vec(), 400),
        (b"GET /\xff HTTP/1.1\r\n\r\n".to_vec(), 400),
        (many.into_bytes(), 431),
        (huge.into_bytes(), 431),
        (long.into_bytes(), 431),
    ] {
        let shown = bytes[..bytes.len().min(40)].escape_ascii().to_string();
        let reply = Reply::of(&server.send(&bytes));
        // A socket that is closed before all was read may lose its answer.
        let is_cut = bytes.len() > 16_000 && reply.status == 0;
        assert!(
            is_cut || reply.status / 100 == 4,
            "{shown}: {}",
            reply.headers
        );
        assert!(
            is_cut || reply.status == status || reply.status == 414,
            "{shown}: {}",
            reply.status
        );
        assert!(!reply.body.contains("secret-place"), "{shown}");
    }
    // One that speaks another version is not answered at all.
    let other = server.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert_eq!(other.escape_ascii().to_string(), "");
    server.get("/").is(200, "node:secret-place");
}

/// Two requests in one, so that a proxy and a server would see others: one of them has no cookie.
#[test]
fn a_request_that_is_smuggled_in_is_judged_by_itself() {
    let (_world, server) = served();
    let (host, cookie) = (server.host(), server.cookie());
    let smuggled = format!(
        "GET /icon.svg HTTP/1.1\r\n{host}\r\n{cookie}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n\
         0\r\n\r\nGET /status.json HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n"
    );
    let answer = server.send(smuggled.as_bytes());
    let answer = String::from_utf8_lossy(&answer);
    assert!(!answer.contains("secret-place"), "{answer}");
}

#[test]
fn one_that_sends_slowly_holds_up_no_other() {
    let (_world, server) = served();
    let mut slow = server.connect();
    slow.write_all(b"GET / HTTP/1.1\r\nHo").expect("it is sent");
    server.get("/").is(200, "node:secret-place");
    // It is not waited for longer than a header may take.
    slow.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let mut answer = Vec::new();
    let ended = slow.read_to_end(&mut answer);
    assert!(ended.is_ok(), "{ended:?}");
}
