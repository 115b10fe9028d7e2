//! The text of a source, taken apart by what each character belongs to.
//!
//! Owns what is code, what stands in a string and what is a comment. Never knows what they say.

/// What a character of a source belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
    Text,
    Comment,
}

/// The code, the string contents and the comments of a source, each in its place, the rest blank.
pub fn split(text: &str) -> (String, String, String) {
    let chars: Vec<char> = text.chars().collect();
    let mut parts = vec![Part::Code; chars.len()];
    let mut at = 0;
    while at < chars.len() {
        let (from, to, part) = next_part(&chars, at);
        parts[from..to].fill(part);
        at = to;
    }
    let only = |wanted: Part| {
        let keep = |(c, part): (&char, &Part)| match *c {
            '\n' => '\n',
            c if *part == wanted => c,
            _ => ' ',
        };
        chars.iter().zip(&parts).map(keep).collect()
    };
    (only(Part::Code), only(Part::Text), only(Part::Comment))
}

/// What starts at `at`: where its contents begin, where it ends, and what it is.
fn next_part(chars: &[char], at: usize) -> (usize, usize, Part) {
    let rest = &chars[at..];
    let find = |wanted: &[char], from: usize| {
        let mut windows = chars[from..].windows(wanted.len());
        windows
            .position(|window| window == wanted)
            .map(|n| n + from)
    };
    if rest.starts_with(&['/', '/']) {
        let end = find(&['\n'], at).unwrap_or(chars.len());
        return (at, end, Part::Comment);
    }
    if rest.starts_with(&['/', '*']) {
        return (at, block_comment_end(chars, at), Part::Comment);
    }
    let after_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    if rest[0] == 'r' || rest.starts_with(&['b', 'r']) {
        let hashes_at = at + if rest[0] == 'b' { 2 } else { 1 };
        let hashes = chars[hashes_at..].iter().take_while(|c| **c == '#').count();
        if chars.get(hashes_at + hashes) == Some(&'"') && !after_word {
            let closing = [vec!['"'], vec!['#'; hashes]].concat();
            let begin = hashes_at + hashes + 1;
            let end = find(&closing, begin).unwrap_or(chars.len());
            return (
                begin,
                end + closing.len().min(chars.len() - end),
                Part::Text,
            );
        }
    }
    match rest {
        ['"', ..] => (at + 1, string_end(chars, at + 1, '"'), Part::Text),
        ['\'', '\\', ..] => (at + 1, string_end(chars, at + 1, '\''), Part::Text),
        ['\'', _, '\'', ..] => (at + 1, at + 3, Part::Text),
        _ => (at, at + 1, Part::Code),
    }
}

fn string_end(chars: &[char], mut at: usize, closing: char) -> usize {
    while at < chars.len() && chars[at] != closing {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn block_comment_end(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}
