//! What several commands are asked in the same words, a topic a file: the options, and what they lead to.

pub(crate) mod addresses;
pub(crate) mod logs;
pub(crate) mod memory;
pub(crate) mod output;
pub(crate) mod protocol;
pub(crate) mod repeats;
pub(crate) mod threshold_rule;
pub(crate) mod verdict;
pub(crate) mod window;
