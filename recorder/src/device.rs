//! Which processor trains.

use candle_core::Device;

use crate::RecorderError;
use crate::error::first_line;

/// A processor by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DeviceName {
    /// The processor that every machine has.
    Cpu,
    /// An NVIDIA GPU; needs a build with `--features cuda`.
    Cuda,
    /// An Apple GPU; needs a build with `--features metal`.
    Metal,
}

impl DeviceName {
    /// The name as on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            DeviceName::Cpu => "cpu",
            DeviceName::Cuda => "cuda",
            DeviceName::Metal => "metal",
        }
    }

    /// Opens the device (the first one of its kind).
    ///
    /// # Errors
    /// [`RecorderError::DeviceNotBuilt`] where this build does not have it,
    /// [`RecorderError::Device`] where the machine does not.
    pub fn open(self) -> Result<Device, RecorderError> {
        let device = self.as_str();
        let (is_built, opened) = match self {
            DeviceName::Cpu => return Ok(Device::Cpu),
            DeviceName::Cuda => (cfg!(feature = "cuda"), Device::new_cuda(0)),
            DeviceName::Metal => (cfg!(feature = "metal"), Device::new_metal(0)),
        };
        match opened {
            _ if !is_built => Err(RecorderError::DeviceNotBuilt { device }),
            Ok(opened) => Ok(opened),
            Err(error) => Err(RecorderError::Device {
                device,
                reason: first_line(&error),
            }),
        }
    }
}
