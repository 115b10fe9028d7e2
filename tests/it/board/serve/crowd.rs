//! Many connections, and readers that do not read.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::{Reply, Server, seen};
use crate::world::World;

#[test]
fn of_a_thousand_connections_those_without_a_place_are_told_so() {
    let world = World::new();
    world.alice("claim node:x -p upgrade").done();
    let server = Server::of(&world);
    let cookie = server.cookie();
    // A machine may allow a process fewer.
    let open = |_| TcpStream::connect(("127.0.0.1", server.port)).ok();
    let held: Vec<TcpStream> = (0..1000).map_while(open).collect();
    assert!(held.len() > 300, "{}", held.len());
    let reply = server.ask("GET /", &[&server.host(), &cookie]);
    let is_full = reply.status == 503 && reply.body.contains("too many connections");
    assert!(
        is_full || reply.status == 0,
        "{} {}",
        reply.status,
        reply.body
    );
    let mut told = 0;
    for stream in held.iter().skip(256) {
        let mut stream = stream;
        stream.set_nonblocking(true).expect("a socket");
        let mut text = [0; 512];
        let read = stream.read(&mut text).unwrap_or(0);
        told += usize::from(Reply::of(&text[..read]).status == 503);
    }
    assert!(told > 0, "none was told");
    drop(held);
    // Those that are gone leave their places.
    let again = (0..200).any(|_| server.ask("GET /", &[&server.host(), &cookie]).status == 200);
    assert!(again);
}

#[test]
fn a_hundred_readers_and_some_that_do_not_read() {
    let world = World::new();
    let server = Server::of(&world);
    let mut readers: Vec<_> = (0..100).map(|_| server.follow(&[])).collect();
    // These say what they want and never take it.
    let (host, cookie) = (server.host(), server.cookie());
    let deaf: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = server.connect();
            let request = format!("GET / HTTP/1.1\r\n{host}\r\n{cookie}\r\n\r\n");
            stream
                .write_all(request.repeat(50).as_bytes())
                .expect("sent");
            stream
        })
        .collect();
    for reader in &mut readers {
        seen(reader, "event: board");
    }
    world.bob("claim node:x -p two").done();
    for reader in &mut readers {
        seen(reader, "node:x");
    }
    let rss = procfs::process::Process::new(i32::try_from(server.child.id()).expect("a pid"))
        .and_then(|process| process.status())
        .expect("its state")
        .vmrss
        .expect("its memory");
    // A debug build has more of everything; the benchmark knows the limit.
    assert!(rss < 120 << 10, "{rss} KiB");
    drop(deaf);
    server.get("/").is(200, "node:x");
}
