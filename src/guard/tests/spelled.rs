//! Other spellings of a line.
//!
//! Owns how a word can be written so that a shell reads the same, and lines that hide a command in
//! other ways. No spelling makes a line look more harmless.

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::shell::quote;
use super::laws::simple_lines;
use super::{Class, judged, said};

/// Writes a word so that a shell reads the same, as `how` says for each character.
fn respelled(word: &str, how: &[u8]) -> String {
    let mut spelled = String::new();
    for (at, character) in word.chars().enumerate() {
        let how = how[at % how.len()];
        let is_plain = character.is_ascii_alphanumeric() || "-_./:=@%+,".contains(character);
        let code = u32::from(character);
        let is_ascii = character.is_ascii() && code > 0;
        spelled.push_str(match how / 16 {
            1 => "''",
            2 => "\"\"",
            3 => "$''",
            4 => "$\"\"",
            5 => "\\\n",
            _ => "",
        });
        let is_simple = !matches!(character, '\'' | '"' | '\\' | '$' | '`' | '!' | '\n');
        spelled.push_str(&match how % 16 {
            0 if is_simple => format!("'{character}'"),
            1 if is_simple => format!("\"{character}\""),
            2 if is_simple => format!("$'{character}'"),
            3 if is_simple => format!("$\"{character}\""),
            4 if is_ascii => format!("$'\\x{code:02x}'"),
            5 if is_ascii => format!("$'\\{code:03o}'"),
            6 => format!("$'\\u{code:04x}'"),
            7 if is_simple => format!("\\{character}"),
            _ if is_plain => character.to_string(),
            _ => quote(&character.to_string()),
        });
    }
    match spelled.is_empty() {
        true => "''".to_owned(),
        false => spelled,
    }
}

/// Writes a line inside another one, which reads it as a script.
fn nested(line: &str, how: u8) -> String {
    match how % 8 {
        0 => format!("bash -c {}", quote(line)),
        1 => format!("eval {}", quote(line)),
        2 => format!("{{ {line}\n}}"),
        3 => format!("sh <<'OU'TER\n{line}\nOUTER"),
        4 => format!("x=$({line}\n)"),
        5 => format!("bash <<< {}", quote(line)),
        6 => format!("coproc {line}"),
        _ => line.to_owned(),
    }
}

/// Commands that change something, whose first word decides. `git` has aliases, so that its verbs
/// are not known to be complete.
fn changes() -> Vec<Vec<String>> {
    let lines = simple_lines().into_iter();
    let changes = lines.filter(|(_, words, expected)| {
        expected.starts_with("mutating") && words[0] != "git" && !words[0].contains('\\')
    });
    changes.map(|(_, words, _)| words).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn no_spelling_hides_anything(
        at in any::<Index>(),
        hows in proptest::collection::vec(proptest::collection::vec(0_u8..112, 1..24), 1..6),
        around in any::<u8>(),
    ) {
        thread_local!(static SIMPLE: Vec<(String, Vec<String>, &'static str)> = simple_lines());
        let (words, expected) = SIMPLE.with(|lines| {
            let (_, words, expected) = &lines[at.index(lines.len())];
            (words.clone(), *expected)
        });
        let spelled = words.iter().enumerate();
        let spelled: Vec<String> = spelled
            .map(|(at, word)| respelled(word, &hows[at % hows.len()]))
            .collect();
        let line = spelled.join(" ");
        prop_assert_eq!(said(&judged(&line)), expected, "{}", line);
        // A shell without a script would read what is around it.
        let reads_on = matches!(words.last().map(String::as_str), Some("bash" | "sh" | "web1"));
        if expected != "unmatched" && !(reads_on && matches!(around % 8, 3 | 5 | 6)) {
            let line = nested(&line, around);
            prop_assert_eq!(said(&judged(&line)), expected, "{}", line);
        }
    }

    /// What a shell only finds out when it runs the line is never called harmless.
    #[test]
    fn an_expansion_hides_nothing(at in any::<Index>(), cut in any::<Index>(), how in 0_usize..6) {
        thread_local!(static CHANGES: Vec<Vec<String>> = changes());
        let words = CHANGES.with(|lines| lines[at.index(lines.len())].clone());
        let (name, rest) = words.split_first().unwrap();
        let rest: Vec<String> = rest.iter().map(|word| quote(word)).collect();
        let rest = rest.join(" ");
        let cut = cut.index(name.len());
        let (a, b) = name.split_at(cut);
        let line = match how {
            0 => format!("{a}${{x}}{b} {rest}"),
            1 => format!("$(printf {name}) {rest}"),
            2 => format!("{a}?{} {rest}", &b[b.chars().next().map_or(0, char::len_utf8)..]),
            3 => format!("{a}{{{b},x}} {rest}"),
            4 => format!("echo {rest} | xargs {name}"),
            _ => format!("printf %s {} | sh", quote(&words.join(" "))),
        };
        let class = judged(&line).class().clone();
        prop_assert!(matches!(class, Class::Mutating | Class::Unknown(_)), "{} is {:?}", line, class);
    }
}
