//! Secrets in words of others, [`masked`].
//!
//! Owns what looks like one: the user part of a URL, the value of a parameter or a field with a
//! telling name, a token with a known beginning, and long random text. Never decides what is shown
//! otherwise.

/// What stands in the place of a secret.
const MASK: &str = "***";
/// Ends of names whose value is a secret.
const NAMES: [&str; 15] = [
    "token",
    "secret",
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "private_key",
    "signature",
    "sig",
    "authorization",
    "credential",
];
/// Words in front of a secret, of the header `Authorization`.
const SCHEMES: [&str; 2] = ["bearer", "basic"];
/// Beginnings of tokens of hosts and clouds.
const BEGINNINGS: [&str; 24] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "gldt-",
    "glcbt-",
    "glrt-",
    "gloas-",
    "glptt-",
    "xoxb-",
    "xoxp-",
    "xapp-",
    "ATBB",
    "ATATT",
    "AKIA",
    "ASIA",
    "AIza",
    "eyJ",
    "npm_",
    "pypi-",
    "hf_",
];
/// A shorter text behind one of these beginnings is a word.
const TOKEN_BYTES_MIN: usize = 10;
/// A shorter value behind a name and a colon may be a word.
const VALUE_BYTES_MIN: usize = 6;
/// Text with capitals, small letters and digits of this length is random. Object ids and keys of
/// sessions have no capitals.
const RANDOM_BYTES_MIN: usize = 32;

/// Returns `text` without what looks like a secret.
pub(super) fn masked(text: &str) -> String {
    let text = without_user(text);
    let mut out = String::with_capacity(text.len());
    // The word before is a name with a colon, or a scheme.
    let mut announced = false;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let (bare, space) = (bare, &word[bare.len()..]);
        let plain = bare.trim_matches(['"', '\'', '`', ',', ';', '.', '(', ')', '<', '>']);
        if announced && plain.len() >= VALUE_BYTES_MIN && has_digit_or_is_long(plain) {
            out.push_str(&bare.replacen(plain, MASK, 1));
        } else {
            out.push_str(&masked_word(bare));
        }
        out.push_str(space);
        if !bare.is_empty() {
            let name = plain.strip_suffix(':').filter(|name| is_name(name));
            let scheme = SCHEMES
                .iter()
                .any(|scheme| plain.eq_ignore_ascii_case(scheme));
            announced = name.is_some() || scheme;
        }
    }
    out
}

fn has_digit_or_is_long(value: &str) -> bool {
    value.contains(|c: char| c.is_ascii_digit()) || value.len() >= 2 * TOKEN_BYTES_MIN
}

/// Checks whether the value of a field of this name is a secret.
fn is_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES
        .iter()
        .any(|end| name.trim_end_matches('s').ends_with(end))
}

/// Masks the values of parameters, and tokens, within a word.
fn masked_word(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '%' | '+');
    let mut rest = word;
    // True behind `name=`, `name:` and `"name":`, up to a sign that ends a value.
    let mut is_value = false;
    while let Some(first) = rest.chars().next() {
        if !is_part(first) {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            is_value &= matches!(first, '"' | '\'' | '=' | ':' | '/');
            continue;
        }
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(end);
        let is_digest = out.ends_with("SHA256:");
        let is_secret = is_value || is_token(part) || !is_digest && is_random(part);
        out.push_str(if is_secret { MASK } else { part });
        let sign = behind.trim_start_matches(['"', '\'']);
        is_value |= is_name(part) && sign.starts_with(['=', ':']);
        rest = behind;
    }
    out
}

fn is_token(part: &str) -> bool {
    let is_of =
        |start: &&str| part.starts_with(*start) && part.len() >= start.len() + TOKEN_BYTES_MIN;
    BEGINNINGS.iter().any(is_of)
}

fn is_random(part: &str) -> bool {
    part.len() >= RANDOM_BYTES_MIN
        && part.contains(|c: char| c.is_ascii_digit())
        && part.contains(|c: char| c.is_ascii_uppercase())
        && part.contains(|c: char| c.is_ascii_lowercase())
        && !part.contains('.')
}

/// Returns `text` with each `scheme://user:password@host` written as `scheme://host`.
fn without_user(text: &str) -> String {
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let host_end = part.find(|c: char| c == '/' || c == '\'' || c == '"' || c.is_whitespace());
        let host = &part[..host_end.unwrap_or(part.len())];
        let user_end = host.rfind('@').map_or(0, |at| at + 1);
        out.push_str("://");
        out.push_str(&part[user_end..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked() {
        for (text, shown) in [
            ("https://u:p@host/x https://t@h", "https://host/x https://h"),
            (
                "see https://h/x?token=abc&y=1",
                "see https://h/x?token=***&y=1",
            ),
            (
                "https://h/x?private_token=abc",
                "https://h/x?private_token=***",
            ),
            (
                "https://h/x?a=1&X-Amz-Signature=0af9",
                "https://h/x?a=1&X-Amz-Signature=***",
            ),
            ("password=hunter2, go", "password=***, go"),
            ("PASSWORD='hunter2'", "PASSWORD='***'"),
            (
                "{\"token\":\"s3cr3t\",\"a\":1}",
                "{\"token\":\"***\",\"a\":1}",
            ),
            ("secret=ab/cd+ef==", "secret=***/***=="),
            ("token: abc123def", "token: ***"),
            (
                "Authorization: Basic dXNlcjpwYXNz1",
                "Authorization: Basic ***",
            ),
            (
                "Authorization: Bearer abcdefghijklmnopqrstuvw",
                "Authorization: Bearer ***",
            ),
            ("your ghp_0123456789abcdef is old", "your *** is old"),
            ("(glpat-abcdefghij-1234)", "(***)"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "***"),
            ("AbCdEfGhIjKlMnOpQrStUvWxYz0123456789", "***"),
        ] {
            assert_eq!(masked(text), shown, "{text}");
        }
    }

    #[test]
    fn words_stay() {
        for text in [
            "Invalid username or token. Password authentication is not supported.",
            "token: expired",
            "8ab686eafeb1f44702738c8b0f24f2567c36da6d",
            "refs/presence/sessions/8ab686eafeb1f44702738c8b0f24f256",
            "SHA256:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg",
            "error: GH013: Repository rule violations found for refs/heads/main.",
            "https://host/group/repository/-/settings?tab=rules",
            "http_proxy: Basic rules apply",
            "basic rules",
            "ghp_short",
            "a\tb  c",
            "",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
