//! Samples whose images are still encoded, and how they become pixels: decoded in parallel, brought
//! to one size, gray only where all of them are.

use rayon::prelude::*;

use super::classes::StoredLabels;
use super::picture::Picture;
use super::{
    Dataset, DatasetError, DatasetSettings, Inputs, Origins, Samples, Standardisation, TEST_SHARE,
    split,
};

/// Some samples, read but not decoded.
#[derive(Debug)]
pub(super) struct EncodedSamples {
    pub images: Vec<Vec<u8>>,
    pub labels: StoredLabels,
    pub origins: Origins,
}

impl EncodedSamples {
    /// Puts those that were read next behind; `false` where the labels are of another kind.
    pub(super) fn append(&mut self, next: EncodedSamples) -> bool {
        self.images.extend(next.images);
        self.origins.append(next.origins);
        self.labels.append(next.labels)
    }
}

impl EncodedSamples {
    fn decode(
        self,
        side: Option<u32>,
        class_names: &[String],
    ) -> Result<DecodedSamples, DatasetError> {
        let labels = self.labels.class_indices(class_names, &self.origins)?;
        let images = self.images.par_iter();
        let decoded: Vec<_> = images.map(|image| Picture::decode(image, side)).collect();
        let name = |(sample, picture): (usize, Result<Picture, String>)| {
            picture.map_err(|reason| {
                let (path, row) = self.origins.place(sample);
                DatasetError::Image { path, row, reason }
            })
        };
        // Not a result already where it is parallel: the error shall be that of the first image.
        let pictures = decoded.into_iter().enumerate().map(name);
        Ok(DecodedSamples {
            pictures: pictures.collect::<Result<_, _>>()?,
            labels,
            origins: self.origins,
        })
    }
}

/// Samples between decoding and being brought to one shape.
#[derive(Debug)]
struct DecodedSamples {
    pictures: Vec<Picture>,
    labels: Vec<u32>,
    origins: Origins,
}

impl DecodedSamples {
    fn into_samples(self, shape: [usize; 3]) -> Samples {
        Samples {
            inputs: Inputs::Pixels(planes(&self.pictures, shape)),
            labels: self.labels,
            origins: self.origins,
        }
    }
}

/// A data set of encoded images.
#[derive(Debug)]
pub(super) struct EncodedSet {
    /// All of them, where there is no part for the test.
    pub train: EncodedSamples,
    pub test: Option<EncodedSamples>,
    /// `None` where the labels tell.
    pub class_names: Option<Vec<String>>,
}

impl EncodedSet {
    /// Decodes it, and splits it by the data seed where it has no part for the test.
    pub(super) fn decode(
        self,
        settings: &DatasetSettings,
        data_seed: u64,
    ) -> Result<Dataset, DatasetError> {
        let class_names = match self.class_names {
            Some(names) => names,
            None => self.train.labels.class_names(&self.train.origins)?,
        };
        let decode = |part: EncodedSamples| part.decode(settings.image_size, &class_names);
        let train = decode(self.train)?;
        let test = self.test.map(decode).transpose()?;
        let shape = common_shape(&train, test.as_ref())?;
        let train = train.into_samples(shape);
        let (train, test) = match test {
            Some(test) => (train, test.into_samples(shape)),
            None => split(&train, TEST_SHARE, data_seed),
        };
        Ok(Dataset {
            name: settings.label(),
            class_names,
            sample_shape: shape,
            standardisation: Standardisation::measure(&train, shape[0]),
            train,
            test,
        })
    }
}

/// Channels, height and width of all images.
fn common_shape(
    train: &DecodedSamples,
    test: Option<&DecodedSamples>,
) -> Result<[usize; 3], DatasetError> {
    let Some(first) = train.pictures.first() else {
        let path = train.origins.files.first();
        return Err(DatasetError::NoSamples {
            path: path.map(Into::into).unwrap_or_default(),
        });
    };
    let mut channels = 1;
    for part in [Some(train), test].into_iter().flatten() {
        for (sample, picture) in part.pictures.iter().enumerate() {
            if picture.size != first.size {
                let (path, row) = part.origins.place(sample);
                return Err(DatasetError::UnequalImages {
                    path,
                    row,
                    found: picture.size,
                    first: first.size,
                });
            }
            channels = channels.max(picture.channels);
        }
    }
    Ok([channels, first.size[0], first.size[1]])
}

fn planes(pictures: &[Picture], shape: [usize; 3]) -> Vec<u8> {
    let size: usize = shape.iter().product();
    let mut pixels = vec![0; pictures.len() * size];
    pixels
        .par_chunks_exact_mut(size.max(1))
        .zip(pictures)
        .for_each(|(planes, picture)| picture.write_planes(planes));
    pixels
}
