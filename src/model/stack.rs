//! Stacks and the files in their folders.
//!
//! Owns which claims on `stack:` are about a file ([`about`]): a stack has the files in its folder
//! and below it, as a command in that folder changes that stack. Never looks at a disk.

use super::resource::Resource;

/// Names of files by which a folder is known to be that of a stack.
const FILES: [&str; 12] = [
    "terragrunt.hcl",
    "terragrunt.stack.hcl",
    "Pulumi.yaml",
    "Pulumi.yml",
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "helmfile.yaml",
    "helmfile.yml",
    "cdk.json",
    "cdktf.json",
];
/// Endings of such names.
const ENDINGS: [&str; 4] = [".tf", ".tf.json", ".tofu", ".tofu.json"];
/// The name of the stack in the top folder of a repository.
const TOP: &str = ".";

/// A stack that may have a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// The stack.
    pub resource: Resource,
    /// The folder, from the top of the repository.
    pub folder: String,
    /// Whether only the last part of the folder is the name of the stack: it is that stack if the
    /// folder has a file of one.
    pub by_last_part: bool,
}

/// Returns the stacks that may have `file`, which is named from the top of the repository; the
/// innermost first. Of the top folder only what is directly in it counts: all else is below it.
pub fn about(file: &str) -> Vec<Stack> {
    let mut stacks = Vec::new();
    let mut add = |name: &str, folder: &str, by_last_part| {
        if let Ok(resource) = Resource::from_record(&format!("stack:{name}")) {
            stacks.push(Stack {
                resource,
                folder: folder.to_owned(),
                by_last_part,
            });
        }
    };
    let Some((mut folder, _)) = file.rsplit_once('/') else {
        add(TOP, "", false);
        return stacks;
    };
    loop {
        add(folder, folder, false);
        let Some((above, last)) = folder.rsplit_once('/') else {
            break;
        };
        add(last, folder, true);
        folder = above;
    }
    stacks
}

/// Returns true if a file of this name shows that its folder is that of a stack.
pub fn is_stack_file(name: &str) -> bool {
    FILES.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_in_the_stacks_of_its_folders() {
        let labels = |file: &str| -> Vec<(String, bool)> {
            let stacks = about(file).into_iter();
            stacks
                .map(|stack| (stack.resource.label().to_owned(), stack.by_last_part))
                .collect()
        };
        let is = |label: &str, by_last_part| (label.to_owned(), by_last_part);
        assert_eq!(
            labels("infra/dns/zones/main.tf"),
            [
                is("stack:infra/dns/zones", false),
                is("stack:zones", true),
                is("stack:infra/dns", false),
                is("stack:dns", true),
                is("stack:infra", false),
            ]
        );
        assert_eq!(labels("dns/main.tf"), [is("stack:dns", false)]);
        assert_eq!(labels("main.tf"), [is("stack:.", false)]);
    }

    #[test]
    fn stacks_are_known_by_their_files() {
        for name in ["main.tf", "a.tf.json", "Pulumi.yaml", "compose.yaml"] {
            assert!(is_stack_file(name), "{name}");
        }
        for name in ["main.rs", "tf", "values.yaml", "compose.yaml.bak"] {
            assert!(!is_stack_file(name), "{name}");
        }
    }
}
