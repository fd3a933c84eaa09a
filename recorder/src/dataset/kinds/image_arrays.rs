//! Images of one's own in arrays of NumPy: an NPZ archive with the arrays of each part, as Keras (`x_train`, `y_train`)
//! and MedMNIST (`train_images`, `train_labels`) name them, or NPY files that are called so.

use std::io::Read;
use std::path::{Path, PathBuf};

use npyz::{DType, Order, TypeChar};

use crate::dataset::files::finding::read_error;
use crate::dataset::files::npy_file::NpyFile;
use crate::dataset::files::parts::Parts;
use crate::dataset::files::room::check_room;
use crate::dataset::images::plain_pixels::PlainPixels;
use crate::dataset::kinds::part_labels::{PartFiles, PartLabels};
use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::Origins;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::dataset::settings::{DatasetKind, DatasetSettings};
use crate::error::dataset::DatasetError;
use crate::error::run::RecorderError;

/// Images of one's own in arrays of NumPy.
pub(crate) static ARRAYS: DatasetKind = DatasetKind {
    name: "arrays",
    help: "Images of your own in arrays of NumPy, bytes in an NPZ or NPY file: samples × height × width (× channels)",
    is_format: true,
    has_images: true,
    may_be_plain_pixels: true,
    hub_repository: None,
    options: &["data", "test_share", "image_size", "resize"],
    unused_reason: "its images are plain pixels in arrays, which are kept in memory as they are",
    load: |settings, _| load(settings),
};

const EXPECTED: &str = "an NPZ file with arrays such as x_train, y_train, x_test and y_test, or images and labels, or a folder of NPY files that are called so, or one NPY file of images";

fn load(settings: &DatasetSettings) -> Result<Dataset, RecorderError> {
    let mut parts = Parts::find(settings.path(EXPECTED)?, &["npy"], EXPECTED)?;
    if let (Some(test), true) = (&parts.test, settings.needs_labels)
        && PartFiles::of(test)?.labels.is_none()
    {
        parts = parts.without_test();
    }
    let mut report = ReadingReport::default();
    let mut read = |files: &[PathBuf]| Part::read(files, settings, &mut report);
    let train = read(&parts.train)?;
    let mut test = parts.test.as_deref().map(&mut read).transpose()?;
    // The classes are those of the training part.
    if let (PartLabels::Unneeded, Some(test)) = (&train.labels, &mut test) {
        test.labels = PartLabels::Unneeded;
    }
    parts.tell(&mut report);
    if let PartLabels::File(file) = &train.labels {
        report.labels = Some(file.in_words());
    }
    let class_names = train.labels.class_names(&train.origins)?;
    let shape = train.images.shape;
    if let Some(test) = &test
        && test.images.shape != shape
    {
        return Err(DatasetError::ImageArray {
            path: test.origins.place(0).0,
            reason: format!(
                "its images are of {}, and those that are trained on of {}",
                told(test.images.shape),
                told(shape)
            ),
        }
        .into());
    }
    let train = train.into_samples(&class_names, &mut report)?;
    let test = test.map(|test| test.into_samples(&class_names, &mut report));
    let test = test.transpose()?.unwrap_or_else(|| train.select(&[]));
    let set = PlainPixels {
        class_names,
        shape,
        train,
        test,
    };
    Ok(Dataset {
        reading: report,
        ..set.into_dataset(settings)
    })
}

/// The images of a part, and where their labels are.
struct Part {
    images: ImageArray,
    labels: PartLabels,
    origins: Origins,
}

impl Part {
    fn read(
        files: &[PathBuf],
        settings: &DatasetSettings,
        report: &mut ReadingReport,
    ) -> Result<Self, RecorderError> {
        let files = PartFiles::of(files)?;
        files.tell(report);
        let path = &files.inputs[0];
        if let Some(second) = files.inputs.get(1) {
            return Err(DatasetError::ImageArray {
                path: second.clone(),
                reason: format!(
                    "there is another array of images for the same part, {}; leave one of them",
                    path.display()
                ),
            }
            .into());
        }
        let images = ImageArray::read(path)?;
        let origins = Origins::rows_of(path.display().to_string(), images.count);
        let labels = match (files.labels, &settings.label_file) {
            (Some(mut file), _) => {
                file.missing_is_a_class = settings.missing_is_a_class;
                PartLabels::File(file)
            }
            (None, Some(file)) => PartLabels::File(file.clone()),
            (None, None) => PartLabels::None,
        };
        let labels = match !settings.needs_labels && labels.class_names(&origins).is_err() {
            true => PartLabels::Unneeded,
            false => labels,
        };
        Ok(Self {
            images,
            labels,
            origins,
        })
    }

    fn into_samples(
        self,
        class_names: &[String],
        report: &mut ReadingReport,
    ) -> Result<Samples, RecorderError> {
        let (labels, notes) = self.labels.indices(class_names, &self.origins)?;
        report.remarks.extend(notes);
        Ok(Samples {
            labels,
            inputs: Inputs::Pixels(self.images.pixels),
            origins: self.origins,
        })
    }
}

/// Such as 28×28×3, height × width × channels.
fn told([channels, height, width]: [usize; 3]) -> String {
    format!("{height}×{width}×{channels}")
}

/// Images as networks take them: channel by channel.
struct ImageArray {
    count: usize,
    /// channels, height, width
    shape: [usize; 3],
    pixels: Vec<u8>,
}

impl ImageArray {
    fn read(path: &Path) -> Result<Self, DatasetError> {
        let array = NpyFile::open(path)?;
        let refused = |reason: String| DatasetError::ImageArray {
            path: path.to_owned(),
            reason,
        };
        let lengths = array.header.shape();
        let shape: Option<Vec<usize>> = lengths.iter().map(|&one| one.try_into().ok()).collect();
        let shape = shape.unwrap_or_default();
        let layout = layout(&shape).map_err(refused)?;
        let (shape, is_by_channel) = layout.ok_or_else(|| DatasetError::ImageArrayShape {
            path: path.to_owned(),
            shape: format!("{lengths:?}"),
            dimensions: lengths.len(),
        })?;
        let dtype = array.header.dtype();
        let kind = match &dtype {
            DType::Plain(kind) => Some((kind.type_char(), kind.size_field())),
            _ => None,
        };
        if kind != Some((TypeChar::Uint, 1)) {
            let way_out = match kind {
                Some((TypeChar::Float, _)) => {
                    "those from 0 to 1 become such by (array * 255).round().astype(\"uint8\")"
                }
                _ => "array.astype(\"uint8\") makes such of whole numbers",
            };
            return Err(refused(format!(
                "its values are of the type {}, but pixels are bytes from 0 to 255; {way_out}",
                dtype.descr()
            )));
        }
        if array.header.order() == Order::Fortran {
            return Err(refused(
                "its values lie in Fortran's order; save numpy.ascontiguousarray(array)".to_owned(),
            ));
        }
        // A damaged header may promise more than can be counted.
        let size = shape.into_iter().fold(1, usize::saturating_mul);
        let count = lengths[0].saturating_mul(size as u64);
        check_room(path, count)?;
        if count == 0 {
            return Err(DatasetError::NoSamples {
                path: path.to_owned(),
            });
        }
        // Room for what the file can hold.
        let mut pixels = Vec::with_capacity(count.min(array.length) as usize);
        let mut values = array.values.take(count + 1);
        values
            .read_to_end(&mut pixels)
            .map_err(|error| read_error(path, error))?;
        if pixels.len() as u64 != count {
            return Err(DatasetError::Damaged {
                path: path.to_owned(),
                reason: format!("it has not the {count} values that its header promises"),
            });
        }
        if !is_by_channel {
            by_channel(&mut pixels, shape);
        }
        Ok(Self {
            count: pixels.len() / size,
            shape,
            pixels,
        })
    }
}

/// Channels, height and width of each image of an array of this shape, and whether its values lie channel by channel;
/// `None` where it is not the shape of images.
fn layout(shape: &[usize]) -> Result<Option<([usize; 3], bool)>, String> {
    let are_channels = |count: usize| matches!(count, 1 | 3);
    match *shape {
        [_, height, width] => Ok(Some(([1, height, width], true))),
        [_, first, height, last] if are_channels(first) && are_channels(last) => Err(format!(
            "its shape {shape:?} may be samples × height × width × channels, or samples × channels × height × width of {height}×{last} pixels"
        )),
        [_, height, width, channels] if are_channels(channels) => {
            Ok(Some(([channels, height, width], channels == 1)))
        }
        [_, channels, height, width] if are_channels(channels) => {
            Ok(Some(([channels, height, width], true)))
        }
        _ => Ok(None),
    }
}

/// Puts the channels of each image behind one another, where they lay pixel by pixel.
fn by_channel(pixels: &mut [u8], [channels, height, width]: [usize; 3]) {
    let area = height * width;
    let mut image = vec![0; channels * area];
    for planes in pixels.chunks_exact_mut(channels * area) {
        image.copy_from_slice(planes);
        for (at, pixel) in image.chunks_exact(channels).enumerate() {
            for (channel, &value) in pixel.iter().enumerate() {
                planes[channel * area + at] = value;
            }
        }
    }
}
