//! Capture of what a command prints, within bounds.
//!
//! Owns how much of each stream is kept: a server and its hooks may print without end, and a
//! person is shown a line of it. What decisions rest on stands at the ends of standard error, and
//! in standard output, which is kept whole or not at all. Never decides what a line means.

use std::collections::VecDeque;
use std::io::Read;

/// How much of standard error is kept at each end.
const END_BYTES_MAX: usize = 32 * 1024;
/// How much standard output is kept. A list of a hundred thousand refs has a third of it.
const WHOLE_BYTES_MAX: usize = 32 * 1024 * 1024;
const CHUNK_BYTES: usize = 64 * 1024;

/// Reads a stream to its end and keeps all of it; `None` if it has more than a command prints that
/// works. The rest is read and dropped, so that the writer is not blocked.
pub(super) fn whole(mut stream: impl Read) -> Option<Vec<u8>> {
    whole_within(&mut stream, WHOLE_BYTES_MAX)
}

fn whole_within(stream: &mut impl Read, bytes_max: usize) -> Option<Vec<u8>> {
    let mut kept = Vec::new();
    let mut is_over = false;
    each_chunk(stream, &mut |chunk| {
        is_over |= chunk.len() > bytes_max - kept.len();
        if is_over {
            kept = Vec::new();
        } else {
            kept.extend_from_slice(chunk);
        }
    });
    (!is_over).then_some(kept)
}

/// Reads a stream to its end and keeps its first and its last lines.
pub(super) fn ends(mut stream: impl Read) -> Vec<u8> {
    ends_within(&mut stream, END_BYTES_MAX)
}

fn ends_within(stream: &mut impl Read, bytes_max: usize) -> Vec<u8> {
    let mut head = Vec::new();
    let mut tail: VecDeque<u8> = VecDeque::new();
    let mut is_cut = false;
    each_chunk(stream, &mut |chunk| {
        let (first, rest) = chunk.split_at(chunk.len().min(bytes_max - head.len()));
        head.extend_from_slice(first);
        tail.extend(&rest[rest.len().saturating_sub(bytes_max)..]);
        let over = tail.len().saturating_sub(bytes_max);
        is_cut |= over > 0 || rest.len() > bytes_max;
        tail.drain(..over);
    });
    let tail: Vec<u8> = tail.into();
    if !is_cut {
        head.extend_from_slice(&tail);
        return head;
    }
    // A part of a line must not be taken for a line: the prefix `remote: ` tells the words of a
    // hook from those of git.
    let is_end = |byte: &u8| *byte == b'\n';
    head.truncate(head.iter().rposition(is_end).map_or(0, |at| at + 1));
    let from = tail.iter().position(is_end).map_or(tail.len(), |at| at + 1);
    head.extend_from_slice(&tail[from..]);
    head
}

fn each_chunk(stream: &mut impl Read, hear: &mut dyn FnMut(&[u8])) {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => return,
            Ok(count) => hear(&chunk[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_lines_are_kept_and_no_part_of_a_line() {
        let text = |lines: usize| -> String { (0..lines).map(|n| format!("line {n}\n")).collect() };
        let kept = |text: &str| String::from_utf8(ends_within(&mut text.as_bytes(), 20)).unwrap();
        assert_eq!(kept(&text(5)), text(5), "all of it fits");
        assert_eq!(
            kept(&text(1000)),
            "line 0\nline 1\nline 998\nline 999\n",
            "the middle is dropped"
        );
        let long = format!("a\n{} fatal: not a line\nfatal: a line\n", "x".repeat(500));
        assert_eq!(kept(&long), "a\nfatal: a line\n");
        assert_eq!(kept(&"x".repeat(500)), "", "no line end, no line");
    }

    #[test]
    fn standard_output_is_whole_or_nothing() {
        let kept = |text: &str| whole_within(&mut text.as_bytes(), 4);
        assert_eq!(kept("abcd").unwrap(), b"abcd");
        assert_eq!(kept("abcde"), None);
        assert_eq!(kept(&"x".repeat(3 * CHUNK_BYTES)), None);
    }

    #[test]
    fn what_a_flood_costs_is_bounded() {
        let mut flood = std::io::repeat(b'\n').take(64 * 1024 * 1024);
        assert_eq!(ends(&mut flood).len(), 2 * END_BYTES_MAX - 1);
    }
}
