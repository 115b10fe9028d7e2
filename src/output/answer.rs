//! The answer of a verb for a front end that hands it over instead of printing it: [`Answer`].
//!
//! Owns what stands in it: the text that a person would have seen, warnings included, and the JSON
//! of the same report. Never prints.

use serde_json::Value;

use super::{Present, Printer, Terminal, failure};
use crate::config::ColorWhen;
use crate::failure::Failure;

/// What a verb answered, for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The text, without colours; what went wrong beside it stands at its end.
    pub text: String,
    /// What `--json` would have printed.
    pub json: Value,
    /// Whether the verb failed, or answers that something is wrong.
    pub is_failure: bool,
}

impl Printer {
    /// Returns the answer of a verb. Nothing is printed, and it counts as written.
    pub fn answer(&self, result: Result<Box<dyn Present>, Failure>) -> Answer {
        match result {
            Ok(report) => {
                let terminal = Terminal {
                    color: ColorWhen::Never,
                    is_watched: false,
                    ..self.terminal
                };
                let mut text = report.text(&terminal);
                text.push_str(&self.warnings(report.warnings()));
                text.push_str(&report.notices(&terminal));
                report.written();
                Answer {
                    text: plain(&text),
                    json: report.json(),
                    is_failure: report.exit_code() != 0,
                }
            }
            Err(error) => Answer {
                text: plain(&failure::text(&error, &self.when())),
                json: failure::json(&error),
                is_failure: true,
            },
        }
    }
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Kind;
    use crate::model::time::Timestamp;

    struct Said {
        warnings: Vec<String>,
        exit_code: u8,
    }

    impl Present for Said {
        fn text(&self, _: &Terminal) -> String {
            "\u{1b}[1mClaimed\u{1b}[0m path:a\n".to_owned()
        }

        fn json(&self) -> Value {
            serde_json::json!({ "claims": ["path:a"] })
        }

        fn notices(&self, _: &Terminal) -> String {
            "go on\n".to_owned()
        }

        fn warnings(&self) -> &[String] {
            &self.warnings
        }

        fn exit_code(&self) -> u8 {
            self.exit_code
        }
    }

    fn printer() -> Printer {
        Printer {
            json: false,
            terminal: Terminal {
                color: ColorWhen::Always,
                width: 80,
                is_watched: true,
                local: |at| crate::host::Host::local(at),
            },
            clock: || Timestamp::from_millis(0),
        }
    }

    #[test]
    fn an_answer_has_text_warnings_and_json() {
        let said = Said {
            warnings: vec!["the remote is away".to_owned()],
            exit_code: 0,
        };
        let answer = printer().answer(Ok(Box::new(said)));
        assert_eq!(
            answer.text,
            "Claimed path:a\nwarning: the remote is away\ngo on\n"
        );
        assert_eq!(answer.json, serde_json::json!({ "claims": ["path:a"] }));
        assert!(!answer.is_failure);
    }

    #[test]
    fn an_exit_code_and_a_failure_are_failures() {
        let said = Said {
            warnings: Vec::new(),
            exit_code: 3,
        };
        assert!(printer().answer(Ok(Box::new(said))).is_failure);
        let failure = Failure::new(Kind::Refused, anyhow::anyhow!("path:a is held")).hint("wait");
        let answer = printer().answer(Err(failure));
        assert_eq!(answer.text, "error: path:a is held\nhint: wait\n");
        assert_eq!(answer.json["error"]["kind"], "refused");
        assert!(answer.is_failure);
    }
}
