//! What the command line chooses by name from a list of the library, which knows nothing of the command line.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use program::with_options;

use crate::dataset::kinds::list::DATASETS;
use crate::dataset::samples::normalisation::{NORMALISATIONS, Normalisation};
use crate::dataset::settings::DatasetKind;
use crate::models::list::NETWORKS;
use crate::models::settings::NetworkKind;
use crate::pretrained::kind::PretrainedKind;
use crate::pretrained::list::PRETRAINED;

macro_rules! chosen_by_name {
    ($type:ty, $list:ident) => {
        impl ValueEnum for &'static $type {
            fn value_variants<'a>() -> &'a [Self] {
                &$list
            }

            fn to_possible_value(&self) -> Option<PossibleValue> {
                Some(PossibleValue::new(self.name).help(with_options(self.help)))
            }
        }
    };
}

chosen_by_name!(DatasetKind, DATASETS);
chosen_by_name!(NetworkKind, NETWORKS);
chosen_by_name!(Normalisation, NORMALISATIONS);
chosen_by_name!(PretrainedKind, PRETRAINED);
