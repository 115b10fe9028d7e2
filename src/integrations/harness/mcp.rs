//! Tools of MCP servers.
//!
//! Owns how a call of one becomes words that a rule of `presence.guard` can match: its name is the
//! program, and each plain field of its input an option. Never says what a tool does.

use serde_json::Value;

/// How harnesses spell such tools: `mcp__<server>__<tool>`.
const PREFIX: &str = "mcp__";
/// At most this many fields of a call are read.
const FIELDS_MAX: usize = 64;
/// A longer value names no resource.
const VALUE_BYTES_MAX: usize = 512;

/// Returns a call as words; none if the tool is not of an MCP server.
pub(super) fn call(tool: &str, input: &Value) -> Vec<String> {
    if !tool.starts_with(PREFIX) {
        return Vec::new();
    }
    let fields = input.as_object().into_iter().flatten();
    let options = fields.take(FIELDS_MAX).filter_map(|(name, value)| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let is_name = !name.is_empty() && name.chars().all(is_plain);
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        (is_name && value.len() <= VALUE_BYTES_MAX).then(|| format!("--{name}={value}"))
    });
    [tool.to_owned()].into_iter().chain(options).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_call_is_a_program_with_options() {
        let input = json!({"name": "web-0", "force": true, "n": 3, "spec": {"a": 1}, "a b": "x"});
        let words = call("mcp__k8s__delete_pod", &input);
        let expected = [
            "mcp__k8s__delete_pod",
            "--force=true",
            "--n=3",
            "--name=web-0",
        ];
        let mut words = words;
        words[1..].sort();
        assert_eq!(words, expected);
        assert!(call("Bash", &json!({"command": "ls"})).is_empty());
        assert_eq!(call("mcp__a__b", &json!("text")), ["mcp__a__b"]);
    }
}
