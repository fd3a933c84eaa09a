//! Where a network's inputs come from: a tensor on the training's device, or samples on the host,
//! which a thread of its own standardises, augments and puts together ahead of the training.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use crate::dataset::images::decoders::run as on_decoders;
use crate::dataset::images::image_set::Images;
use crate::dataset::images::picture::Picture;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::error::dataset::DatasetError;
use crate::error::run::RecorderError;
use crate::seeds::Stream;
use crate::training::augmentation::{Augmentation, Placement};

/// Batches that are made ahead: one to be trained on next, and one in the making.
const BATCHES_AHEAD: usize = 2;

/// What a GPU should spare beside weights and intermediate results.
const MOST_RESIDENT_BYTES: usize = 4 << 30;

/// The inputs of some samples.
#[derive(Debug)]
pub enum InputSource<'a> {
    /// All of them, samples first, on the device that trains.
    Resident(Tensor),
    /// Made batch by batch for this device.
    Host(HostInputs<'a>, Device),
}

impl<'a> InputSource<'a> {
    /// Inputs for `device`: on a GPU all of them at once, where they are never changed and fit.
    pub fn of(inputs: HostInputs<'a>, device: &Device) -> Self {
        let bytes = inputs.count * inputs.shape.iter().product::<usize>() * size_of::<f32>();
        let may_reside = !device.is_cpu() && inputs.augmentation.is_none();
        if may_reside && bytes <= MOST_RESIDENT_BYTES {
            // Without room on the device they are brought there batch by batch.
            if let Ok(resident) = inputs.all(device) {
                return Self::Resident(resident);
            }
        }
        Self::Host(inputs, device.clone())
    }

    /// Calls `work` with each batch of `order` (sample indices), and its inputs. `draws` augments
    /// them, where there is an augmentation.
    ///
    /// # Errors
    /// What `work` returns; where the device or a file fails.
    pub fn for_batches(
        &self,
        order: &[u32],
        batch_size: usize,
        draws: &mut Stream,
        mut work: impl FnMut(&[u32], Tensor) -> Result<(), RecorderError>,
    ) -> Result<(), RecorderError> {
        match self {
            InputSource::Resident(inputs) => {
                for batch in order.chunks(batch_size) {
                    let samples = Tensor::new(batch, inputs.device())?;
                    work(batch, inputs.index_select(&samples, 0)?)?;
                }
                Ok(())
            }
            InputSource::Host(host, device) => {
                let placements: Vec<Placement> = order
                    .iter()
                    .map(|_| host.augmentation.draw(draws))
                    .collect();
                thread::scope(|scope| {
                    let (sender, ready) = sync_channel(BATCHES_AHEAD - 1);
                    let placements = &placements;
                    scope.spawn(move || host.make_batches(order, placements, batch_size, &sender));
                    host.use_batches(order, batch_size, device, &ready, work)
                })
            }
        }
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        match self {
            InputSource::Resident(inputs) => inputs.dims().first().copied().unwrap_or_default(),
            InputSource::Host(host, _) => host.count,
        }
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Channels, height and width of a sample.
    pub fn sample_shape(&self) -> [usize; 3] {
        match self {
            InputSource::Resident(inputs) => match inputs.dims() {
                &[_, channels, height, width] => [channels, height, width],
                dims => [dims.iter().skip(1).product(), 1, 1],
            },
            InputSource::Host(host, _) => host.shape,
        }
    }

    /// Where the inputs of a batch are.
    pub fn device(&self) -> &Device {
        match self {
            InputSource::Resident(inputs) => inputs.device(),
            InputSource::Host(_, device) => device,
        }
    }
}

/// Reads the images of the samples of each window; ends early where nobody waits for them any more.
fn read_windows(
    images: &Images,
    order: &[u32],
    window: usize,
    sender: &SyncSender<Result<Vec<Vec<u8>>, DatasetError>>,
) {
    for samples in order.chunks(window) {
        let samples: Vec<usize> = samples.iter().map(|&sample| sample as usize).collect();
        if sender.send(images.read(&samples)).is_err() {
            return;
        }
    }
}

/// Samples on the host, and what is done to them on their way to the network.
#[derive(Debug)]
pub struct HostInputs<'a> {
    stored: Stored<'a>,
    count: usize,
    /// channels, height, width
    shape: [usize; 3],
    augmentation: Augmentation,
}

/// What is stored, and for each channel what makes of it what the network sees.
#[derive(Debug)]
enum Stored<'a> {
    /// With the result for each byte.
    Pixels(&'a [u8], Vec<[f32; 256]>),
    /// With mean and 1 / standard deviation.
    Values(&'a [f32], Vec<(f32, f32)>),
    /// With the result for each byte.
    Images(&'a Images, Vec<[f32; 256]>),
}

impl<'a> HostInputs<'a> {
    /// The inputs of `samples`, which are the training or the test samples of `dataset`.
    pub fn new(dataset: &'a Dataset, samples: &'a Samples, augmentation: Augmentation) -> Self {
        let standardisation = &dataset.standardisation;
        let pairs = standardisation
            .means
            .iter()
            .zip(&standardisation.deviations);
        let pair = |(&mean, &deviation): (&f64, &f64)| (mean as f32, deviation.recip() as f32);
        Self {
            stored: match &samples.inputs {
                Inputs::Pixels(pixels) => Stored::Pixels(pixels, standardisation.tables()),
                Inputs::Values(values) => Stored::Values(values, pairs.map(pair).collect()),
                Inputs::Images(images) => Stored::Images(images, standardisation.tables()),
            },
            count: samples.len(),
            shape: dataset.sample_shape,
            augmentation,
        }
    }

    fn all(&self, device: &Device) -> Result<Tensor, RecorderError> {
        let [channels, height, width] = self.shape;
        let samples: Vec<u32> = (0..).take(self.count).collect();
        let placements = vec![Placement::default(); self.count];
        let inputs = self.batch(&samples, &placements, None)?;
        let shape = (self.count, channels, height, width);
        Ok(Tensor::from_vec(inputs, shape, device)?)
    }

    /// The inputs of the samples at `indices`, put as `placements` say: samples × channels × height ×
    /// width. `files` has the encoded image of each, where they were read before.
    fn batch(
        &self,
        indices: &[u32],
        placements: &[Placement],
        files: Option<&[Vec<u8>]>,
    ) -> Result<Vec<f32>, DatasetError> {
        let size: usize = self.shape.iter().product();
        let mut inputs = vec![0.0; indices.len() * size];
        let place = |(at, result): (usize, &mut [f32])| {
            let file = files.map(|files| files[at].as_slice());
            self.place(indices[at] as usize, file, placements[at], result)
        };
        if self.takes_long() {
            on_decoders(|| {
                let results = inputs.par_chunks_exact_mut(size).enumerate();
                // Not a result already where it is parallel: the error shall be that of the first.
                results.map(place).collect::<Vec<_>>()
            })
            .into_iter()
            .collect::<Result<(), _>>()?;
        } else {
            let mut results = inputs.chunks_exact_mut(size).enumerate();
            results.try_for_each(place)?;
        }
        Ok(inputs)
    }

    /// Whether samples are worth a thread each.
    fn takes_long(&self) -> bool {
        let are_at_hand = match &self.stored {
            Stored::Images(images, _) => images.are_decoded(),
            Stored::Pixels(..) | Stored::Values(..) => true,
        };
        !are_at_hand || self.augmentation.random_resized_crop
    }

    fn place(
        &self,
        sample: usize,
        file: Option<&[u8]>,
        placement: Placement,
        result: &mut [f32],
    ) -> Result<(), DatasetError> {
        let size = result.len();
        let range = sample * size..(sample + 1) * size;
        match &self.stored {
            Stored::Pixels(pixels, tables) => match placement.crop {
                None => self.place_pixels(&pixels[range], tables, placement, result),
                Some(crop) => {
                    let picture = Picture::from_planes(&pixels[range], self.shape);
                    let [_, height, width] = self.shape;
                    let part = crop.part(picture.size);
                    let mut planes = vec![0; size];
                    picture
                        .crop_resized(part, [height, width])
                        .write_planes(&mut planes);
                    self.place_pixels(&planes, tables, placement, result);
                }
            },
            Stored::Images(images, tables) => {
                let mut planes = vec![0; size];
                images.write_planes(sample, file, placement.crop, &mut planes)?;
                self.place_pixels(&planes, tables, placement, result);
            }
            // Features are not placed anywhere.
            Stored::Values(values, pairs) if self.shape[1] * self.shape[2] == 1 => {
                let values = values[range].iter().zip(pairs);
                for (result, (value, (mean, scale))) in result.iter_mut().zip(values) {
                    *result = (value - mean) * scale;
                }
            }
            Stored::Values(values, pairs) => {
                let [_, height, width] = self.shape;
                let planes = result.chunks_exact_mut(height * width);
                let images = values[range].chunks_exact(height * width);
                for ((result, image), (mean, scale)) in planes.zip(images).zip(pairs) {
                    let convert = |value: f32| (value - mean) * scale;
                    placement.place(image, width, 0.0, convert, result);
                }
            }
        }
        Ok(())
    }

    fn place_pixels(
        &self,
        planes: &[u8],
        tables: &[[f32; 256]],
        placement: Placement,
        result: &mut [f32],
    ) {
        let [_, height, width] = self.shape;
        let results = result.chunks_exact_mut(height * width);
        let planes = planes.chunks_exact(height * width);
        for ((result, plane), table) in results.zip(planes).zip(tables) {
            let convert = |byte: u8| table[usize::from(byte)];
            placement.place(plane, width, table[0], convert, result);
        }
    }

    /// The thread's part: ends early where nobody waits for batches any more.
    fn make_batches(
        &self,
        order: &[u32],
        placements: &[Placement],
        batch_size: usize,
        ready: &SyncSender<Result<Vec<f32>, DatasetError>>,
    ) {
        let window = match &self.stored {
            Stored::Images(images, _) => images.window().map(|window| (*images, window)),
            Stored::Pixels(..) | Stored::Values(..) => None,
        };
        let Some((images, window)) = window else {
            let batches = order.chunks(batch_size).zip(placements.chunks(batch_size));
            for (samples, placements) in batches {
                if ready.send(self.batch(samples, placements, None)).is_err() {
                    return;
                }
            }
            return;
        };
        // Whole batches; the next window is read while this one is decoded and trained on.
        let window = (window / batch_size).max(1) * batch_size;
        thread::scope(|scope| {
            let (sender, files) = sync_channel(0);
            scope.spawn(move || read_windows(images, order, window, &sender));
            let windows = order.chunks(window).zip(placements.chunks(window));
            for ((samples, placements), files) in windows.zip(files) {
                let files = match files {
                    Ok(files) => files,
                    Err(error) => {
                        // Whoever waits for batches ends with it; else nobody needs to know.
                        let _ = ready.send(Err(error));
                        return;
                    }
                };
                let batches = samples
                    .chunks(batch_size)
                    .zip(placements.chunks(batch_size));
                for ((samples, placements), files) in batches.zip(files.chunks(batch_size)) {
                    let batch = self.batch(samples, placements, Some(files));
                    if ready.send(batch).is_err() {
                        return;
                    }
                }
            }
        });
    }

    fn use_batches(
        &self,
        order: &[u32],
        batch_size: usize,
        device: &Device,
        ready: &Receiver<Result<Vec<f32>, DatasetError>>,
        mut work: impl FnMut(&[u32], Tensor) -> Result<(), RecorderError>,
    ) -> Result<(), RecorderError> {
        let [channels, height, width] = self.shape;
        for (samples, inputs) in order.chunks(batch_size).zip(ready) {
            let shape = (samples.len(), channels, height, width);
            work(samples, Tensor::from_vec(inputs?, shape, device)?)?;
        }
        Ok(())
    }
}
