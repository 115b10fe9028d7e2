//! What a release is made of: its texts, and one number in all packages.

mod release;
mod versions;
