//! The two ends of a remote: the URL that it is fetched from and those that it is pushed to.
//!
//! Owns [`Endpoints`]: how Git rewrites URLs (`insteadOf`, `pushInsteadOf`, `pushurl`), when two
//! spellings are one place, and whether a remote is one place at all, which it has to be to decide
//! anything. Never reads a setting, never asks a server.

/// A rewriting of URLs: what starts with `find` starts with `with` instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// The start of the URLs that are rewritten.
    pub find: String,
    /// What takes its place.
    pub with: String,
}

/// The settings of the URLs of one remote, in the order in which Git reads them.
#[derive(Clone, Debug, Default)]
pub struct UrlSettings {
    /// The values of `remote.<name>.url`.
    pub urls: Vec<String>,
    /// The values of `remote.<name>.pushurl`.
    pub push_urls: Vec<String>,
    /// The values of `url.<base>.insteadOf`.
    pub instead_of: Vec<Rewrite>,
    /// The values of `url.<base>.pushInsteadOf`.
    pub push_instead_of: Vec<Rewrite>,
}

/// Where a remote is fetched from, and where it is pushed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// The URL that is fetched; `None` if the remote has none.
    pub fetch: Option<String>,
    /// The URLs that are pushed to, each.
    pub push: Vec<String>,
}

/// Why a remote is not one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Divided {
    /// It has no URL.
    NoUrl,
    /// It is pushed to several places.
    Several {
        /// How many URLs a push goes to.
        push_urls: usize,
    },
    /// It is pushed to another place than it is fetched from.
    Elsewhere {
        /// The URL that is fetched, without credentials.
        fetch: String,
        /// The URL that is pushed to, without credentials.
        push: String,
    },
}

impl Endpoints {
    /// Returns the endpoints as Git derives them: `git remote get-url --all`, of which the first is
    /// fetched, and `git remote get-url --push --all`.
    pub fn of(settings: &UrlSettings) -> Self {
        let urls = without_emptied(&settings.urls);
        let rewritten = |url: &&str| rewrite(url, &settings.instead_of);
        let fetched: Vec<String> = urls
            .iter()
            .map(|url| rewritten(url).unwrap_or_else(|| (*url).to_owned()))
            .collect();
        let explicit = without_emptied(&settings.push_urls);
        let mut push: Vec<String> = explicit
            .iter()
            .map(|url| rewritten(url).unwrap_or_else(|| (*url).to_owned()))
            .collect();
        if push.is_empty() {
            // Once one URL is rewritten for pushes, the others are not pushed to.
            let for_push = urls.iter();
            push = for_push
                .filter_map(|url| rewrite(url, &settings.push_instead_of))
                .collect();
        }
        if push.is_empty() {
            push.clone_from(&fetched);
        }
        Self {
            fetch: fetched.into_iter().next(),
            push,
        }
    }

    /// Returns the endpoints with each URL as `of` returns it.
    #[must_use]
    pub fn map(self, of: impl Fn(String) -> String) -> Self {
        Self {
            fetch: self.fetch.map(&of),
            push: self.push.into_iter().map(of).collect(),
        }
    }

    /// Returns why the remote is not one place; `None` if it is.
    pub fn divided(&self) -> Option<Divided> {
        let Some(fetch) = &self.fetch else {
            return Some(Divided::NoUrl);
        };
        let mut places: Vec<String> = self.push.iter().map(|url| place(url)).collect();
        places.sort();
        places.dedup();
        match places.as_slice() {
            [one] if *one == place(fetch) => None,
            [_] => Some(Divided::Elsewhere {
                fetch: shown(fetch),
                push: self.push.first().map(|url| shown(url)).unwrap_or_default(),
            }),
            _ => Some(Divided::Several {
                push_urls: self.push.len(),
            }),
        }
    }

    /// Returns true if what is pushed can be fetched again.
    pub fn shows_what_is_pushed(&self) -> bool {
        let fetch = self.fetch.as_ref().map(|url| place(url));
        self.push.iter().any(|url| Some(place(url)) == fetch)
    }

    /// Returns why the remote is not one place if Git pushes to `to`.
    pub fn divided_by(&self, to: &str) -> Divided {
        Divided::Elsewhere {
            fetch: self.fetch.as_deref().map(shown).unwrap_or_default(),
            push: to.to_owned(),
        }
    }

    /// Returns a text that is the same for the same places, in any spelling.
    pub fn places(&self) -> String {
        let all = self.fetch.iter().chain(&self.push).map(|url| place(url));
        all.collect::<Vec<_>>().join("\n")
    }
}

/// Returns the values that count: an empty one removes those before it.
fn without_emptied(values: &[String]) -> Vec<&str> {
    let from = values.iter().rposition(String::is_empty);
    let values = values.iter().skip(from.map_or(0, |at| at + 1));
    values.map(String::as_str).collect()
}

/// Rewrites the start of a URL by the longest match, the first of equals; `None` without a match.
fn rewrite(url: &str, rewrites: &[Rewrite]) -> Option<String> {
    let mut best: Option<&Rewrite> = None;
    for one in rewrites.iter().filter(|one| url.starts_with(&one.find)) {
        if best.is_none_or(|best| best.find.len() < one.find.len()) {
            best = Some(one);
        }
    }
    best.map(|best| format!("{}{}", best.with, &url[best.find.len()..]))
}

/// Checks whether two URLs are spellings of one place.
pub fn is_same_place(one: &str, two: &str) -> bool {
    place(one) == place(two)
}

/// Returns a URL as Git reports it after a push: without the name and the password of the user.
pub fn as_reported(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (&url[..scheme.len() + 3], rest),
        None if is_path(url) => return url.to_owned(),
        None => ("", url),
    };
    match rest.split_once('@') {
        Some((user, host)) if !user.contains('/') && (!scheme.is_empty() || host.contains(':')) => {
            format!("{scheme}{host}")
        }
        _ => url.to_owned(),
    }
}

/// Returns the one spelling of a place, as far as spellings can be compared without asking: scheme
/// and host in lower case, no usual port, no slash at the end, no credentials of a web server.
fn place(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return scp_or_path(url);
    };
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "git+ssh" | "ssh+git" => "ssh".to_owned(),
        scheme => scheme.to_owned(),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if scheme == "file" && matches!(authority, "" | "localhost") {
        return tidy(path);
    }
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let user = user.split(':').next().unwrap_or_default();
    let host = host.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "ssh" => ":22",
        "http" => ":80",
        "https" => ":443",
        "git" => ":9418",
        _ => "",
    };
    let host = host.strip_suffix(usual).unwrap_or(&host);
    let at = match scheme.as_str() {
        "http" | "https" => String::new(),
        _ if user.is_empty() => String::new(),
        _ => format!("{user}@"),
    };
    format!("{scheme}://{at}{host}{}", tidy(path))
}

/// Checks whether Git takes a URL for a path of this machine: it has no colon, or a slash before
/// the first one.
pub fn is_path(url: &str) -> bool {
    let before = url.split(':').next().unwrap_or_default();
    before.len() == url.len() || before.contains('/')
}

/// Returns the place of `host:path`, which is one of ssh, or of a path.
fn scp_or_path(url: &str) -> String {
    match url.split_once(':') {
        Some((at, path)) if !at.contains('/') && !at.is_empty() => {
            let (user, host) = at.rsplit_once('@').unwrap_or(("", at));
            let user = if user.is_empty() {
                ""
            } else {
                &at[..=user.len()]
            };
            let home = if path.starts_with('/') { "" } else { "/~/" };
            let host = host.to_ascii_lowercase();
            format!("ssh://{user}{host}{}", tidy(&format!("{home}{path}")))
        }
        _ => tidy(url),
    }
}

/// Removes what changes nothing in a path: doubled slashes, `.`, and the slash at the end.
fn tidy(path: &str) -> String {
    let parts = path.split('/').enumerate();
    let kept = parts.filter(|(at, part)| *at == 0 || !matches!(*part, "" | "."));
    let kept: Vec<&str> = kept.map(|(_, part)| part).collect();
    match kept.join("/") {
        empty if empty.is_empty() && path.starts_with('/') => "/".to_owned(),
        path => path,
    }
}

/// Returns a URL without what may be a password.
fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((user, host)) if user.contains(':') || scheme.starts_with("http") => {
            format!("{scheme}://{host}{path}")
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    fn rewrites(values: &[(&str, &str)]) -> Vec<Rewrite> {
        let rewrite = |(find, with): &(&str, &str)| Rewrite {
            find: (*find).to_owned(),
            with: (*with).to_owned(),
        };
        values.iter().map(rewrite).collect()
    }

    fn settings(urls: &[&str], push_urls: &[&str]) -> UrlSettings {
        UrlSettings {
            urls: texts(urls),
            push_urls: texts(push_urls),
            ..UrlSettings::default()
        }
    }

    fn elsewhere(fetch: &str, push: &str) -> Option<Divided> {
        let (fetch, push) = (fetch.to_owned(), push.to_owned());
        Some(Divided::Elsewhere { fetch, push })
    }

    #[test]
    fn a_remote_is_one_place_or_it_is_not() {
        let several = |push_urls| Some(Divided::Several { push_urls });
        for (urls, push_urls, divided) in [
            (&["/a"][..], &[][..], None),
            (&[], &[], Some(Divided::NoUrl)),
            (&["/a", "/b"], &[], several(2)),
            (&["/a", "/b"], &["/a"], None),
            (&["/a", "/b"], &["/b"], elsewhere("/a", "/b")),
            (&["/a"], &["/a", "/b"], several(2)),
            (&["/a"], &["/a", "/a/"], None),
            (&["/x", "", "/a"], &["/a"], None),
            (&["/a"], &["/b", ""], None),
            (
                &["https://u:secret@h/x"],
                &["ssh://git@h/x"],
                elsewhere("https://h/x", "ssh://git@h/x"),
            ),
        ] {
            let endpoints = Endpoints::of(&settings(urls, push_urls));
            assert_eq!(endpoints.divided(), divided, "{urls:?} {push_urls:?}");
        }
    }

    #[test]
    fn urls_are_rewritten_as_git_does_it() {
        let with = |instead: &[(&str, &str)], push: &[(&str, &str)], settings| UrlSettings {
            instead_of: rewrites(instead),
            push_instead_of: rewrites(push),
            ..settings
        };
        let of = |settings: UrlSettings| {
            let endpoints = Endpoints::of(&settings);
            (endpoints.fetch.unwrap_or_default(), endpoints.push)
        };
        let both = [("h:", "/srv/"), ("h:deep/", "/deep/"), ("h:", "/late/")];
        assert_eq!(
            of(with(&both, &[], settings(&["h:deep/x", "h:y"], &[]))),
            ("/deep/x".to_owned(), texts(&["/deep/x", "/srv/y"]))
        );
        // For pushes the URL counts as it is written, and only those that match.
        let push = [("h:", "/push/")];
        assert_eq!(
            of(with(&both, &push, settings(&["/z", "h:y"], &[]))),
            ("/z".to_owned(), texts(&["/push/y"]))
        );
        // An explicit push URL is rewritten as any other.
        assert_eq!(
            of(with(&both, &push, settings(&["h:y"], &["h:y"]))),
            ("/srv/y".to_owned(), texts(&["/srv/y"]))
        );
    }

    #[test]
    fn git_reports_a_url_without_its_user() {
        for (url, reported) in [
            ("https://u:p@h/x", "https://h/x"),
            ("ssh://git@h:22/x@y", "ssh://h:22/x@y"),
            ("https://h/x@y", "https://h/x@y"),
            ("git@h:x", "h:x"),
            ("/srv/a@b", "/srv/a@b"),
            ("../a@b:c", "../a@b:c"),
            ("a@b", "a@b"),
        ] {
            assert_eq!(as_reported(url), reported, "{url}");
        }
    }

    #[test]
    fn spellings_of_one_place() {
        for (one, two, is_same) in [
            ("/a/b", "/a//b/", true),
            ("/a/b", "file:///a/./b", true),
            ("/a/b", "/a/b.git", false),
            ("https://H.example/x", "https://u:p@h.example:443/x/", true),
            ("https://h/x", "http://h/x", false),
            ("https://h/x", "ssh://h/x", false),
            ("git@H:x/y", "ssh://git@h:22/~/x/y", true),
            ("git@h:/x", "git+ssh://git@h/x", true),
            ("git@h:x", "other@h:x", false),
            ("ssh://h/x", "ssh://h:2222/x", false),
            ("../a", "../a/", true),
            ("/", "//", true),
        ] {
            assert_eq!(place(one) == place(two), is_same, "{one} {two}");
        }
    }
}
