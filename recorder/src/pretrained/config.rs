//! What timm says beside the weights of a network: how images were made ready when it was trained, so that nobody has
//! to type it.

use std::path::Path;

use logformat::read_regular;
use serde::Deserialize;

use crate::dataset::images::resampling::Resampling;
use crate::error::weights::WeightsError;
use crate::pretrained::preprocessing::Preprocessing;

/// What the file may take where nothing else is set.
const USUAL_BYTES: u64 = 32 << 20;

/// The part of a `config.json` that is read.
#[derive(Deserialize)]
struct Config {
    pretrained_cfg: Option<Told>,
}

#[derive(Deserialize)]
struct Told {
    /// Channels, height, width.
    input_size: Option<[u32; 3]>,
    interpolation: Option<String>,
    /// The share of the resized side that is cut out.
    crop_pct: Option<f64>,
    mean: Option<[f64; 3]>,
    std: Option<[f64; 3]>,
}

/// Sides that are believed, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 16..=4096;

impl Preprocessing {
    /// As the file at `path` says, and where it says nothing as this.
    ///
    /// # Errors
    /// [`WeightsError`] where it cannot be read, or says what cannot be.
    pub fn told_by(self, path: &Path) -> Result<Self, WeightsError> {
        let text = read_regular(path, USUAL_BYTES).map_err(|source| WeightsError::Read {
            path: path.to_owned(),
            source,
        })?;
        self.told(&text).map_err(|reason| WeightsError::Damaged {
            path: path.to_owned(),
            reason,
        })
    }

    fn told(self, text: &[u8]) -> Result<Self, String> {
        let config: Config = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let Some(told) = config.pretrained_cfg else {
            return Ok(self);
        };
        let mut found = self;
        if let Some([_, height, width]) = told.input_size {
            let crop = told.crop_pct.unwrap_or(1.0);
            let is_sound = height == width && SIDES.contains(&width) && (0.1..=1.0).contains(&crop);
            if !is_sound {
                return Err(format!(
                    "its images of {height}×{width}, {crop} of what is resized, cannot be"
                ));
            }
            found.side = width;
            found.resize = (f64::from(width) / crop).floor() as u32;
        }
        found.resampling = match told.interpolation.as_deref() {
            None => self.resampling,
            Some("bicubic") => Resampling::Bicubic,
            Some("bilinear") => Resampling::Bilinear,
            Some(other) => return Err(format!("its interpolation {other} is not known here")),
        };
        let in_bytes = |shares: [f64; 3]| shares.map(|share| (share * 255.0) as f32);
        found.means = told.mean.map_or(self.means, in_bytes);
        found.deviations = told.std.map_or(self.deviations, in_bytes);
        match found.deviations.iter().all(|&deviation| deviation > 0.0) {
            true => Ok(found),
            false => Err("its deviations are not all above 0".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pretrained::networks::resnet::RESNET18;

    /// As timm writes it for resnet18.a1_in1k, with what is not read left out.
    #[test]
    fn images_are_made_ready_as_timm_says() {
        let text = r#"{"architecture": "resnet18", "num_classes": 1000, "pretrained_cfg": {"tag": "a1_in1k",
            "input_size": [3, 224, 224], "crop_pct": 0.95, "interpolation": "bicubic", "crop_mode": "center",
            "mean": [0.5, 0.25, 0.2], "std": [0.5, 0.2, 0.1]}}"#;
        let own = RESNET18.preprocessing;
        let found = own.told(text.as_bytes()).unwrap();
        assert_eq!((found.side, found.resize), (224, 235));
        assert_eq!(found.resampling, Resampling::Bicubic);
        assert_eq!(
            (found.means, found.deviations),
            ([127.5, 63.75, 51.0], [127.5, 51.0, 25.5])
        );
        assert_eq!(own.told(b"{}").unwrap(), own);
        for damaged in [
            "[",
            r#"{"pretrained_cfg": {"input_size": [3, 9, 9]}}"#,
            r#"{"pretrained_cfg": {"std": [0, 1, 1]}}"#,
        ] {
            assert!(own.told(damaged.as_bytes()).is_err(), "{damaged}");
        }
    }
}
