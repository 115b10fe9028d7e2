//! lighttpd with `git http-backend`, and basic authentication for everything.
//!
//! Owns the web server's settings, its users and the script that it runs, and the credentials of
//! clients. Never asks a client anything that a hosting service would not.

use std::process::Command;

use super::{Access, FOLDER, REQUESTS, process, server_environment, write_script};
use crate::world::{World, needs};

pub const LOG: &str = "srv/lighttpd.log";
const LIGHTTPD: &str = "/usr/sbin/lighttpd";

pub fn is_installed() -> bool {
    needs(LIGHTTPD)
}

/// Write down who may come in, and the script that answers who did.
pub fn prepare(hub: &World) {
    let srv = hub.at(FOLDER);
    srv.write("users", "wizard:abracadabra\nreader:glasses\n");
    // lighttpd knows users; what they may do is decided here.
    let backend = format!(
        "{}export GIT_PROJECT_ROOT='{}' GIT_HTTP_EXPORT_ALL=1\n\
         printf '%s %s %s\\n' \"$REQUEST_METHOD\" \"$REQUEST_URI\" \"$REMOTE_USER\" >>'{}'\n\
         case \"$REMOTE_USER $REQUEST_URI\" in\n\
         'reader '*git-receive-pack*) printf 'Status: 403 Forbidden\\r\\n\\r\\n' ;;\n\
         *) exec git http-backend ;;\n\
         esac\n",
        server_environment(hub),
        srv.dir().display(),
        hub.root().join(REQUESTS).display(),
    );
    write_script(hub, "srv/backend", &backend);
    hub.git("config http.receivepack true");
}

pub fn command(hub: &World, port: u16) -> Command {
    let srv = hub.at(FOLDER);
    let folder = srv.dir().display();
    let config = format!(
        "server.modules = (\"mod_auth\", \"mod_authn_file\", \"mod_alias\", \"mod_cgi\")\n\
         server.bind = \"127.0.0.1\"\nserver.port = {port}\n\
         server.document-root = \"{folder}\"\nserver.upload-dirs = (\"{folder}\")\n\
         alias.url = (\"/git\" => \"{folder}/backend\")\ncgi.assign = (\"\" => \"\")\n\
         auth.backend = \"plain\"\nauth.backend.plain.userfile = \"{folder}/users\"\n\
         auth.require = (\"\" => (\"method\" => \"basic\", \"realm\" => \"hub\", \
         \"require\" => \"valid-user\"))\n"
    );
    srv.write("lighttpd.conf", config);
    let mut command = srv.command(LIGHTTPD);
    command
        .args(["-D", "-f", "lighttpd.conf"])
        .stderr(process::append_to(&hub.root().join(LOG)));
    command
}

/// With credentials in a file, as `git credential-store` keeps them, or with none.
pub fn client(world: &World, access: Access, port: u16) -> World {
    let user = match access {
        Access::Write => "wizard:abracadabra@",
        Access::Read => "reader:glasses@",
        Access::Wrong => "wizard:hocuspocus@",
        Access::Anonymous => return world.without("GIT_CONFIG_GLOBAL"),
        Access::NewHere => panic!("a web server has no key to know"),
    };
    let place = world.at(format!("home/credentials/{access:?}"));
    let folder = place.dir().display();
    place.write("store", format!("http://{user}127.0.0.1:{port}\n"));
    place.write(
        "config",
        format!(
            "[include]\n\tpath = {}/.gitconfig\n\
             [credential]\n\thelper = store --file={folder}/store\n",
            world.home().display()
        ),
    );
    world.with("GIT_CONFIG_GLOBAL", place.dir().join("config"))
}
