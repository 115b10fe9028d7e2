//! Shipped rules.
//!
//! Owns the texts of the rules that come with the program, line by line. Never reads them.

const SHIPPED: [&str; 4] = [
    include_str!("infrastructure.txt"),
    include_str!("containers.txt"),
    include_str!("cloud.txt"),
    include_str!("wrappers.txt"),
];

/// Variables in the holes of shipped templates. Reading them off the rules takes longer than
/// classifying a line; a test compares them.
const IN_TEMPLATES: [&str; 9] = [
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_REGION",
    "CLOUDSDK_CORE_PROJECT",
    "DOCKER_HOST",
    "HELM_KUBECONTEXT",
    "HELM_NAMESPACE",
    "PGDATABASE",
    "PGHOST",
];

/// Variables that carry arguments, as far as they can change what a command does.
const ARGUMENTS: [&str; 9] = [
    "TF_CLI_ARGS",
    "TF_CLI_ARGS_apply",
    "TF_CLI_ARGS_destroy",
    "TF_CLI_ARGS_import",
    "TF_CLI_ARGS_init",
    "TF_CLI_ARGS_plan",
    "TF_CLI_ARGS_refresh",
    "TF_CLI_ARGS_state",
    "TF_CLI_ARGS_workspace",
];

/// Returns the lines of the shipped rules, comments and empty lines included.
#[cfg(test)]
pub(super) fn shipped_lines() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().flat_map(|text| text.lines()).map(str::trim)
}

/// Removes a comment.
pub(super) fn without_comment(line: &str) -> &str {
    match line {
        "#" => "",
        line => line.split("# ").next().unwrap_or_default().trim(),
    }
}

/// Returns the shipped lines that state something about the program `name`.
pub(super) fn lines_about(name: &str) -> impl Iterator<Item = &'static str> {
    let texts = SHIPPED.iter();
    texts.flat_map(move |text| lines_with(text, name).filter(move |line| is_about(line, name)))
}

/// Returns the lines of a text that contain `word`, each once.
fn lines_with<'t>(text: &'t str, word: &str) -> impl Iterator<Item = &'t str> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + text.get(from..)?.find(word)?;
        let begin = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        from = end + 1;
        Some(text[begin..end].trim())
    })
}

/// Checks whether a line states something about the program `name`.
fn is_about(line: &str, name: &str) -> bool {
    let programs = line.split_whitespace().next().unwrap_or("#");
    programs != "#" && programs.split('|').any(|program| program == name)
}

/// Returns the names of variables in the holes of templates, and of those that carry arguments.
pub(super) fn variables<'t>() -> impl Iterator<Item = &'t str> {
    IN_TEMPLATES.into_iter().chain(ARGUMENTS)
}
