//! The settings of the URLs of a remote.
//!
//! Owns how they are read from a configuration that was opened (`endpoints`). Never rewrites or
//! compares one: that is `model::endpoint`.

use std::path::Path;

use gix::config::File;

use crate::model::endpoint::{Endpoints, Rewrite, UrlSettings, is_path};

/// Returns where a remote is fetched from and pushed to. Relative paths begin at `from`.
pub(super) fn endpoints(config: &File, remote: &str, from: &Path) -> Endpoints {
    let values = |key: &str| -> Vec<String> {
        let values = config.strings_by("remote", Some(remote.into()), key);
        let values = values.into_iter().flatten();
        values.map(|value| value.to_string()).collect()
    };
    let endpoints = Endpoints::of(&UrlSettings {
        urls: values("url"),
        push_urls: values("pushurl"),
        instead_of: rewrites(config, "insteadOf"),
        push_instead_of: rewrites(config, "pushInsteadOf"),
    });
    let endpoints = endpoints.map(|url| absolute(url, from));
    match endpoints.divided() {
        None => endpoints,
        // Two paths may lead to one folder.
        Some(_) => endpoints.map(resolved),
    }
}

/// Returns the URL, and for a relative path of this machine the whole path.
fn absolute(url: String, from: &Path) -> String {
    match is_path(&url)
        .then(|| from.join(&url))
        .as_deref()
        .map(Path::to_str)
    {
        Some(Some(path)) => path.to_owned(),
        _ => url,
    }
}

/// Resolves links and `..` in the path of a repository on this machine.
fn resolved(url: String) -> String {
    let path = url.strip_prefix("file://").unwrap_or(&url);
    let real = is_path(path).then(|| Path::new(path).canonicalize().ok());
    let real = real.flatten();
    let real = real.and_then(|real| real.to_str().map(str::to_owned));
    real.unwrap_or(url)
}

fn rewrites(config: &File, key: &str) -> Vec<Rewrite> {
    let sections = config.sections_by_name("url").into_iter().flatten();
    let mut found = Vec::new();
    for section in sections {
        let Some(with) = section.header().subsection_name() else {
            continue;
        };
        found.extend(section.values(key).into_iter().map(|find| Rewrite {
            find: find.to_string(),
            with: with.to_string(),
        }));
    }
    found
}

/// Returns a digest of the places of a remote, for files of this clone: a URL may have a password.
pub fn digest(endpoints: &Endpoints) -> String {
    let hash = blake3::derive_key(
        "git-presence place of a remote",
        endpoints.places().as_bytes(),
    );
    blake3::Hash::from(hash).to_hex()[..32].to_owned()
}
