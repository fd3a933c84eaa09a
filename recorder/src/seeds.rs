//! Where every random number of a run comes from: a stream with a name.

pub(crate) use draws::seeds::fnv1a;
pub use draws::seeds::{Stream, stream};
