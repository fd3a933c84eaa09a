//! What a log is made of: its columns, what a margin is, which class a label means, what parts of data are called, the metadata and the
//! names of its files, JSON that is damaged by no flipped bit unseen, and how tables of text are separated. It opens no
//! file.

pub(crate) mod class_labels;
pub(crate) mod column;
pub mod configuration;
pub(crate) mod decision;
pub(crate) mod file_checksums;
pub(crate) mod file_name;
pub(crate) mod hub_names;
pub(crate) mod margin;
pub(crate) mod metadata;
pub(crate) mod mislabeled_column;
pub(crate) mod part_name;
pub(crate) mod sample_id;
pub(crate) mod sealed_json;
pub(crate) mod separator;
pub(crate) mod table_checksum;
