//! Why weights of a network cannot be taken: each with the file, the parameter and the way out.

use std::path::PathBuf;

/// What can be wrong with a file of weights. The text is one line and leaves that of its source out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The system cannot read it.
    #[error("{}: the weights cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is something else.
    #[error(
        "{}: it holds no weights that are known here; expected is a .safetensors file, or what PyTorch's torch.save makes of a state_dict", path.display()
    )]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be as it was written.
    #[error("{}: {reason}; the file is damaged or incomplete, get it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It would run what no weights need.
    #[error(
        "{}: reading it as Python does would call {global}, which tensors do not need, so nothing of it is read; save the state_dict alone, best as .safetensors", path.display()
    )]
    Code {
        /// The file.
        path: PathBuf,
        /// The function or class.
        global: String,
    },
    /// A parameter is not there.
    #[error(
        "{}: the weights are not those of {network}: its parameter {parameter} ({}) is not among the {count} there, such as {example}", path.display(), shape(expected)
    )]
    Missing {
        /// The file.
        path: PathBuf,
        /// The network.
        network: &'static str,
        /// The first of its parameters that is missing.
        parameter: String,
        /// Its shape.
        expected: Vec<usize>,
        /// How many the file has.
        count: usize,
        /// The first of these.
        example: String,
    },
    /// A parameter is of another shape.
    #[error(
        "{}: the weights are not those of {network}: the parameter {parameter} is {} there, but {} in the network", path.display(), shape(found), shape(expected)
    )]
    OtherShape {
        /// The file.
        path: PathBuf,
        /// The network.
        network: &'static str,
        /// The first of its parameters that does not fit.
        parameter: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// Its shape in the network.
        expected: Vec<usize>,
    },
    /// A weight is no number.
    #[error(
        "{}: the parameter {parameter} has values that are not finite; the training that made it diverged, or the file is damaged", path.display()
    )]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The parameter.
        parameter: String,
    },
}

fn shape(lengths: &[usize]) -> String {
    let lengths: Vec<String> = lengths.iter().map(ToString::to_string).collect();
    match lengths.len() {
        0 => "a single number".to_owned(),
        _ => lengths.join("×"),
    }
}
