//! The final network: trained on the cleaned set, without threshold samples and without a log, to see whether
//! leaving out the flagged samples helps (Pleiss et al. 2020, section 4).

pub(crate) mod model;
pub mod prediction;
pub mod record;
pub mod removal;
pub(crate) mod sample_list;
pub mod settings;
pub mod training;
