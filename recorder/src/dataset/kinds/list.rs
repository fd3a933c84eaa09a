//! The list of all data sets and formats: each is a file beside this one and a line here.

use crate::dataset::kinds::cifar::{CIFAR10, CIFAR100};
use crate::dataset::kinds::digits::DIGITS;
use crate::dataset::kinds::features::whole_set::FEATURES;
use crate::dataset::kinds::image_arrays::ARRAYS;
use crate::dataset::kinds::image_folder::IMAGES;
use crate::dataset::kinds::image_list::LIST;
use crate::dataset::kinds::image_parquet::PARQUET;
use crate::dataset::kinds::mnist::{FASHION_MNIST, MNIST};
use crate::dataset::kinds::tiny_imagenet::TINY_IMAGENET;
use crate::dataset::kinds::webdataset::WEBDATASET;
use crate::dataset::settings::DatasetKind;

pub(crate) static DATASETS: [&DatasetKind; 12] = [
    &DIGITS,
    &MNIST,
    &FASHION_MNIST,
    &CIFAR10,
    &CIFAR100,
    &TINY_IMAGENET,
    &IMAGES,
    &PARQUET,
    &LIST,
    &WEBDATASET,
    &ARRAYS,
    &FEATURES,
];
