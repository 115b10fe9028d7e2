//! What a reader sees of a character, by its Unicode properties.
//!
//! Owns which characters are never shown as they are ([`is_unsafe`]), which are shown where they
//! have a visible effect ([`flaw`]), and the reason against one ([`Flaw`]). The properties are
//! those of ICU's data, never a list of our own. Never changes a text.

use icu_properties::props::{
    CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji, EmojiModifier, ExtendedPictographic,
    GeneralCategory, JoiningType, PrependedConcatenationMark,
};
use icu_properties::{CodePointMapData, CodePointSetData};

/// The most marks that one letter carries. Hebrew with points and accents, and the longest
/// syllables of Burmese, need this many.
const MARKS_MAX: usize = 5;

const ZERO_WIDTH_NON_JOINER: char = '\u{200C}';
const ZERO_WIDTH_JOINER: char = '\u{200D}';
const TEXT_STYLE: char = '\u{FE0E}';
const EMOJI_STYLE: char = '\u{FE0F}';
const KEYCAP: char = '\u{20E3}';
/// The one blank that is neither a space nor ignorable by its properties.
const BRAILLE_BLANK: char = '\u{2800}';

/// What a text is to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// An identifier, which is compared: a label, a session id, a user, a branch. Nothing in it
    /// may be invisible, or look like a plain space.
    Name,
    /// Words for people. Joiners and emoji styles stand where the script or an emoji needs them.
    Prose,
}

/// Why a character is not shown as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is a control character.
    Control,
    /// It is invisible, reorders what is around it, or has no agreed look.
    Invisible,
    /// It looks like a plain space.
    Space,
    /// It is a mark on no letter, or one of too many.
    Mark,
}

/// Returns true if a character may move the cursor, recolour, reorder or hide text, or cannot be
/// seen: controls, format characters, line and paragraph separators, default-ignorable code
/// points, and those that are private, unassigned or no characters at all.
pub fn is_unsafe(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    match category(c) {
        GeneralCategory::Control
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::PrivateUse
        | GeneralCategory::Surrogate
        | GeneralCategory::Unassigned => true,
        GeneralCategory::Format => {
            !CodePointSetData::new::<PrependedConcatenationMark>().contains(c)
        }
        _ => CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c),
    }
}

/// Returns what is wrong with the character at `at`, read within its text; `None` for one that is
/// shown as it is.
pub(super) fn flaw(chars: &[char], at: usize, kind: TextKind) -> Option<Flaw> {
    let c = chars[at];
    if c.is_ascii() {
        return c.is_ascii_control().then_some(Flaw::Control);
    }
    if is_unsafe(c) {
        let has_effect = kind == TextKind::Prose && has_effect(chars, at);
        return match c.is_control() {
            true => Some(Flaw::Control),
            false => (!has_effect).then_some(Flaw::Invisible),
        };
    }
    let is_space = category(c) == GeneralCategory::SpaceSeparator || c == BRAILLE_BLANK;
    if is_space && kind == TextKind::Name {
        return Some(Flaw::Space);
    }
    (is_mark(c) && !is_carried(chars, at)).then_some(Flaw::Mark)
}

/// Checks whether an invisible character changes how its neighbours look: an emoji style behind an
/// emoji, a joiner within one, a joiner or a non-joiner between letters that join.
fn has_effect(chars: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| chars[before]) else {
        return false;
    };
    let next = chars.get(at + 1).copied();
    let is_virama = CodePointMapData::<CanonicalCombiningClass>::new().get(before)
        == CanonicalCombiningClass::Virama;
    match chars[at] {
        TEXT_STYLE | EMOJI_STYLE if before.is_ascii() => {
            matches!(before, '0'..='9' | '#' | '*') && next == Some(KEYCAP)
        }
        TEXT_STYLE | EMOJI_STYLE => CodePointSetData::new::<Emoji>().contains(before),
        ZERO_WIDTH_JOINER => is_virama || joins_emoji(&chars[..at], next),
        ZERO_WIDTH_NON_JOINER => is_virama || parts_letters(chars, at),
        _ => false,
    }
}

/// Checks whether a joiner stands between two emoji; a style or a skin tone belongs to the first.
fn joins_emoji(before: &[char], next: Option<char>) -> bool {
    // The property has code points that are not assigned yet.
    let is_picture =
        |c: char| CodePointSetData::new::<ExtendedPictographic>().contains(c) && !is_unsafe(c);
    let is_variant =
        |c: char| c == EMOJI_STYLE || CodePointSetData::new::<EmojiModifier>().contains(c);
    let mut base = before.iter().rev();
    let first = match base.next() {
        Some(c) if is_variant(*c) => base.next(),
        other => other,
    };
    first.is_some_and(|c| is_picture(*c)) && next.is_some_and(is_picture)
}

/// Checks whether a non-joiner stands between two letters of a script whose letters join.
fn parts_letters(chars: &[char], at: usize) -> bool {
    let joining = |c: &char| CodePointMapData::<JoiningType>::new().get(*c);
    let is_letter = |c: &&char| joining(c) != JoiningType::Transparent;
    let before = chars[..at].iter().rev().take(MARKS_MAX + 1).find(is_letter);
    let behind = chars[at + 1..].iter().take(MARKS_MAX + 1).find(is_letter);
    let joins_back = [JoiningType::DualJoining, JoiningType::RightJoining];
    let joins = |c: &char| joins_back.contains(&joining(c));
    before.is_some_and(|c| joins(c) || joining(c) == JoiningType::LeftJoining)
        && behind.is_some_and(joins)
}

/// Checks whether a mark stands on a letter or a sign, and is not one of too many there.
fn is_carried(chars: &[char], at: usize) -> bool {
    let is_joiner = |c: char| matches!(c, ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER);
    let mut marks = 0;
    for c in chars[..at].iter().rev() {
        if is_mark(*c) || is_joiner(*c) {
            marks += 1;
            if marks >= MARKS_MAX {
                return false;
            }
            continue;
        }
        return !c.is_whitespace() && !is_unsafe(*c);
    }
    false
}

/// Checks whether a character is drawn over, below or around the one before it.
fn is_mark(c: char) -> bool {
    matches!(
        category(c),
        GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark
    )
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the flaws of a text, each with the character that has it.
    fn flaws(text: &str, kind: TextKind) -> Vec<(char, Flaw)> {
        let chars: Vec<char> = text.chars().collect();
        let flaw = |at: usize| Some((chars[at], flaw(&chars, at, kind)?));
        (0..chars.len()).filter_map(flaw).collect()
    }

    #[test]
    fn what_cannot_be_seen_is_unsafe_by_its_properties() {
        for c in [
            '\u{0}',
            '\u{1b}',
            '\u{7f}',
            '\u{9b}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{180b}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{2060}',
            '\u{2065}',
            '\u{2066}',
            '\u{3164}',
            '\u{e000}',
            '\u{fdd0}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{ffff}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e007f}',
            '\u{e0100}',
            '\u{e01ef}',
            '\u{e0fff}',
            '\u{f0000}',
            '\u{10ffff}',
        ] {
            assert!(is_unsafe(c), "U+{:04X}", u32::from(c));
        }
        for c in "aé ß…→日本語한글עבראبпри😀\u{301}\u{600}\u{a0}\u{3000}".chars()
        {
            assert!(!is_unsafe(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn prose_of_every_script_is_whole() {
        for text in [
            "Ärger mit dem Knoten, naïve façade, Tiếng Việt, cafe\u{301}",
            "می\u{200c}خواهم، سرور\u{200c}ها، نامه\u{200c}ای",
            "क\u{94d}\u{200d}ष क\u{94d}\u{200c}ष ශ\u{dca}\u{200d}රී",
            "עִבְרִית שָׁלוֹם بِسْمِ ٱللَّهِ",
            "မြွှုံ့ ไทย ก็ หมู่",
            "❤\u{fe0f} 1\u{fe0f}\u{20e3} ☺\u{fe0e} 👍🏽 🇩🇪",
            "👨\u{200d}👩\u{200d}👧 👩🏽\u{200d}💻 🏳\u{fe0f}\u{200d}🌈 🏳\u{fe0f}\u{200d}⚧\u{fe0f}",
            "日本語\u{3000}全角 prêt\u{a0}!",
        ] {
            assert_eq!(flaws(text, TextKind::Prose), [], "{text}");
        }
    }

    #[test]
    fn a_joiner_without_an_effect_is_invisible() {
        for text in [
            "a\u{200d}b",
            "a\u{200c}b",
            "\u{200d}",
            "👍\u{200d}",
            "👍\u{200d}a",
            "a\u{fe0f}",
            "1\u{fe0f}",
            "1\u{fe0f}2",
            "❤\u{fe0f}\u{fe0f}",
            "می\u{200c}\u{200c}خ",
            "می\u{200c} خ",
            "🏴\u{e0067}",
            "a\u{e0100}",
        ] {
            let found = flaws(text, TextKind::Prose);
            let is_so = !found.is_empty() && found.iter().all(|(_, f)| *f == Flaw::Invisible);
            assert!(is_so, "{}: {found:?}", text.escape_unicode());
        }
    }

    #[test]
    fn a_name_has_no_joiner_and_no_other_space() {
        let name = |text: &str| flaws(text, TextKind::Name).first().copied();
        assert_eq!(name("❤\u{fe0f}"), Some(('\u{fe0f}', Flaw::Invisible)));
        assert_eq!(name("می\u{200c}خ"), Some(('\u{200c}', Flaw::Invisible)));
        for space in ['\u{a0}', '\u{2003}', '\u{202f}', '\u{3000}', '\u{2800}'] {
            assert_eq!(name(&format!("a{space}b")), Some((space, Flaw::Space)));
        }
        assert_eq!(name("gpu slot"), None);
    }

    #[test]
    fn marks_stand_on_a_letter_and_are_few() {
        let acute = "\u{301}";
        for kind in [TextKind::Name, TextKind::Prose] {
            let count = |text: &str| flaws(text, kind).len();
            assert_eq!(count(&format!("e{}", acute.repeat(MARKS_MAX))), 0);
            assert_eq!(count(&format!("e{}", acute.repeat(MARKS_MAX + 3))), 3);
            assert_eq!(count(acute), 1);
            assert_eq!(count(&format!("a {acute}")), 1);
            assert_eq!(count(&format!("a\u{200b}{acute}")), 2);
        }
    }
}
