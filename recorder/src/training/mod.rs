//! Training with the logits of every sample: inputs and their augmentation, the device, the epoch, the learning rate.

pub mod augmentation;
pub mod device;
pub mod epoch;
pub mod evaluation;
pub mod inputs;
pub mod loss_schedule;
pub mod schedule;
pub mod tuning;
