//! The command line of ssh, [`ssh_command`].
//!
//! Owns that ssh never prompts, how long it waits, and the connection that calls share. Never runs
//! it.

use std::path::PathBuf;
use std::time::Duration;

/// How long ssh waits for a connection at most; a host that is silent for longer is unreachable.
const SILENCE_SECS_MAX: u64 = 15;
/// How long ssh keeps a connection for the next call.
const SSH_PERSIST_SECS: u64 = 60;

/// Returns the command line of an ssh that never prompts and shares one connection between calls.
pub(super) fn ssh_command(socket: Option<&PathBuf>, left: Duration) -> String {
    let connect_secs = left.as_secs().clamp(1, SILENCE_SECS_MAX);
    let mut words = format!(
        "ssh -o BatchMode=yes -o ConnectTimeout={connect_secs} -o ServerAliveInterval=5 \
         -o ServerAliveCountMax=3"
    );
    if let Some(socket) = socket {
        let path = socket.display().to_string().replace('\'', "'\\''");
        words.push_str(&format!(
            " -o ControlMaster=auto -o ControlPersist={SSH_PERSIST_SECS} -o 'ControlPath={path}'"
        ));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ssh_never_prompts_and_its_socket_is_one_word() {
        let socket = PathBuf::from("/a b/it's/ssh-%C");
        let words = ssh_command(Some(&socket), Duration::from_secs(3));
        assert!(words.contains("BatchMode=yes"));
        assert!(words.contains("ConnectTimeout=3"));
        assert!(words.ends_with("-o 'ControlPath=/a b/it'\\''s/ssh-%C'"));
        let words = ssh_command(None, Duration::ZERO);
        assert!(words.contains("ConnectTimeout=1") && !words.contains("Control"));
    }
}
