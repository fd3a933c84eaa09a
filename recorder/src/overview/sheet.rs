//! A contact sheet: some images of each class under its name, or the images of chosen samples. Numbers
//! are sample ids as in logs; a red frame is around images whose given label is known to be wrong.

use image::imageops::{self, FilterType};
use image::{ImageFormat, Rgb, RgbImage};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};
use rand::seq::SliceRandom;

use crate::error::dataset::DatasetError;
use crate::labels::training_labels::is_wrong;
use crate::overview::subject::Subject;
use crate::seeds::stream;

/// Small images are enlarged by a whole number up to about this side, large ones reduced.
const SMALL_SIDE: u32 = 64;
const LARGE_SIDE: u32 = 128;
const GAP: u32 = 8;
const LINE: u32 = 16;
const MOST_ROWS: usize = 200;
const LONGEST_NAME: usize = 24;
const BACKGROUND: Rgb<u8> = Rgb([255, 255, 255]);
const WRONG: Rgb<u8> = Rgb([210, 30, 30]);

/// Which samples are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetSettings {
    /// Images a row.
    pub examples: usize,
    /// Classes by name or index; all where there is none.
    pub classes: Vec<String>,
    /// These training samples alone, rather than some of each class.
    pub samples: Vec<usize>,
    /// Draws the examples.
    pub data_seed: u64,
}

/// Why no sheet can be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SheetError {
    /// Samples are vectors.
    #[error("the samples of {dataset} are no images and cannot be drawn")]
    NoImages {
        /// The name of the data set.
        dataset: String,
    },
    /// A class is asked for that is not there.
    #[error("there is no class {class} in {dataset}")]
    NoSuchClass {
        /// The class as it was asked for.
        class: String,
        /// The name of the data set.
        dataset: String,
    },
    /// A sample is asked for that is not there.
    #[error("there is no training sample {sample} in {dataset}, the last one is {last}")]
    NoSuchSample {
        /// The sample.
        sample: usize,
        /// The last one that is there.
        last: usize,
        /// The name of the data set.
        dataset: String,
    },
    /// The sheet would be too long.
    #[error("{rows} rows are more than the {MOST_ROWS} that a sheet can have")]
    TooManyRows {
        /// How many rows it would have.
        rows: usize,
    },
    /// An image cannot be read any more.
    #[error(transparent)]
    Data(#[from] DatasetError),
    /// The sheet cannot be made a PNG file.
    #[error("the sheet cannot be encoded")]
    Encode(#[from] image::ImageError),
}

/// A drawn sheet.
#[derive(Debug)]
pub struct Sheet(RgbImage);

struct Row {
    heading: Vec<String>,
    samples: Vec<usize>,
}

impl Sheet {
    /// Draws it.
    ///
    /// # Errors
    /// [`SheetError`] where samples are no images, or those asked for are not there.
    pub fn draw(subject: &Subject, settings: &SheetSettings) -> Result<Self, SheetError> {
        let rows = rows(subject, settings)?;
        if rows.len() > MOST_ROWS {
            return Err(SheetError::TooManyRows { rows: rows.len() });
        }
        let side = side(subject.dataset.sample_shape);
        let glyph = get_raster_width(FontWeight::Regular, RasterHeight::Size16) as u32;
        let longest = rows.iter().flat_map(|row| &row.heading);
        let longest = longest.map(|line| line.chars().count()).max().unwrap_or(0);
        let left = match longest {
            0 => GAP,
            longest => 2 * GAP + longest as u32 * glyph,
        };
        let lines = if settings.samples.is_empty() { 1 } else { 2 };
        let cell = [side[0].max(9 * glyph) + GAP, side[1] + lines * LINE + GAP];
        let columns = rows.iter().map(|row| row.samples.len()).max().unwrap_or(0);
        let width = left + columns as u32 * cell[0];
        let height = GAP + rows.len() as u32 * cell[1];
        let mut sheet = Self(RgbImage::from_pixel(width.max(1), height, BACKGROUND));
        for (row, top) in rows.iter().zip((GAP..).step_by(cell[1] as usize)) {
            for (line, y) in row.heading.iter().zip((top..).step_by(LINE as usize)) {
                sheet.write(line, GAP, y, Rgb([0, 0, 0]));
            }
            for (&sample, x) in row.samples.iter().zip((left..).step_by(cell[0] as usize)) {
                sheet.draw_sample(subject, sample, [x, top], side, lines == 2)?;
            }
        }
        Ok(sheet)
    }

    /// The sheet as a PNG file.
    ///
    /// # Errors
    /// [`SheetError::Encode`] where there is no memory for it.
    pub fn to_png(&self) -> Result<Vec<u8>, SheetError> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        self.0.write_to(&mut bytes, ImageFormat::Png)?;
        Ok(bytes.into_inner())
    }

    fn draw_sample(
        &mut self,
        subject: &Subject,
        sample: usize,
        [x, y]: [u32; 2],
        [width, height]: [u32; 2],
        names_class: bool,
    ) -> Result<(), SheetError> {
        let picture = thumbnail(subject, sample, [width, height])?;
        let given = subject.given[sample];
        let truth = subject.truth.as_ref().and_then(|truth| truth[sample]);
        let is_wrong = is_wrong(given, truth);
        let given = given as usize;
        let colour = if is_wrong { WRONG } else { Rgb([90, 90, 90]) };
        if is_wrong {
            let frame = RgbImage::from_pixel(width + 6, height + 6, WRONG);
            imageops::replace(&mut self.0, &frame, i64::from(x) - 3, i64::from(y) - 3);
        }
        imageops::replace(&mut self.0, &picture, x.into(), y.into());
        let id = subject.dataset.train.origins.sample_id(sample);
        self.write(&id.to_string(), x, y + height + 3, colour);
        if names_class {
            let name: String = subject.dataset.class_names[given].chars().take(9).collect();
            self.write(&name, x, y + height + LINE, colour);
        }
        Ok(())
    }

    /// Characters that the font lacks become question marks.
    fn write(&mut self, text: &str, x: u32, y: u32, Rgb(colour): Rgb<u8>) {
        let raster = |c| get_raster(c, FontWeight::Regular, RasterHeight::Size16);
        let glyphs = text
            .chars()
            .filter_map(|c| raster(c).or_else(|| raster('?')));
        let mut x = x;
        for glyph in glyphs {
            for (row, intensities) in (y..).zip(glyph.rows()) {
                for (column, &intensity) in (x..).zip(intensities) {
                    let Some(pixel) = self.0.get_pixel_mut_checked(column, row) else {
                        continue;
                    };
                    for (value, ink) in pixel.0.iter_mut().zip(colour) {
                        let (old, ink, part) =
                            (u32::from(*value), u32::from(ink), u32::from(intensity));
                        *value = ((old * (255 - part) + ink * part) / 255) as u8;
                    }
                }
            }
            x += glyph.width() as u32;
        }
    }
}

fn rows(subject: &Subject, settings: &SheetSettings) -> Result<Vec<Row>, SheetError> {
    let dataset = &subject.dataset;
    if !settings.samples.is_empty() {
        let origins = &dataset.train.origins;
        let found = |&id: &usize| {
            origins
                .sample_of_id(id)
                .ok_or_else(|| SheetError::NoSuchSample {
                    sample: id,
                    last: origins.sample_id(dataset.train.len().saturating_sub(1)),
                    dataset: dataset.name.clone(),
                })
        };
        let samples = settings.samples.iter().map(found);
        let samples: Vec<usize> = samples.collect::<Result<_, _>>()?;
        let rows = samples.chunks(settings.examples.max(1));
        return Ok(rows
            .map(|samples| Row {
                heading: Vec::new(),
                samples: samples.to_vec(),
            })
            .collect());
    }
    let classes: Vec<usize> = match settings.classes.is_empty() {
        true => (0..dataset.class_count()).collect(),
        false => {
            let class = |wanted: &String| class_index(subject, wanted);
            settings
                .classes
                .iter()
                .map(class)
                .collect::<Result<_, _>>()?
        }
    };
    Ok(classes
        .into_iter()
        .map(|class| class_row(subject, settings, class))
        .collect())
}

fn class_index(subject: &Subject, wanted: &str) -> Result<usize, SheetError> {
    let names = &subject.dataset.class_names;
    let by_name = names.iter().position(|name| name == wanted);
    let by_index = || {
        wanted
            .parse()
            .ok()
            .filter(|&class: &usize| class < names.len())
    };
    by_name
        .or_else(by_index)
        .ok_or_else(|| SheetError::NoSuchClass {
            class: wanted.to_owned(),
            dataset: subject.dataset.name.clone(),
        })
}

fn class_row(subject: &Subject, settings: &SheetSettings, class: usize) -> Row {
    let labels = subject.given.iter().enumerate();
    let mut samples: Vec<usize> = labels
        .filter(|(_, label)| **label as usize == class)
        .map(|(sample, _)| sample)
        .collect();
    let count = samples.len();
    samples.shuffle(&mut stream(
        settings.data_seed,
        &format!("sheet/class {class}"),
    ));
    samples.truncate(settings.examples);
    samples.sort_unstable();
    let name = &subject.dataset.class_names[class];
    let heading = match name.chars().count() > LONGEST_NAME {
        true => name.chars().take(LONGEST_NAME - 2).collect::<String>() + "..",
        false => name.clone(),
    };
    Row {
        heading: vec![heading, format!("{count} samples")],
        samples,
    }
}

/// Width and height at which images are drawn.
fn side([_, height, width]: [usize; 3]) -> [u32; 2] {
    let (width, height) = (width.max(1) as u32, height.max(1) as u32);
    let longest = width.max(height);
    if longest > LARGE_SIDE {
        let scaled = |length: u32| (length * LARGE_SIDE / longest).max(1);
        return [scaled(width), scaled(height)];
    }
    let factor = (SMALL_SIDE.div_ceil(longest)).max(1);
    [width * factor, height * factor]
}

fn thumbnail(
    subject: &Subject,
    sample: usize,
    [width, height]: [u32; 2],
) -> Result<RgbImage, SheetError> {
    let dataset = &subject.dataset;
    let [channels, rows, columns] = dataset.sample_shape;
    let (plane, size) = (rows * columns, channels * rows * columns);
    let pixels = dataset.train.pixels(sample, size)?;
    let pixels = pixels.ok_or_else(|| SheetError::NoImages {
        dataset: dataset.name.clone(),
    })?;
    // Images that use few of the values, as the digits with 0 to 16, would be black.
    let largest = u32::from(pixels.iter().copied().max().unwrap_or(0)).max(1);
    let gain = |value: u8| match largest <= 16 {
        true => (u32::from(value) * 255 / 16) as u8,
        false => value,
    };
    let original = RgbImage::from_fn(columns as u32, rows as u32, |x, y| {
        let at = y as usize * columns + x as usize;
        let value = |channel: usize| gain(pixels[channel.min(channels - 1) * plane + at]);
        Rgb([value(0), value(1), value(2)])
    });
    let filter = match width as usize >= columns {
        true => FilterType::Nearest,
        false => FilterType::Triangle,
    };
    Ok(imageops::resize(&original, width, height, filter))
}
