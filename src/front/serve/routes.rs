//! The pages of the web board.
//!
//! Owns [`Page`] and the path of each. A path that is not spelled exactly so is none. Never says
//! what is on one.

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// The board as a page.
    Whole,
    /// What of that page changes.
    Board,
    /// The stream that tells when it changes.
    Events,
    /// The answer of `status --json`.
    Status,
    /// The answer of `metrics`.
    Metrics,
    /// The style of the page.
    Style,
    /// The script of the page.
    Script,
    /// The picture in the tab of a browser.
    Icon,
}

const PATHS: [(&str, Page); 8] = [
    ("/", Page::Whole),
    ("/board", Page::Board),
    ("/events", Page::Events),
    ("/status.json", Page::Status),
    ("/metrics", Page::Metrics),
    ("/style.css", Page::Style),
    ("/board.js", Page::Script),
    ("/icon.svg", Page::Icon),
];

impl Page {
    /// Returns the page at a path.
    pub(super) fn at(path: &str) -> Option<Self> {
        let mut all = PATHS.iter();
        all.find(|(at, _)| *at == path).map(|(_, page)| *page)
    }

    /// Returns the path of the page.
    pub(super) fn path(self) -> &'static str {
        let mut all = PATHS.iter();
        all.find(|(_, page)| *page == self)
            .map_or("/", |(path, _)| path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_has_one_path_and_tricks_lead_nowhere() {
        for (path, page) in PATHS {
            assert_eq!((Page::at(path), page.path()), (Some(page), path));
        }
        for path in [
            "",
            "//",
            "/.",
            "/./",
            "/../",
            "/..%2f",
            "/%2e%2e/etc/passwd",
            "/board/",
            "/BOARD",
            "/board.js/",
            "/style.css%00",
            "/status.json;a",
            "/%62oard",
            "\\",
            "/\\..\\",
            "*",
        ] {
            assert_eq!(Page::at(path), None, "{path:?}");
        }
    }
}
