//! The questions beyond flagging, as commands: `estimate`, `compare`, `confusions`, `scores` and `runs`. What they
//! print for logs whose answers can be worked out by hand, and how they refuse what they cannot use.

mod compare;
mod confusions;
mod estimate;
mod posterior;
mod runs;
mod samples;
mod scores;
mod unseen_labels;
