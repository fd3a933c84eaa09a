//! The list of all data sets and formats, as the command line knows them: each is a file beside this one and
//! a line here.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::dataset::kinds::cifar::{CIFAR10, CIFAR100};
use crate::dataset::kinds::digits::DIGITS;
use crate::dataset::kinds::features::whole_set::FEATURES;
use crate::dataset::kinds::image_folder::IMAGES;
use crate::dataset::kinds::image_parquet::PARQUET;
use crate::dataset::kinds::mnist::{FASHION_MNIST, MNIST};
use crate::dataset::kinds::tiny_imagenet::TINY_IMAGENET;
use crate::dataset::settings::DatasetKind;

static KINDS: [&DatasetKind; 9] = [
    &DIGITS,
    &MNIST,
    &FASHION_MNIST,
    &CIFAR10,
    &CIFAR100,
    &TINY_IMAGENET,
    &IMAGES,
    &PARQUET,
    &FEATURES,
];

impl ValueEnum for &'static DatasetKind {
    fn value_variants<'a>() -> &'a [Self] {
        &KINDS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name).help(self.help))
    }
}
