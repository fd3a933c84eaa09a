//! A run as a whole: its record, its sample table, its held-out logits, the writer of all its files, and the
//! ranks of a data-parallel training that log it together.

pub(crate) mod held_out;
pub(crate) mod lock;
pub(crate) mod ranks;
pub(crate) mod record;
pub(crate) mod sample_table;
pub(crate) mod writer;
