//! A wrong command line that shows only at work, as where a file's name fits no format: it ends as those do
//! that show at once.

use std::fmt;

/// What is wrong, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongUse(pub String);

impl fmt::Display for WrongUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUse {}
