//! Names of tasks and scripts that tell what they do.
//!
//! Owns which words in a name say that it changes what others can see. Never reads a file.

/// Words in the name of what deploys.
const ACTS: [&str; 22] = [
    "deploy",
    "deploys",
    "redeploy",
    "undeploy",
    "deployment",
    "autodeploy",
    "release",
    "publish",
    "apply",
    "destroy",
    "migrate",
    "migration",
    "migrations",
    "rollback",
    "rollout",
    "promote",
    "teardown",
    "provision",
    "unpublish",
    "decommission",
    "upgrade-prod",
    "ship",
];
/// Words in the name of what only looks, or tries.
const LOOKS: [&str; 32] = [
    "test",
    "tests",
    "spec",
    "check",
    "lint",
    "plan",
    "dry",
    "dryrun",
    "status",
    "notes",
    "diff",
    "preview",
    "docs",
    "doc",
    "list",
    "log",
    "logs",
    "show",
    "build",
    "validate",
    "verify",
    "generate",
    "gen",
    "new",
    "create",
    "make",
    "format",
    "fmt",
    "template",
    "templates",
    "view",
    "build-release",
];

/// Returns the word in a name that says that it changes something, if nothing else in it says that
/// it only looks.
pub(in crate::guard) fn telling(name: &str) -> Option<String> {
    let words = words(name);
    if words.iter().any(|word| LOOKS.contains(&word.as_str())) {
        return None;
    }
    words.into_iter().find(|word| ACTS.contains(&word.as_str()))
}

/// Splits a name at signs and before capital letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_is_lower = false;
    for character in name.chars() {
        let is_sign = !character.is_alphanumeric();
        if is_sign || character.is_uppercase() && before_is_lower {
            words.push(String::new());
        }
        if let (false, Some(word)) = (is_sign, words.last_mut()) {
            word.extend(character.to_lowercase());
        }
        before_is_lower = character.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::telling;

    #[test]
    fn a_name_tells_what_it_does() {
        for name in [
            "deploy",
            "deploy:prod",
            "deploy.sh",
            "scripts/rollout.sh",
            "bin/deployAll",
            "//k8s:prod.apply",
            ".#deploy",
            "api:deploy",
            "db-migrate",
            "release-it",
        ] {
            assert!(telling(name).is_some(), "{name}");
        }
        for name in [
            "test",
            "docs",
            "deploy-check",
            "test:deploy",
            "release-notes",
            "build",
            "plan",
            "employees",
            "build:release",
            "migrations:generate",
        ] {
            assert_eq!(telling(name), None, "{name}");
        }
    }
}
