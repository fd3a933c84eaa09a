//! A run as a whole: its record, its sample table, its held-out logits, and the writer of all its files.

pub(crate) mod held_out;
pub(crate) mod lock;
pub(crate) mod record;
pub(crate) mod sample_table;
pub(crate) mod writer;
