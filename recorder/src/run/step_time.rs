//! How long it takes to train a network that others have trained, said before it begins: such networks are large,
//! and from minutes to days all is possible.

use std::time::Instant;

use candle_core::{DType, Tensor};

use crate::error::run::RecorderError;
use crate::run::passes::{Network, Task};
use crate::training::epoch::train_step;

/// A first step of so many seconds says enough; shorter ones are followed by another, since memory is touched for the
/// first time in them.
const LONG_STEP: f64 = 5.0;

impl Task<'_> {
    /// One line for people, by a step of `network`, which is changed by it, where so many `epochs` are left; `None`
    /// where there are none, or it begins with random weights.
    ///
    /// # Errors
    /// Where the device fails.
    pub(crate) fn time_in_words(
        &self,
        (network, parameters): &Network,
        epochs: u64,
    ) -> Result<Option<String>, RecorderError> {
        if self.tuning.is_none() || epochs == 0 {
            return Ok(None);
        }
        let samples = self.settings.trained(self.dataset.train.len());
        let batch = self.settings.batch_size.get().min(samples);
        let [channels, height, width] = self.dataset.sample_shape;
        let device = &self.device.device;
        let inputs = Tensor::randn(0f32, 1.0, (batch, channels, height, width), device)?;
        let labels = Tensor::zeros(batch, DType::U32, device)?;
        let mut optimiser = self.optimiser(parameters, samples, 0)?;
        let last = self.settings.epochs.get();
        let loss = self.loss.at(last, last);
        let mut step = || -> Result<f64, RecorderError> {
            let began = Instant::now();
            train_step(&**network, &mut *optimiser, loss, &inputs, &labels)?;
            device.synchronize()?;
            Ok(began.elapsed().as_secs_f64())
        };
        let first = step()?;
        let seconds = if first < LONG_STEP { step()? } else { first };
        let epoch = seconds * samples as f64 / batch as f64;
        Ok(Some(format!(
            "an epoch takes about {} here and all {epochs} about {}, by the time of a step; tests come on top",
            told_duration(epoch),
            told_duration(epoch * epochs as f64)
        )))
    }
}

/// In the largest unit of which there are two: "90.0 s", "2.5 min".
#[must_use]
pub fn told_duration(seconds: f64) -> String {
    let (unit, name) = match seconds {
        7200.0.. => (3600.0, "h"),
        120.0.. => (60.0, "min"),
        _ => (1.0, "s"),
    };
    format!("{:.1} {name}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_the_unit_that_suits_it() {
        assert_eq!(told_duration(90.0), "90.0 s");
        assert_eq!(told_duration(150.0), "2.5 min");
        assert_eq!(told_duration(9000.0), "2.5 h");
    }
}
