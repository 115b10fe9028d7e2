//! Records as this program writes them: one `key = value` a line.
//!
//! Owns a reader of such lines, which takes a third of the time that TOML takes; what is no plain
//! text or number in a line is left to TOML, and so is a record with anything but such lines. Never
//! accepts what TOML does not, or reads it in another way.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use toml::de::{Error, ValueDeserializer};

/// The most lines: each key is looked for in those before it.
const LINES_MAX: usize = 64;

/// Reads a record; `None`: TOML has to read it.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let mut lines: Vec<(&str, &str)> = Vec::new();
    for line in text.lines() {
        let (key, value) = line.split_once(" = ")?;
        let is_known = lines.iter().any(|(known, _)| *known == key);
        if !is_bare(key) || is_known || lines.len() == LINES_MAX {
            return None;
        }
        lines.push((key, value));
    }
    let lines = lines.into_iter();
    T::deserialize(Lines { lines, value: "" }).ok()
}

fn is_bare(key: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    !key.is_empty() && key.bytes().all(is_part)
}

/// Returns a text without escapes.
fn plain_text(value: &str) -> Option<&str> {
    let text = value.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = |b: u8| !b.is_ascii_control() && !matches!(b, b'"' | b'\\');
    text.bytes().all(is_plain).then_some(text)
}

/// Returns a number of digits, without a sign.
fn plain_number(value: &str) -> Option<i64> {
    let is_digits = value.bytes().all(|b| b.is_ascii_digit());
    let is_plain = is_digits && (value == "0" || !value.starts_with('0'));
    is_plain.then(|| value.parse().ok()).flatten()
}

struct Lines<'de> {
    lines: std::vec::IntoIter<(&'de str, &'de str)>,
    value: &'de str,
}

impl<'de> Deserializer<'de> for Lines<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Lines<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((key, value)) = self.lines.next() else {
            return Ok(None);
        };
        self.value = value;
        seed.deserialize(BorrowedStrDeserializer::new(key))
            .map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(Value(self.value))
    }
}

/// What stands behind a key.
struct Value<'de>(&'de str);

impl<'de> Value<'de> {
    fn other(&self) -> Result<ValueDeserializer<'de>, Error> {
        ValueDeserializer::parse(self.0)
    }
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Some(text) = plain_text(self.0) {
            return visitor.visit_borrowed_str(text);
        }
        match plain_number(self.0) {
            Some(number) => visitor.visit_i64(number),
            None => self.other()?.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.other()?.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        Err(Error::custom("left to TOML"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use toml::Table;

    use super::*;

    fn is_read_alike(text: &str) {
        if let Some(read) = read::<Table>(text) {
            // As it is shown: a number may be none, which is not equal to itself.
            let known = toml::from_str::<Table>(text).unwrap();
            assert_eq!(format!("{read:?}"), format!("{known:?}"), "{text}");
        }
    }

    #[test]
    fn what_this_program_writes_is_read_here() {
        let text = "format = 1\nid = \"abcd2345\"\nneeds = [\"a\", \"b\"]\n\
            at = 2026-11-28T11:49:08.911Z\ndrained = true\nattempt = { state = \"running\" }\n";
        assert_eq!(
            read::<Table>(text).unwrap(),
            toml::from_str::<Table>(text).unwrap()
        );
    }

    #[test]
    fn anything_else_is_left_to_toml() {
        for text in [
            "a = 1\na = 2\n",
            "a.b = 1\n",
            "[a]\nb = 1\n",
            "# a\nb = 1\n",
            "\na = 1\n",
            "a = 01\n",
            "a = \"x\n",
            "a = \"\"\"\nb = \"c\"\n\"\"\"\n",
            "a = [\n1]\n",
            "a = \"\u{1}\"\n",
            "a=1\n",
            "a = \n",
            "a = 99999999999999999999\n",
            "\u{feff}a = 1\n",
        ] {
            assert!(read::<Table>(text).is_none(), "{text}");
        }
    }

    fn piece() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "a",
            "b",
            " = ",
            "=",
            " ",
            "\n",
            "\n",
            "\r\n",
            "\"",
            "\"x\"",
            "'y'",
            "\\",
            "\\n",
            "1",
            "0",
            "-",
            "+",
            "_",
            ".",
            "true",
            "[",
            "]",
            "{",
            "}",
            ",",
            "#",
            "\t",
            "\"\"\"",
            "'''",
            "2026-11-28T11:49:08Z",
            "2026-11-28",
            "é",
            "\u{7f}",
            "1e3",
            "nan",
        ])
    }

    proptest! {
        #[test]
        fn nothing_is_read_in_another_way(pieces in prop::collection::vec(piece(), 0..24)) {
            is_read_alike(&pieces.concat());
        }

        #[test]
        fn nor_is_a_line_with_any_value(value in "\\PC{0,20}", other in "[a-z \"'\\[\\]{}#=0-9.,]{0,20}") {
            is_read_alike(&format!("a = {value}\n"));
            is_read_alike(&format!("a = {other}\nb = {value}\n"));
        }
    }
}
