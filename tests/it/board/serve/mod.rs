//! `serve`: the board in a browser, to this machine alone.
//!
//! Owns [`Server`], a process that serves the board of a world, and the plain sockets with which it
//! is asked: a client of a library would not send what an attacker sends.

mod attacks;
mod crowd;
mod pages;
mod starts;
mod stream;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::said::holds;
use crate::world::World;

/// What does not come for so long never comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that serves a board. It ends with this value.
struct Server {
    child: Child,
    port: u16,
    url: String,
}

/// What a request was answered.
struct Reply {
    status: u16,
    /// In small letters, a line each.
    headers: String,
    body: String,
}

impl Server {
    /// Starts one for the session of Alice, and waits until it can be asked.
    fn of(world: &World) -> Self {
        let mut command = world.command("git-presence");
        command
            .args(["serve", "--json"])
            .env("GIT_PRESENCE_SESSION", "wizard@devvm@alice")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        let out = child.stdout.as_mut().expect("its answer");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("a line");
        let said: Value = serde_json::from_str(&line).expect("JSON");
        let port = said["port"].as_u64().expect("a port");
        Self {
            child,
            port: port.try_into().expect("a port"),
            url: said["url"].as_str().expect("a URL").to_owned(),
        }
    }

    fn host(&self) -> String {
        format!("Host: 127.0.0.1:{}", self.port)
    }

    fn token(&self) -> &str {
        let (_, token) = self.url.split_once("/?token=").expect("a token");
        token
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        stream
    }

    /// The cookie that the printed URL gives.
    fn cookie(&self) -> String {
        let reply = self.ask(&format!("GET /?token={}", self.token()), &[&self.host()]);
        assert_eq!(reply.status, 303, "{}", reply.headers);
        let cookie = reply.header("set-cookie").expect("a cookie");
        let (cookie, _) = cookie.split_once(';').expect("attributes");
        format!("Cookie: {cookie}")
    }

    /// Sends a line and these headers, and reads the whole answer.
    fn ask(&self, line: &str, headers: &[&str]) -> Reply {
        let mut request = format!("{line} HTTP/1.1\r\n");
        for header in headers {
            request.push_str(header);
            request.push_str("\r\n");
        }
        request.push_str("Connection: close\r\n\r\n");
        Reply::of(&self.send(request.as_bytes()))
    }

    /// The same as a browser that was let in.
    fn get(&self, path: &str) -> Reply {
        self.ask(&format!("GET {path}"), &[&self.host(), &self.cookie()])
    }

    /// Sends bytes, and reads until the server ends the connection.
    fn send(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        // It may end the connection before it has read all.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    /// Opens the stream, and returns what reads its lines.
    fn follow(&self, headers: &[&str]) -> BufReader<TcpStream> {
        let (host, cookie) = (self.host(), self.cookie());
        let mut request = format!("GET /events HTTP/1.1\r\n{host}\r\n{cookie}\r\n");
        for header in headers {
            request.push_str(header);
            request.push_str("\r\n");
        }
        let mut stream = self.connect();
        write!(stream, "{request}\r\n").expect("it is sent");
        BufReader::new(stream)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Reply {
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        Self {
            status: status.unwrap_or(0),
            headers: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    #[track_caller]
    fn is(&self, status: u16, text: &str) {
        assert_eq!(self.status, status, "{}\n{}", self.headers, self.body);
        holds(&self.body, text);
    }
}

/// Reads on until a line has this text.
fn seen(lines: &mut BufReader<TcpStream>, text: &str) -> String {
    let mut read = String::new();
    loop {
        let mut line = String::new();
        let bytes = lines.read_line(&mut line);
        assert!(bytes.is_ok_and(|bytes| bytes > 0), "no {text}: {read}");
        read.push_str(&line);
        if line.contains(text) {
            return read;
        }
    }
}
