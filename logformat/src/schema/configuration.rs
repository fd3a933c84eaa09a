//! What recorder and analyzer must spell alike in the configuration of a run and in the metrics of its
//! epochs. Other recorders may write these keys too; whatever else they write is kept and shown.

/// In the configuration, the name of the data set.
pub const DATASET: &str = "dataset";
/// In the configuration, the epochs (from 1) that begin with a lower learning rate: an array of whole
/// numbers, ascending.
pub const LEARNING_RATE_DROPS: &str = "learning_rate_drops";
/// In the configuration, the column of the data that has their owner's ids, those of the sample table;
/// absent or null where there are none.
pub const ID_COLUMN: &str = "id_column";
/// In what the data were taken for, the CRC-32 of each table that samples are rows of, by its file as the sample table
/// has it, in eight hexadecimal digits.
pub const TABLE_CRC32: &str = "table_crc32";
/// In the configuration, the name of the network that was trained.
pub const NETWORK: &str = "network";
/// In the configuration, the kind of noise that was put into the labels, such as `uniform` or `flip`;
/// `none` where none was.
pub const NOISE_TYPE: &str = "noise_type";
/// In the configuration, the share of the labels that was to be made wrong, 0 to 1.
pub const NOISE_RATE: &str = "noise_rate";
/// Among the metrics of an epoch, the share of the test samples that the network gives their own labels
/// after it, 0 to 1.
pub const TEST_ACCURACY: &str = "test_accuracy";
/// The same for the samples that were held out of the training samples for validation.
pub const VALIDATION_ACCURACY: &str = "validation_accuracy";
/// Among the metrics of an epoch, the share of the samples that the pass holds out as its fold to which the
/// network gives their *given* labels after it, 0 to 1.
pub const HELD_OUT_ACCURACY: &str = "held_out_accuracy";
/// In the configuration, into how many folds the samples are dealt, one of which each pass does not train on;
/// absent where every pass trains on all samples.
pub const FOLDS: &str = "folds";
/// In the configuration, the loss that was minimised; absent for cross-entropy.
pub const LOSS: &str = "loss";
/// As such a loss, symmetric cross-entropy (Wang et al., ICCV 2019), by which threshold samples stay unlearnt, even more so
/// than wrong labels: their percentile lies too low.
pub const SYMMETRIC_CROSS_ENTROPY: &str = "sce";
