//! The data sets that the recorder knows by name and the formats that it reads, one a file.

pub(crate) mod cifar;
pub(crate) mod digits;
pub(crate) mod features;
pub(crate) mod image_arrays;
pub(crate) mod image_folder;
pub(crate) mod image_list;
pub(crate) mod image_parquet;
pub(crate) mod labelled_images;
pub(crate) mod list;
pub(crate) mod mnist;
pub(crate) mod part_labels;
pub(crate) mod tiny_imagenet;
pub(crate) mod webdataset;
