//! Shipped rules.
//!
//! Owns the texts of the rules that come with the program, line by line, as the build indexed them
//! by program. Never reads them.

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Variables in the holes and conditions of shipped rules. Reading them off the rules takes longer
/// than classifying a line; a test compares them.
const IN_TEMPLATES: [&str; 11] = [
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_REGION",
    "CLOUDSDK_CORE_PROJECT",
    "CONTAINER_HOST",
    "DOCKER_CONTEXT",
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

/// Returns the lines of the shipped rules.
#[cfg(test)]
pub(super) fn shipped_lines() -> impl Iterator<Item = &'static str> {
    LINES.iter().map(|(_, line)| *line)
}

/// Returns the names of the families of rules, in the order in which they count.
pub fn families() -> &'static [&'static str] {
    FAMILIES
}

/// Returns how many rules a family has.
pub fn rules_of(name: &str) -> usize {
    let is_in_it = |family: &u8| FAMILIES.get(usize::from(*family)) == Some(&name);
    let rules = LINES
        .iter()
        .filter(|(family, line)| is_in_it(family) && line.contains(" => "));
    rules.count()
}

/// Returns the shipped lines that state something about the program `name`, but for those of the
/// families in `off`.
pub(super) fn lines_about<'o>(
    name: &str,
    off: &'o [String],
) -> impl Iterator<Item = &'static str> + use<'o> {
    let found = PROGRAMS.binary_search_by_key(&name, |(program, _)| program);
    let numbers = found.ok().and_then(|at| PROGRAMS.get(at));
    let numbers = numbers.map_or(&[] as &[u16], |(_, numbers)| numbers);
    let lines = numbers
        .iter()
        .filter_map(|number| LINES.get(usize::from(*number)));
    let is_on = |(family, _): &&(u8, &str)| {
        let family = FAMILIES.get(usize::from(*family)).copied();
        !family.is_some_and(|family| off.iter().any(|off| off == family))
    };
    lines.filter(move |line| is_on(line)).map(|(_, line)| *line)
}

/// Returns the names of variables in the holes and conditions of rules, and of those that carry
/// arguments.
pub(super) fn variables<'t>() -> impl Iterator<Item = &'t str> {
    IN_TEMPLATES.into_iter().chain(ARGUMENTS)
}
