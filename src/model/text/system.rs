//! Words of the system about a failure, as a reader knows them.
//!
//! Owns that its numbers are left out, and that its sentence goes on ours. Never invents a reason.

use std::borrow::Cow;

/// What stands between the words of the system and their number.
const CODE: &str = " (os error ";

/// Returns a text in which the system says why without its numbers: `cannot write x: no space left
/// on device`.
pub fn without_codes(text: &str) -> Cow<'_, str> {
    if !text.contains(CODE) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(CODE) {
        let (before, after) = rest.split_at(at);
        let after = &after[CODE.len()..];
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let is_code = digits > 0 && after[digits..].starts_with(')');
        if !is_code {
            out.push_str(before);
            out.push_str(CODE);
            rest = after;
            continue;
        }
        let start = before.rfind(": ").map_or(0, |colon| colon + 2);
        let (ours, its) = before.split_at(start);
        out.push_str(ours);
        out.push_str(&uncapitalized(its));
        rest = &after[digits + 1..];
    }
    Cow::Owned(out + rest)
}

/// Returns a sentence as a part of another one.
fn uncapitalized(sentence: &str) -> String {
    let mut chars = sentence.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_codes;

    #[test]
    fn numbers_are_left_out_and_nothing_else() {
        for (said, shown) in [
            (
                "cannot go to x: No such file or directory (os error 2)",
                "cannot go to x: no such file or directory",
            ),
            (
                "Permission denied (os error 13); again",
                "permission denied; again",
            ),
            (
                "a: File exists (os error 17), b: Is a directory (os error 21)",
                "a: file exists, b: is a directory",
            ),
            ("say (os error x)", "say (os error x)"),
            ("open (os error 2", "open (os error 2"),
            ("plain: Words", "plain: Words"),
            ("", ""),
        ] {
            assert_eq!(without_codes(said), shown);
        }
    }
}
