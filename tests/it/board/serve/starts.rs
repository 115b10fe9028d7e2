//! How it starts and ends.

use std::io::Write as _;
use std::net::TcpListener;

use super::{Server, seen};
use crate::said::holds;
use crate::world::{World, needs};

#[test]
fn the_url_is_printed_for_people_and_programs() {
    let world = World::new();
    let said = world.sh("git-presence serve > out & pid=$!\n\
         for n in $(seq 500); do grep -q token out && break; sleep 0.02; done\n\
         kill -TERM $pid; wait $pid; echo ended $?; cat out");
    said.says("ended 0")
        .says("http://127.0.0.1:")
        .says("/?token=");
    let server = Server::of(&world);
    holds(
        &server.url,
        &format!("http://127.0.0.1:{}/?token=", server.port),
    );
    assert_eq!(server.token().len(), 32, "128 bits: {}", server.url);
    let another = Server::of(&world);
    assert_ne!(server.token(), another.token());
    assert_ne!(server.cookie(), another.cookie());
}

#[test]
fn a_port_in_use_is_told_with_what_to_do() {
    let world = World::new();
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("a port").port();
    let said = world.alice(&format!("serve --port {port}"));
    said.exits(1)
        .tells(&format!("port {port} is in use by another process"))
        .tells("leave out --port");
    world.alice("serve --port 70000").exits(129);
    world.alice("serve --port x").exits(129);
    world.at("elsewhere").alice("serve").exits(128);
}

#[test]
fn it_ends_at_once_with_readers_and_without() {
    if !needs("kill") {
        return;
    }
    let world = World::new();
    for signal in ["TERM", "INT", "HUP"] {
        let mut server = Server::of(&world);
        let mut reader = server.follow(&[]);
        seen(&mut reader, "event: board");
        let mut half = server.connect();
        half.write_all(b"GET / HT").expect("sent");
        world
            .sh(&format!("kill -{signal} {}", server.child.id()))
            .done();
        let ended = server.child.wait().expect("it ends");
        assert_eq!(ended.code(), Some(0), "{signal}");
    }
}

#[test]
fn a_repository_that_is_away_for_a_moment_ends_nothing() {
    let world = World::new();
    world.alice("claim node:x -p one").done();
    let server = Server::of(&world);
    let mut reader = server.follow(&[]);
    seen(&mut reader, "data: 1");
    world
        .sh("mv .git away; touch away/refs/presence/sessions; sleep 0.3; mv away .git")
        .done();
    server.get("/").is(200, "node:x");
    world.bob("claim node:y -p two").done();
    seen(&mut reader, "node:y");
    while !server.get("/").body.contains("node:y") {
        seen(&mut reader, "event: board");
    }
}

/// As a pipe that no process reads any more: what started it is gone.
#[test]
fn it_ends_with_what_reads_its_answer() {
    let world = World::new();
    let mut server = Server::of(&world);
    drop(server.child.stdout.take());
    let ended = server.child.wait().expect("it ends");
    assert_eq!(ended.code(), Some(0));
}

#[test]
fn it_ends_with_its_terminal() {
    if !needs("script") {
        return;
    }
    let world = World::new();
    let said = world.sh(
        "touch typed; script -qfec 'echo $$ > pid; exec git-presence serve' typed </dev/null >/dev/null & script=$!\n\
         for n in $(seq 500); do grep -qa Ctrl-C typed && break; sleep 0.02; done\n\
         kill -KILL $script; wait $script\n\
         for n in $(seq 500); do kill -0 $(cat pid) 2>/dev/null || break; sleep 0.02; done\n\
         kill -0 $(cat pid) 2>/dev/null && echo runs; cat typed",
    );
    said.says("Ctrl-C ends it");
    assert!(!said.out.contains("runs"), "{}", said.out);
}

#[test]
fn a_browser_is_started_with_a_url_that_works_once() {
    let world = World::new();
    world.write("bin/xdg-open", "#!/bin/sh\necho \"$1\" > opened\n");
    world.sh("chmod +x bin/xdg-open").done();
    let said = world.sh(
        "PATH=$PWD/bin:$PATH git-presence serve --open > out & pid=$!\n\
         for n in $(seq 500); do [ -s opened ] && break; sleep 0.02; done\n\
         cat opened out; kill -TERM $pid; wait $pid",
    );
    let urls: Vec<&str> = said
        .out
        .lines()
        .filter(|line| line.contains("token"))
        .collect();
    assert_eq!(urls.len(), 2, "{}", said.out);
    assert_ne!(urls[0], urls[1], "other users may see the first");
    let none = world.sh(
        "PATH=$(dirname $(command -v git-presence)):/nowhere git-presence serve --open 2> err > out & pid=$!\n\
         for n in $(seq 500); do grep -q browser err && break; sleep 0.02; done\n\
         cat err; kill -TERM $pid; wait $pid",
    );
    none.prints("open the URL yourself");
}
