//! Why features of images cannot be computed or written.

use std::path::PathBuf;

/// What can go wrong beside the data and the weights. The text is one line and leaves that of its source out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddingError {
    /// The samples are no images.
    #[error(
        "the data set {dataset} has no images to embed; its samples are features already, which recorder run takes as they are"
    )]
    NoImages {
        /// The name of the data set.
        dataset: &'static str,
    },
    /// Other constants are asked for than the network was trained with.
    #[error(
        "{network} sees images by the means and deviations that it was trained with; leave `normalisation` out"
    )]
    OwnConstants {
        /// The network.
        network: &'static str,
    },
    /// Features are those of whole images, computed once.
    #[error(
        "with `freeze` the features of each image are computed once, so `{option}` cannot change it anew in each epoch; leave it out"
    )]
    FrozenFeatures {
        /// The setting.
        option: &'static str,
    },
    /// The set has no test part.
    #[error(
        "the data set {dataset} has no test part; leave `part` out, or split one off by `test_share`"
    )]
    NoTestPart {
        /// The name of the data set.
        dataset: String,
    },
    /// None of the images can be read.
    #[error("none of the {count} images can be read: {first}")]
    NothingReadable {
        /// How many there are.
        count: usize,
        /// Why the first cannot be.
        first: String,
    },
    /// The name of the output says no format.
    #[error("{}: features are written to .parquet and .npy files", path.display())]
    Suffix {
        /// The output.
        path: PathBuf,
    },
    /// The output is there.
    #[error("{}: it is there already", path.display())]
    Exists {
        /// The output.
        path: PathBuf,
    },
    /// A file cannot be written or read back.
    #[error("{}: the features cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Somebody stopped it.
    #[error("stopped after {done} of {of} images; the same command goes on from there")]
    Interrupted {
        /// Images whose features are kept.
        done: usize,
        /// All of them.
        of: usize,
    },
}
