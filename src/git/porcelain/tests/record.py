#!/usr/bin/env python3
"""Record what `git` prints, for the tests next to this file.

    record.py <git> [<folder with sshd>]  >recorded/<version>.txt

Makes throw-away repositories and servers on loopback, provokes each outcome once and prints the
exit code, stdout and stderr of each command, with folders, ports and process ids normalised.
Identities and dates are fixed, so that object ids are the same at each run. Needs root only for
the one case of a repository that another user owns. Without sshd the `ssh-` cases that need one
are left out; the http ones are left out where git has no http.
"""

import http.server
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

GIT = os.path.abspath(sys.argv[1])
SSHD = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
ROOT = pathlib.Path(tempfile.mkdtemp(prefix="record-"))
BIN = ROOT / "bin"
REF = "refs/presence/sessions/"
ENV = {
    "PATH": f"{BIN}:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": str(ROOT / "home"),
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
    "GIT_SSH_COMMAND": "ssh -F /dev/null -o BatchMode=yes -o ConnectTimeout=5",
    "GIT_SSH_VARIANT": "ssh",
}
PORTS = {}


def run(*args, cwd=None, check=True, data=None):
    done = subprocess.run(
        [GIT, *map(str, args)], cwd=cwd or ROOT, env=ENV, input=data, capture_output=True)
    if check and done.returncode:
        sys.exit(f"git {args}: {done.stderr.decode()}")
    return done.stdout.decode().strip()


def normal(text):
    text = text.replace(str(ROOT), "/srv")
    for port, name in PORTS.items():
        text = text.replace(f":{port}", f":{name}").replace(f"port {port}", f"port {name}")
    text = re.sub(r"after \d+ ms", "after 0 ms", text)
    text = re.sub(r"incoming-\w+|tmp_objdir-incoming-\w+", "incoming", text)
    text = re.sub(r"SHA256:[\w+/]+", "SHA256:x", text)
    # The list of all options says nothing new.
    return re.sub(r"(?ms)^usage: .*", "usage: and so on\n", text)


def show(stream, raw):
    text = normal(raw.decode("utf-8", "backslashreplace"))
    assert not text or text.endswith("\n"), text
    for line in text.split("\n")[:-1]:
        mark = "r" if line.endswith("\r") else ""
        print(f"{stream}{mark}|{line.removesuffix(chr(13))}")


def case(name, *args, cwd=None, env=None, kill_after=None):
    """Run git and print what it said under the heading `name`."""
    child = subprocess.Popen(
        [GIT, *map(str, args)], cwd=cwd or ROOT / "work", env=ENV | (env or {}),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True)
    try:
        out, err = child.communicate(timeout=kill_after or 30)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        out, err = child.communicate()
    print(f"=== {name}")
    print("$ git " + normal(" ".join(map(str, args))))
    print(f"exit {child.returncode}" if child.returncode >= 0 else f"signal {-child.returncode}")
    show(1, out)
    show(2, err)


def push(name, remote, *args, **more):
    case(name, "push", "--porcelain", "--no-verify", *args[:args.index("--") if "--" in args else 0],
         remote, *args[args.index("--") + 1 if "--" in args else 0:], **more)


def lease(ref, old=""):
    return f"--force-with-lease={REF}{ref}:{old}"


def commit(text, *parents, cwd=None):
    cwd = cwd or ROOT / "work"
    blob = run("hash-object", "-w", "--stdin", cwd=cwd, data=text.encode())
    tree = run("mktree", cwd=cwd, data=f"100644 blob {blob}\tsession.toml\n".encode())
    parents = [word for parent in parents for word in ("-p", parent)]
    return run("commit-tree", tree, *parents, "-m", text, cwd=cwd)


def remote(name, **refs):
    """A bare repository that holds the objects of `work` and the refs given."""
    path = ROOT / f"{name}.git"
    shutil.rmtree(path, ignore_errors=True)
    run("init", "-q", "--bare", path)
    for ref, oid in refs.items():
        run("push", "-q", path, f"{oid}:{REF}{ref}", cwd=ROOT / "work")
    run("push", "-q", path, f"{A}:refs/keep/a", f"{B}:refs/keep/b", f"{X}:refs/keep/x",
        cwd=ROOT / "work")
    return path


def hook(path, name, script):
    file = path / "hooks" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def pushes():
    r = remote("r")
    push("create", r, lease("a"), "--", f"{A}:{REF}a")
    push("fast-forward", r, lease("a", A), "--", f"{B}:{REF}a")
    push("forced", r, lease("a", B), "--", f"{X}:{REF}a")
    push("forced-to-older", r, lease("a", X), "--", f"+{A}:{REF}a")
    push("stale", r, lease("a", B), "--", f"{X}:{REF}a")
    push("stale-create", r, lease("a"), "--", f"{B}:{REF}a")
    push("up-to-date", r, lease("a", A), "--", f"{A}:{REF}a")
    push("same-id-create", r, lease("a"), "--", f"{A}:{REF}a")
    push("delete", r, lease("a", A), "--", f":{REF}a")
    push("delete-stale", remote("r", a=B), lease("a", A), "--", f":{REF}a")
    push("delete-absent", remote("r"), lease("a", A), "--", f":{REF}a")
    push("not-forward", remote("r", a=B), "--", f"{X}:{REF}a")
    r = remote("r")
    y = commit("y", X, cwd=other())
    run("push", "-q", r, f"{y}:{REF}a", cwd=ROOT / "other")
    push("fetch-first", r, "--", f"{B}:{REF}a")
    push("many", remote("r", a=A, b=A, c=B, d=A, e=A),
         lease("a", A), lease("b", A), lease("c", A), lease("d", A), lease("e", A), lease("f"), "--",
         f"{B}:{REF}a", f"{X}:{REF}b", f"{X}:{REF}c", f"{A}:{REF}d", f":{REF}e", f"{A}:{REF}f")
    push("by-name", remote("r"), "--", f"refs/heads/main:{REF}a")
    push("quiet", remote("r"), "--quiet", "--", f"{A}:{REF}a")
    push("dry-run", remote("r"), "--dry-run", "--", f"{A}:{REF}a")
    push("no-source", remote("r"), "--", f"refs/heads/nothing:{REF}a")
    push("nothing-in-common", remote("r"), "--", "refs/nothing/*:refs/nothing/*")
    push("bad-target", remote("r"), "--", f"{A}:refs/presence/a..b")


def refusals():
    r = remote("r")
    hook(r, "pre-receive", "echo no claims here, Connection refused >&2; exit 1")
    push("pre-receive", r, "--", f"{A}:{REF}a")
    r = remote("r")
    hook(r, "update", "test $1 != refs/presence/sessions/b")
    push("update-hook", r, "--", f"{A}:{REF}a", f"{A}:{REF}b")
    push("atomic-update-hook", r, "--atomic", "--", f"{B}:{REF}a", f"{B}:{REF}b")
    r = remote("r", a=A)
    run("config", "receive.hideRefs", "refs/presence", cwd=r)
    push("hidden", r, "--", f"{B}:{REF}b")
    push("hidden-delete", r, "--", f":{REF}a")
    push("funny", remote("r"), "--", f"{A}:refs/funny")
    r = remote("r")
    run("config", "receive.denyNonFastForwards", "true", cwd=r)
    run("config", "receive.denyDeletes", "true", cwd=r)
    run("push", "-q", r, f"{B}:refs/heads/x", cwd=ROOT / "work")
    push("deny-rewind", r, f"--force-with-lease=refs/heads/x:{B}", "--", f"{X}:refs/heads/x")
    push("deny-delete", r, "--", ":refs/heads/x")
    r = remote("r")
    run("config", "receive.fsckObjects", "true", cwd=r)
    tree = run("mktree", cwd=ROOT / "work",
               data=f"040000 tree {run('rev-parse', A + '^{tree}', cwd=ROOT / 'work')}\t.git\n".encode())
    bad = run("commit-tree", tree, "-m", "bad", cwd=ROOT / "work")
    push("fsck", r, "--", f"{bad}:{REF}a")
    push("below-a-ref", remote("r", a=A), "--", f"{A}:{REF}a/b")
    r = remote("r")
    hook(r, "pre-receive", "printf '\\033[31mred\\033[0m\\ttab\\n' >&2; exit 1")
    push("colours", r, "--", f"{A}:{REF}a")
    r = remote("r")
    run("config", "receive.procReceiveRefs", "refs/for", cwd=r)
    push("proc-receive-missing", r, "--", f"{A}:refs/for/main")


def races():
    moves = f"test $1 = {REF}a || exit 0; git update-ref $1 "
    r = remote("r", a=A)
    hook(r, "update", moves + X)
    push("race", r, lease("a", A), "--", f"{B}:{REF}a", f"{B}:{REF}b")
    r = remote("r")
    hook(r, "update", moves + X)
    push("race-create", r, lease("a"), "--", f"{B}:{REF}a")
    r = remote("r", a=A)
    hook(r, "update", moves + X)
    push("race-delete", r, lease("a", A), "--", f":{REF}a")
    r = remote("r", a=A)
    hook(r, "update", f"test $1 = {REF}a || exit 0; git update-ref -d $1")
    push("race-gone", r, lease("a", A), "--", f"{B}:{REF}a")
    r = remote("r", a=A)
    hook(r, "update", moves + X)
    push("atomic-race", r, "--atomic", lease("a", A), lease("b"), "--", f"{B}:{REF}a", f"{B}:{REF}b")
    r = remote("r", a=A)
    push("atomic-stale", r, "--atomic", lease("a", B), lease("b"), "--", f"{X}:{REF}a", f"{B}:{REF}b")
    r = remote("r", a=A)
    (r / REF / "a.lock").touch()
    push("locked", r, lease("a", A), "--", f"{B}:{REF}a")
    r = remote("r")
    run("config", "receive.advertiseAtomic", "false", cwd=r)
    push("no-atomic", r, "--atomic", "--", f"{A}:{REF}a")


def cut():
    r = remote("r")
    hook(r, "pre-receive", "kill -9 $PPID")
    push("cut-before", r, "--", f"{A}:{REF}a")
    r = remote("r")
    hook(r, "reference-transaction", "test $1 != committed || kill -9 $PPID")
    push("cut-after", r, "--", f"{A}:{REF}a")
    r = remote("r")
    hook(r, "pre-receive", "sleep 30")
    push("killed", r, "--", f"{A}:{REF}a", kill_after=1)
    push("garbage", remote("r"), "--receive-pack=echo hello; true", "--", f"{A}:{REF}a")
    push("no-program", remote("r"), "--receive-pack=/nowhere/git-receive-pack", "--", f"{A}:{REF}a")
    r = remote("r")
    (r / "objects").rename(r / "away")
    (r / "objects").write_text("")
    push("broken-remote", r, "--", f"{A}:{REF}a")


def several():
    def two(*urls):
        run("config", "--unset-all", "remote.two.pushurl", check=False, cwd=ROOT / "work")
        run("config", "remote.two.url", urls[0], cwd=ROOT / "work")
        for url in urls:
            run("config", "--add", "remote.two.pushurl", url, cwd=ROOT / "work")
        return "two"
    push("two-urls", two(remote("one"), remote("two")), "--", f"{A}:{REF}a")
    push("two-urls-first-stale", two(remote("one", a=B), remote("two")), lease("a"), "--", f"{A}:{REF}a")
    push("two-urls-second-missing", two(remote("one"), ROOT / "none.git"), "--", f"{A}:{REF}a")
    push("two-urls-first-missing", two(ROOT / "none.git", remote("two")), "--", f"{A}:{REF}a")
    r = remote("two")
    run("config", "receive.advertiseAtomic", "false", cwd=r)
    push("two-urls-second-no-atomic", two(remote("one"), r), "--atomic", "--", f"{A}:{REF}a")


def repositories():
    refspec = "+refs/presence/*:refs/presence-remote/origin/*"
    for verb, args in VERBS:
        case(f"{verb}-missing", *args(ROOT / "none.git"))
        case(f"{verb}-no-such-remote", *args("nowhere"))
    args = VERBS[0][1]
    case("push-protocol-off", "-c", "protocol.file.allow=never", *args(remote("r")))
    sha256 = ROOT / "sha256"
    run("init", "-q", "--object-format=sha256", sha256)
    a = commit("a", cwd=sha256)
    r = remote("r", a=A)
    push("hash-mismatch", r, "--", f"{a}:{REF}a", cwd=sha256)
    case("fetch-hash-mismatch", "fetch", "--no-tags", r, refspec, cwd=sha256)
    case("ls-remote-other-hash", "ls-remote", r, "refs/presence/*", cwd=sha256)
    r = ROOT / "r256.git"
    run("init", "-q", "--bare", "--object-format=sha256", r)
    push("sha256-create", r, "--", f"{a}:{REF}a", cwd=sha256)
    case("sha256-ls-remote", "ls-remote", "--refs", r, "refs/presence/*", cwd=sha256)
    if os.getuid() == 0:
        r = remote("r", a=A)
        os.chown(r, 1234, 1234)
        case("push-dubious-owner", *VERBS[0][1](r))


def fetches():
    refspec = "+refs/presence/*:refs/presence-remote/origin/*"
    flags = ["fetch", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance",
             "--no-recurse-submodules", "--refmap=", "--prune", "--atomic", "--porcelain"]
    r = remote("r", a=A, b=A, c=A, d=A)
    case("fetch-new", *flags, r, refspec)
    run("push", "-q", "--force", r, f"{B}:{REF}a", f"{X}:{REF}b", f":{REF}d", f"{A}:{REF}e",
        cwd=ROOT / "work")
    case("fetch-changed", *flags, "--verbose", r, refspec)
    case("fetch-same", *flags, r, refspec)
    run("push", "-q", "--force", r, f"{A}:{REF}a", cwd=ROOT / "work")
    case("fetch-refused", *flags, r, refspec[1:])
    case("fetch-forced", *flags, r, refspec)
    run("push", "-q", "--force", r, f"{X}:{REF}a", cwd=ROOT / "work")
    lock = ROOT / "work/.git/refs/presence-remote/origin/sessions/a.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    case("fetch-locked-atomic", *flags, r, refspec)
    case("fetch-locked", *[flag for flag in flags if flag != "--atomic"], r, refspec)
    lock.unlink()
    case("fetch-quiet", *flags, "--quiet", r, refspec)
    case("fetch-without-target", "fetch", "--no-tags", "--porcelain", r, f"{REF}a")
    case("fetch-absent", "fetch", "--no-tags", "--porcelain", r, f"{REF}zzz")
    case("fetch-human", "fetch", "--no-tags", r, "+refs/presence/*:refs/presence-remote/two/*")


def listings():
    r = remote("r", a=A, b=B)
    run("push", "-q", r, f"{A}:refs/heads/refs/presence/x", "refs/tags/t:refs/presence/tag",
        cwd=ROOT / "work")
    case("ls-remote", "ls-remote", r, "refs/presence/*")
    case("ls-remote-refs", "ls-remote", "--refs", r, "refs/presence/*")
    case("ls-remote-none", "ls-remote", "--refs", r, "refs/nothing/*")


def serve():
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def say(self, code, *headers):
            self.send_response(code)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def hang_up(self):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def do_GET(self):
            part = self.path.split("/")[1]
            if part.isdigit():
                basic = [("WWW-Authenticate", 'Basic realm="x"')] if part == "401" else []
                return self.say(int(part), *basic)
            if part == "silent":
                time.sleep(3)
                return self.hang_up()
            length = self.headers.get("Content-Length")
            body = self.rfile.read(int(length)) if length else b""
            if self.headers.get("Transfer-Encoding") == "chunked":
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            if self.command == "POST" and part.startswith("post-"):
                if part[5:].isdigit():
                    return self.say(int(part[5:]))
                if part == "post-after":
                    self.backend(body)
                return self.hang_up()
            head, _, rest = self.backend(body).partition(b"\r\n\r\n")
            fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
            code = next((int(v.split()[0]) for k, v in fields if k == "Status"), 200)
            self.send_response(code)
            for name, value in fields:
                if name != "Status":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest)

        do_POST = do_GET

        def backend(self, body):
            path, _, query = self.path.partition("?")
            env = {
                **ENV, "GIT_PROJECT_ROOT": str(ROOT), "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": self.command, "QUERY_STRING": query,
                "PATH_INFO": "/" + path.split("/", 2)[2], "REMOTE_USER": "a", "REMOTE_ADDR": "::1",
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            return subprocess.run([GIT, "http-backend"], input=body, env=env,
                                  capture_output=True).stdout

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    PORTS[server.server_port] = 8080
    return f"http://127.0.0.1:{server.server_port}"


def refused_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    PORTS[port] = 9
    return port


VERBS = [
    ("push", lambda url: ["push", "--porcelain", "--no-verify", url, f"{A}:{REF}a"]),
    ("fetch", lambda url: ["fetch", "--no-tags", url, "+refs/presence/*:refs/presence-remote/o/*"]),
    ("ls-remote", lambda url: ["ls-remote", "--refs", url, "refs/presence/*"]),
]


def http_cases():
    if not (pathlib.Path(run("--exec-path")) / "git-remote-http").exists():
        return
    url, closed = serve(), refused_port()
    for verb, args in VERBS:
        remote("r", a=A)
        case(f"{verb}-http-cut", *args(f"{url}/post-cut/r.git"))
        case(f"{verb}-http-401", *args(f"{url}/401/r.git"))
        case(f"{verb}-http-refused", *args(f"http://127.0.0.1:{closed}/r.git"))
        case(f"{verb}-http-unknown-host", *args("http://host.invalid/r.git"))
        if verb != "push":
            continue
        for code in (403, 404, 429, 500):
            case(f"{verb}-http-{code}", *args(f"{url}/{code}/r.git"))
        wrong = url.replace("//", "//someone:secret@")
        case(f"{verb}-http-wrong-password", *args(f"{wrong}/401/r.git"))
        case(f"{verb}-http-token", *args(url.replace("//", "//ghp_token@") + "/401/r.git"))
        case(f"{verb}-http-silent", *args(f"{url}/silent/r.git"))
        case(f"{verb}-http-too-slow", "-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=1",
             *args(f"{url}/silent/r.git"))
        case(f"{verb}-http-not-tls", *args(url.replace("http:", "https:") + "/git/r.git"))
    for name in ("cut", "after", "500", "403", "413"):
        remote("r")
        push(f"http-post-{name}", f"{url}/post-{name}/r.git", "--", f"{A}:{REF}a")
    r = remote("r", a=A)
    run("config", "http.receivepack", "true", cwd=r)
    push("http-forward", f"{url}/git/r.git", lease("a", A), lease("b"), "--", f"{B}:{REF}a", f"{B}:{REF}b")
    push("http-stale", f"{url}/git/r.git", lease("a", A), "--", f"{X}:{REF}a")
    push("http-atomic-stale", f"{url}/git/r.git", "--atomic", lease("a", A), lease("c"), "--",
         f"{X}:{REF}a", f"{X}:{REF}c")
    hook(r, "pre-receive", "exit 1")
    push("http-pre-receive", f"{url}/git/r.git", "--", f"{X}:{REF}c")
    hook(r, "pre-receive", "kill -9 $PPID")
    push("http-cut-before", f"{url}/git/r.git", "--", f"{X}:{REF}c")
    (r / "hooks/pre-receive").unlink()
    run("config", "receive.advertiseAtomic", "false", cwd=r)
    push("http-no-atomic", f"{url}/git/r.git", "--atomic", "--", f"{X}:{REF}c")
    run("config", "http.receivepack", "false", cwd=r)
    push("http-read-only", f"{url}/git/r.git", "--", f"{X}:{REF}c")


def daemon_cases():
    closed = refused_port()
    for verb, args in VERBS:
        case(f"{verb}-daemon-refused", *args(f"git://127.0.0.1:{closed}/r.git"))
        case(f"{verb}-daemon-unknown-host", *args("git://host.invalid/r.git"))
    remote("r", a=A)
    remote("hidden")
    (ROOT / "r.git/git-daemon-export-ok").touch()
    for mood, flags in (("daemon", []), ("informative-daemon", ["--informative-errors"])):
        port = refused_port()
        child = subprocess.Popen(
            [GIT, "daemon", "--reuseaddr", "--listen=127.0.0.1", f"--port={port}", "--verbose",
             f"--base-path={ROOT}", *flags], env=ENV, stderr=subprocess.PIPE)
        try:
            child.stderr.readline()
            PORTS[port] = 9418
            url = f"git://127.0.0.1:{port}"
            for verb, args in VERBS[::2]:
                case(f"{verb}-{mood}-missing", *args(f"{url}/none.git"))
            case(f"push-{mood}-not-exported", *VERBS[0][1](f"{url}/hidden.git"))
            case(f"push-{mood}-read-only", *VERBS[0][1](f"{url}/r.git"))
            case(f"ls-remote-{mood}", *VERBS[2][1](f"{url}/r.git"))
        finally:
            child.kill()
            child.wait()


def ssh_cases():
    closed = refused_port()
    local = ROOT / "local-ssh"
    local.write_text('#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n')
    local.chmod(0o755)
    for verb, args in VERBS:
        case(f"{verb}-ssh-refused", *args(f"ssh://127.0.0.1:{closed}/r.git"))
        case(f"{verb}-ssh-unknown-host", *args("host.invalid:r.git"))
        case(f"{verb}-ssh-missing", *args(f"ssh://127.0.0.1{ROOT}/none.git"),
             env={"GIT_SSH_COMMAND": local})
        case(f"{verb}-ssh-no-program", *args(f"ssh://127.0.0.1{ROOT}/r.git"),
             env={"GIT_SSH_COMMAND": ROOT / "nothing"})
    if not SSHD:
        return
    port = refused_port()
    folder = ROOT / "sshd"
    folder.mkdir()
    key, own = folder / "host_key", ROOT / "home/own_key"
    for file in (key, own):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
    for file in (folder, key):
        os.chown(file, 65534, 65534)
    ROOT.chmod(0o755)
    (folder / "config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {key}\nUsePAM no\nPidFile none\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nStrictModes no\n")
    child = subprocess.Popen(
        [SSHD / "usr/sbin/sshd", "-D", "-e", "-f", folder / "config"], cwd=folder, user=65534,
        env={"LD_LIBRARY_PATH": f"{SSHD}/usr/lib/x86_64-linux-gnu:{SSHD}/lib/x86_64-linux-gnu"},
        stderr=subprocess.PIPE)
    try:
        print(child.stderr.readline().decode().strip(), file=sys.stderr)
        PORTS[port] = 22
        hosts = ROOT / "home/known_hosts"
        ssh = f"{ENV['GIT_SSH_COMMAND']} -i {own} -o UserKnownHostsFile={hosts} -o StrictHostKeyChecking="
        url = f"ssh://someone@127.0.0.1:{port}/r.git"
        for verb, args in VERBS:
            case(f"{verb}-ssh-unknown-key", *args(url), env={"GIT_SSH_COMMAND": ssh + "yes"})
        subprocess.run(["sh", "-c", f"{ssh}no -p {port} someone@127.0.0.1 true"], capture_output=True)
        for verb, args in VERBS:
            case(f"{verb}-ssh-publickey", *args(url), env={"GIT_SSH_COMMAND": ssh + "yes"})
        hosts.write_text(re.sub(r"AAAA\S+", (ROOT / "home/own_key.pub").read_text().split()[1],
                                hosts.read_text()))
        case("push-ssh-changed-key", *VERBS[0][1](url), env={"GIT_SSH_COMMAND": ssh + "yes"})
    finally:
        child.kill()
        child.wait()


def other():
    """A second clone, with objects that `work` does not have."""
    path = ROOT / "other"
    if not path.exists():
        shutil.copytree(ROOT / "work", path)
    return path


(ROOT / "home").mkdir()
BIN.mkdir()
for program in ("git", "git-receive-pack", "git-upload-pack"):
    (BIN / program).symlink_to(pathlib.Path(GIT).parent / program if program != "git" else GIT)
try:
    run("init", "-q", "-b", "main", ROOT / "work")
    A = commit("a")
    B = commit("b", A)
    X = commit("x", A)
    run("update-ref", "refs/heads/main", A, cwd=ROOT / "work")
    run("tag", "-a", "-m", "t", "t", A, cwd=ROOT / "work")
    case("version", "--version")
    for group in (pushes, refusals, races, cut, several, repositories, fetches, listings,
                  http_cases, daemon_cases, ssh_cases):
        group()
finally:
    shutil.rmtree(ROOT)
