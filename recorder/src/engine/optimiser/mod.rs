//! How weights change along their gradients.

pub(crate) mod adamw;
pub(crate) mod discriminative;
pub(crate) mod in_place;
pub(crate) mod settings;
pub(crate) mod sgd;
pub(crate) mod stepping;
pub(crate) mod warm_up;
