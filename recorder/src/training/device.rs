//! Which processor trains.

use std::fmt;
use std::str::FromStr;

use candle_core::Device;

use crate::error::run::{RecorderError, first_line};

/// A processor to train on, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first GPU that this build has and this machine, too; else the processor.
    Auto,
    /// The processor that every machine has.
    Cpu,
    /// An NVIDIA GPU by its number; needs a build with `--features cuda`.
    Cuda(usize),
    /// An Apple GPU; needs a build with `--features metal`.
    Metal,
}

/// A device that was opened: `Display` is what to ask for to get it again.
#[derive(Debug, Clone)]
pub struct OpenedDevice {
    /// The device itself, as candle knows it.
    pub device: Device,
    choice: DeviceChoice,
}

impl DeviceChoice {
    /// Opens the device.
    ///
    /// # Errors
    /// [`RecorderError::DeviceNotBuilt`] where this build does not have it,
    /// [`RecorderError::Device`] where the machine does not.
    pub fn open(self) -> Result<OpenedDevice, RecorderError> {
        let device = match self {
            DeviceChoice::Auto => return Ok(Self::open_best()),
            DeviceChoice::Cpu => Ok(Device::Cpu),
            DeviceChoice::Cuda(_) if !cfg!(feature = "cuda") => return Err(not_built("cuda")),
            DeviceChoice::Cuda(number) => Device::new_cuda(number),
            DeviceChoice::Metal if !cfg!(feature = "metal") => return Err(not_built("metal")),
            DeviceChoice::Metal => Device::new_metal(0),
        };
        match device {
            Ok(device) => Ok(OpenedDevice {
                device,
                choice: self,
            }),
            Err(error) => Err(RecorderError::Device {
                device: self.to_string(),
                reason: first_line(&error),
            }),
        }
    }

    fn open_best() -> OpenedDevice {
        let gpus = [DeviceChoice::Cuda(0), DeviceChoice::Metal];
        let opened = gpus.into_iter().find_map(|gpu| gpu.open().ok());
        opened.unwrap_or(OpenedDevice {
            device: Device::Cpu,
            choice: DeviceChoice::Cpu,
        })
    }
}

fn not_built(device: &'static str) -> RecorderError {
    RecorderError::DeviceNotBuilt { device }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeviceChoice::Auto => write!(f, "auto"),
            DeviceChoice::Cpu => write!(f, "cpu"),
            DeviceChoice::Cuda(0) => write!(f, "cuda"),
            DeviceChoice::Cuda(number) => write!(f, "cuda:{number}"),
            DeviceChoice::Metal => write!(f, "metal"),
        }
    }
}

impl fmt::Display for OpenedDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.choice.fmt(f)
    }
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |number: &str| number.parse().ok().map(DeviceChoice::Cuda);
        let choice = match text {
            "auto" => Some(DeviceChoice::Auto),
            "cpu" => Some(DeviceChoice::Cpu),
            "cuda" => Some(DeviceChoice::Cuda(0)),
            "metal" => Some(DeviceChoice::Metal),
            _ => text.strip_prefix("cuda:").and_then(number),
        };
        choice.ok_or_else(|| "the devices are auto, cpu, cuda, cuda:N and metal".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_asked_for_by_kind_and_number() {
        for (text, choice) in [
            ("auto", DeviceChoice::Auto),
            ("cpu", DeviceChoice::Cpu),
            ("cuda", DeviceChoice::Cuda(0)),
            ("cuda:3", DeviceChoice::Cuda(3)),
            ("metal", DeviceChoice::Metal),
        ] {
            assert_eq!(text.parse(), Ok(choice));
            assert_eq!(choice.to_string(), text);
        }
        for text in ["gpu", "cuda:", "cuda:-1", "cuda:x", "metal:0", ""] {
            let refused: Result<DeviceChoice, String> = text.parse();
            assert!(refused.unwrap_err().contains("cuda:N"), "{text}");
        }
    }

    #[cfg(not(any(feature = "cuda", feature = "metal")))]
    #[test]
    fn a_build_without_gpus_chooses_the_processor() {
        assert_eq!(DeviceChoice::Auto.open().unwrap().to_string(), "cpu");
    }
}
