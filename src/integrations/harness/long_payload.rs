//! Payloads that are longer than is kept.
//!
//! [`PayloadBytes`] owns what is kept of the bytes that a harness writes: all of a payload of usual
//! size, and of a longer one a JSON text in which long strings are cut, what lies too deep is
//! `null`, and a number that no parser takes is 0. What is cut ends with [`CUT`]. Never says what a
//! field means.

/// A payload of at most this size is kept as it is.
const WHOLE_BYTES_MAX: usize = 1024 * 1024;
/// Strings of a longer payload are cut here, so that what stands after them is read, too.
const STRING_BYTES_MAX: usize = 256 * 1024;

/// What lies deeper is not kept: the parser refuses 128 levels, and no field that is read is there.
const DEPTH_MAX: usize = 64;
/// A longer number is not kept; one that is read as a float has at most 24 signs.
const NUMBER_BYTES_MAX: usize = 32;

/// Stands at the end of a string that was cut. It is no character of any text.
pub(super) const CUT: char = '\u{10FFFE}';

/// The bytes of a payload, as they come in.
#[derive(Debug, Default)]
pub struct PayloadBytes {
    whole: Vec<u8>,
    /// Set once the payload is longer than is kept.
    short: Option<Shortened>,
}

/// JSON text in the making, with its long strings cut.
#[derive(Debug, Default)]
struct Shortened {
    text: Vec<u8>,
    /// Closing brackets of what is open, the outermost first.
    open: Vec<u8>,
    /// Set within a string: how many bytes of it are kept.
    string: Option<usize>,
    /// Number of bytes of an escape that are still to come.
    escape: usize,
    /// How many levels below `DEPTH_MAX` are open, whose bytes are not kept.
    below: usize,
    /// Set within a number: where it begins.
    number: Option<usize>,
    /// Whether the next string of an object is a key.
    key_is_next: bool,
    /// Whether no more is kept.
    is_full: bool,
}

impl PayloadBytes {
    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8]) {
        match &mut self.short {
            Some(short) => short.push(chunk),
            None if self.whole.len() + chunk.len() <= WHOLE_BYTES_MAX => {
                self.whole.extend_from_slice(chunk);
            }
            None => {
                let mut short = Shortened::default();
                short.push(&std::mem::take(&mut self.whole));
                short.push(chunk);
                self.short = Some(short);
            }
        }
    }

    /// Returns the payload as it is, unless it is longer than is kept.
    pub(super) fn whole(&self) -> Option<&[u8]> {
        self.short.is_none().then_some(self.whole.as_slice())
    }

    /// Returns JSON text with what is known of the payload, closed where it breaks off, and whether
    /// it does.
    pub(super) fn shortened(self) -> (Vec<u8>, bool) {
        let short = self.short.unwrap_or_else(|| {
            let mut short = Shortened::default();
            short.push(&self.whole);
            short
        });
        short.close()
    }
}

impl Shortened {
    fn push(&mut self, chunk: &[u8]) {
        for byte in chunk {
            if self.is_full {
                return;
            }
            match self.string {
                Some(kept) => self.in_string(*byte, kept),
                None => self.outside(*byte),
            }
            self.is_full = self.text.len() + self.open.len() > WHOLE_BYTES_MAX;
        }
    }

    fn in_string(&mut self, byte: u8, kept: usize) {
        let is_escaped = self.escape > 0;
        match byte {
            b'u' if self.escape == 5 => self.escape = 4,
            _ if self.escape == 5 => self.escape = 0,
            _ if is_escaped => self.escape -= 1,
            b'\\' => self.escape = 5,
            b'"' => {
                self.string = None;
                if self.below > 0 {
                    return;
                }
                if kept >= STRING_BYTES_MAX {
                    self.text.extend(CUT.to_string().bytes());
                }
                return self.text.push(byte);
            }
            _ => {}
        }
        // An escape is kept as a whole or not at all.
        if self.below == 0 && kept < STRING_BYTES_MAX {
            let ends_here = self.escape == 0;
            self.string = Some(match kept + 1 {
                STRING_BYTES_MAX if !ends_here => kept,
                more => more,
            });
            self.text.push(byte);
        }
    }

    fn outside(&mut self, byte: u8) {
        if self.below > 0 || self.open.len() >= DEPTH_MAX && matches!(byte, b'{' | b'[') {
            return self.too_deep(byte);
        }
        self.in_number(byte);
        match byte {
            b'"' => self.string = Some(0),
            b'{' | b'[' => {
                self.open.push(if byte == b'{' { b'}' } else { b']' });
                self.key_is_next = byte == b'{';
            }
            b'}' | b']' => {
                self.open.pop();
                self.key_is_next = false;
            }
            b':' => self.key_is_next = false,
            b',' => self.key_is_next = self.open.last() == Some(&b'}'),
            _ => {}
        }
        self.text.push(byte);
    }

    /// Puts `null` for what lies too deep.
    fn too_deep(&mut self, byte: u8) {
        match byte {
            b'"' => self.string = Some(0),
            b'{' | b'[' => {
                if self.below == 0 {
                    self.text.extend_from_slice(b"null");
                    self.key_is_next = false;
                }
                self.below += 1;
            }
            b'}' | b']' => self.below -= 1,
            _ => {}
        }
    }

    /// Puts 0 for a number that has ended and is out of range or too long.
    fn in_number(&mut self, byte: u8) {
        let is_part = byte.is_ascii_digit() || b"+-.eE".contains(&byte);
        match self.number {
            Some(from) if !is_part => {
                let number = std::str::from_utf8(&self.text[from..]).ok();
                let number = number.and_then(|text| text.parse::<f64>().ok());
                let is_long = self.text.len() - from > NUMBER_BYTES_MAX;
                if is_long || number.is_none_or(|number| !number.is_finite()) {
                    self.text.truncate(from);
                    self.text.push(b'0');
                }
                self.number = None;
            }
            None if byte == b'-' || byte.is_ascii_digit() => self.number = Some(self.text.len()),
            _ => {}
        }
    }

    /// Closes what is open, and drops a part of a number or a word.
    fn close(mut self) -> (Vec<u8>, bool) {
        let breaks_off = !self.open.is_empty() || self.string.is_some();
        if let Some(kept) = self.string.filter(|_| self.below == 0) {
            if self.escape > 0 && kept < STRING_BYTES_MAX {
                let at = self.text.iter().rposition(|byte| *byte == b'\\');
                self.text.truncate(at.unwrap_or_default());
            }
            self.text.extend(CUT.to_string().bytes());
            self.text.push(b'"');
        }
        let is_part = |byte: &u8| {
            byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"+-.".contains(byte)
        };
        while breaks_off && self.text.last().is_some_and(is_part) {
            self.text.pop();
        }
        match self.text.last() {
            Some(b',') => drop(self.text.pop()),
            Some(b':') => self.text.extend_from_slice(b"null"),
            Some(b'"') if self.key_is_next => self.text.extend_from_slice(b":null"),
            _ => {}
        }
        self.text.extend(self.open.iter().rev());
        (self.text, breaks_off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn shortened(text: &str, at: usize) -> (Value, bool) {
        let mut bytes = PayloadBytes::default();
        // In two pieces, since a pipe breaks a payload anywhere.
        bytes.push(&text.as_bytes()[..at / 2]);
        bytes.push(&text.as_bytes()[at / 2..at]);
        let (text, breaks_off) = bytes.shortened();
        let text = String::from_utf8_lossy(&text).into_owned();
        let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        (value, breaks_off)
    }

    #[test]
    fn a_payload_can_break_off_anywhere() {
        let text = r#"{"a":"b\u00e4\"c","d":{"e":[1,-2.5e3,{"f":null}],"g":true},"h":"\\"}"#;
        for at in 1..text.len() {
            let (value, breaks_off) = shortened(text, at);
            assert!(breaks_off && value.is_object(), "{at}: {value}");
        }
        let whole: Value = serde_json::from_str(text).unwrap();
        assert_eq!(shortened(text, text.len()), (whole, false));
        let (value, _) = shortened(text, text.find("\\\"c").unwrap() + 3);
        assert_eq!(value, json!({"a": format!("bä\"c{CUT}")}));
    }

    #[test]
    fn what_stands_after_a_long_string_is_read() {
        for long in ["x".repeat(3 << 20), "\\u00e4\\n\\\\".repeat(1 << 18)] {
            let text = format!(r#"{{"a":"b","c":"{long}","d":["e"]}}"#);
            let (value, breaks_off) = shortened(&text, text.len());
            assert!(!breaks_off);
            assert_eq!((&value["a"], &value["d"][0]), (&json!("b"), &json!("e")));
            let kept = value["c"].as_str().unwrap();
            assert!(kept.ends_with(CUT) && kept.len() > STRING_BYTES_MAX / 8);
        }
    }

    #[test]
    fn what_no_parser_takes_is_put_otherwise() {
        let nested = |levels: usize| "[".repeat(levels) + r#""}\u00e4""# + &"]".repeat(levels);
        let values = [
            "1e400",
            "-1E+999",
            &"9".repeat(400),
            "1.5",
            &nested(200),
            &nested(100_000),
        ];
        for value in values {
            let text = format!(r#"{{"a":{{"b":[{value},{value}],"c":{value}}},"d":"e"}}"#);
            let (read, breaks_off) = shortened(&text, text.len());
            assert!(!breaks_off && read["d"] == json!("e"), "{read}");
            for at in (1..text.len()).step_by((text.len() / 50).max(1)) {
                let (read, breaks_off) = shortened(&text, at);
                assert!(breaks_off && read.is_object(), "{at}: {read}");
            }
        }
        assert_eq!(
            shortened(r#"{"a":[1e400,2e3]}"#, 17).0,
            json!({"a": [0, 2e3]})
        );
    }

    #[test]
    fn no_payload_costs_more_than_is_kept() {
        let mut bytes = PayloadBytes::default();
        bytes.push(b"{\"a\":");
        for piece in [&b"\"xx\\u\","[..], b"[[{", b"\"", b"\\"] {
            bytes.push(&piece.repeat(1 << 20));
        }
        let short = bytes.short.unwrap();
        assert!(short.text.len() + short.open.len() <= WHOLE_BYTES_MAX + 16);
    }
}
