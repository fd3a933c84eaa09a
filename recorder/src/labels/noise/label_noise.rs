//! The noise to put into the labels of a data set, not yet held against its classes.

use std::fmt;
use std::path::PathBuf;

use crate::error::run::RecorderError;
use crate::labels::noise::cifar10_pairs;
use crate::labels::noise::matrix::NoiseMatrix;
use crate::labels::noise::model::NoiseModel;
use crate::labels::noise::rate::NoiseRate;

/// The noise to put into the labels of a data set, not yet held against its classes.
#[derive(Debug, Clone, PartialEq)]
pub enum LabelNoise {
    /// The data set's own labels are under suspicion.
    None,
    /// Any other class, each equally likely.
    Uniform(NoiseRate),
    /// The next class.
    Flip(NoiseRate),
    /// The class that it is easily taken for; classes of CIFAR-10 alone.
    Cifar10Pairs(NoiseRate),
    /// The probabilities in a file.
    Matrix(PathBuf),
}

impl LabelNoise {
    /// The noise type, as on the command line.
    pub const fn type_name(&self) -> &'static str {
        match self {
            LabelNoise::None => "none",
            LabelNoise::Uniform(_) => "uniform",
            LabelNoise::Flip(_) => "flip",
            LabelNoise::Cifar10Pairs(_) => "cifar10-pairs",
            LabelNoise::Matrix(_) => "matrix",
        }
    }

    /// The rate that was asked for; `None` for a matrix, which has one for each class.
    pub const fn rate(&self) -> Option<NoiseRate> {
        match self {
            LabelNoise::None => Some(NoiseRate::ZERO),
            LabelNoise::Uniform(rate) | LabelNoise::Flip(rate) | LabelNoise::Cifar10Pairs(rate) => {
                Some(*rate)
            }
            LabelNoise::Matrix(_) => None,
        }
    }

    /// The noise for a data set with these classes; `None` where there is to be none.
    ///
    /// # Errors
    /// [`RecorderError`] where the noise does not fit the classes or its matrix cannot be read.
    pub fn model(&self, class_names: &[String]) -> Result<Option<NoiseModel>, RecorderError> {
        if *self == LabelNoise::None {
            return Ok(None);
        }
        let class_count = u32::try_from(class_names.len()).unwrap_or(u32::MAX);
        if class_count < 2 {
            return Err(RecorderError::NoiseWithoutClasses { class_count });
        }
        Ok(match self {
            LabelNoise::None => None,
            LabelNoise::Uniform(rate) => Some(NoiseModel::uniform(*rate, class_count)),
            LabelNoise::Flip(rate) => Some(NoiseModel::flip(*rate, class_count)),
            LabelNoise::Cifar10Pairs(rate) => Some(NoiseModel::mapped(
                *rate,
                cifar10_pairs::targets(class_names)?,
            )),
            LabelNoise::Matrix(path) => {
                let matrix = NoiseMatrix::read(path, class_names.len())?;
                Some(NoiseModel::matrix(matrix, class_count))
            }
        })
    }
}

/// As in `flip noise at rate 0.4`.
impl fmt::Display for LabelNoise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.rate()) {
            (LabelNoise::Matrix(path), _) => write!(f, "the noise matrix {}", path.display()),
            (_, Some(rate)) => write!(f, "{} noise at rate {}", self.type_name(), rate.get()),
            (_, None) => write!(f, "{} noise", self.type_name()),
        }
    }
}
