//! The networks that the recorder knows by name.

mod cnn;
mod mlp;

use candle_core::ModuleT;
use candle_nn::VarBuilder;

use crate::RecorderError;

/// A network by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum NetworkName {
    /// A perceptron with one hidden layer of 128 units.
    Mlp,
    /// Three 3×3 convolutions with batch normalisation, for images of 4×4 pixels and more.
    Cnn,
}

impl NetworkName {
    /// The name as on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            NetworkName::Mlp => "mlp",
            NetworkName::Cnn => "cnn",
        }
    }

    /// Builds the network for samples of `sample_shape` (channels, height, width) and
    /// `output_count` outputs, the extra class included.
    ///
    /// # Errors
    /// [`RecorderError::NetworkDoesNotFit`] where the images are too small for it.
    pub fn build(
        self,
        dataset: &str,
        sample_shape: [usize; 3],
        output_count: usize,
        parameters: VarBuilder,
    ) -> Result<Box<dyn ModuleT>, RecorderError> {
        let [channels, height, width] = sample_shape;
        match self {
            NetworkName::Mlp => {
                let inputs = channels * height * width;
                Ok(Box::new(mlp::Mlp::new(inputs, output_count, parameters)?))
            }
            NetworkName::Cnn if height < cnn::LEAST_SIDE || width < cnn::LEAST_SIDE => {
                Err(RecorderError::NetworkDoesNotFit {
                    network: self.as_str(),
                    dataset: dataset.to_owned(),
                    reason: format!(
                        "its images are {height}×{width}, but it needs {0}×{0} at least",
                        cnn::LEAST_SIDE
                    ),
                })
            }
            NetworkName::Cnn => Ok(Box::new(cnn::Cnn::new(channels, output_count, parameters)?)),
        }
    }
}
