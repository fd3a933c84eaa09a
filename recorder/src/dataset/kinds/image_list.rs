//! Images that a list names, a line each with its label, as WebVision, Clothing1M and Food-101N have them: a path
//! and a label divided by a tab, a comma or a space, or a table with a line that names its columns. Where a
//! line is a path alone, the folder that the image lies in is its label.

pub(crate) mod lines;
pub(crate) mod names;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::dataset::files::label_texts;
use crate::dataset::files::parts::Parts;
use crate::dataset::images::encoded::EncodedSamples;
use crate::dataset::kinds::image_folder::encoded_files;
use crate::dataset::kinds::image_list::lines::{Line, read_lines};
use crate::dataset::kinds::labelled_images::{self, LabelledImages};
use crate::dataset::own_ids::{has_column, ids_of_rows};
use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::OwnIds;
use crate::dataset::settings::{DatasetKind, DatasetSettings, IMAGE_TABLE_OPTIONS};
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;
use crate::error::run::RecorderError;

/// Images of one's own that a list names.
pub(crate) static LIST: DatasetKind = DatasetKind {
    name: "list",
    help: "Images of your own that a list names, a path and a label a line, or a table with named columns",
    is_format: true,
    has_images: true,
    may_be_plain_pixels: false,
    hub_repository: None,
    options: IMAGE_TABLE_OPTIONS,
    unused_reason: "its samples are images",
    load: |settings, _| load(settings),
};

const EXPECTED: &str = "a list of images, a path and a label a line, or a folder of lists called train… and test… or val…, .txt, .csv or .tsv";
const SUFFIXES: [&str; 5] = ["txt", "csv", "tsv", "lst", "list"];

pub(crate) fn load(settings: &DatasetSettings) -> Result<Dataset, RecorderError> {
    let parts = Parts::find(settings.path(EXPECTED)?, &SUFFIXES, EXPECTED)?;
    labelled_images::load::<List>(parts, settings, ReadingReport::default())
}

/// The images of one part.
#[derive(Default)]
struct List {
    images: Vec<PathBuf>,
    labels: Vec<String>,
    /// The file and the line of each.
    places: Vec<(PathBuf, u64)>,
}

impl LabelledImages for List {
    fn read(
        files: &[PathBuf],
        settings: &DatasetSettings,
        report: &mut ReadingReport,
    ) -> Result<Self, DatasetError> {
        let mut list = Self::default();
        for path in files {
            let around = path.parent().unwrap_or(Path::new(""));
            let root = settings.root.as_deref().unwrap_or(around);
            for Line {
                number,
                image,
                label,
            } in read_lines(path, root, settings, report)?
            {
                list.images.push(root.join(image));
                list.labels.push(label);
                list.places.push((path.clone(), number));
            }
        }
        let repeated = list.check_repeated()?;
        if repeated > 0 {
            report.remarks.push(format!(
                "{repeated} lines name an image that a line before them names, under the same label"
            ));
        }
        match list.images.is_empty() {
            false => Ok(list),
            true => Err(DatasetError::NoSamples {
                path: files.first().cloned().unwrap_or_default(),
            }),
        }
    }

    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn place(&self, row: usize) -> String {
        let (path, line) = &self.places[row];
        format!("{}: line {line}", path.display())
    }

    fn own_ids(&self, settings: &DatasetSettings) -> Result<Option<OwnIds>, DatasetError> {
        let Some(column) = &settings.id_column else {
            return Ok(None);
        };
        let mut files: Vec<PathBuf> = self.places.iter().map(|(file, _)| file.clone()).collect();
        files.dedup();
        if settings.label_file.is_some() && !has_column(&files, column) {
            return Ok(None);
        }
        let of_file = self
            .places
            .chunk_by(|(one, _), (next, _)| one == next)
            .enumerate();
        let places = of_file
            .flat_map(|(file, lines)| (0..lines.len() as u64).map(move |row| (file as u32, row)));
        ids_of_rows(files, places.collect(), column).map(Some)
    }

    fn into_samples(self, class_names: &[String]) -> Result<EncodedSamples, DatasetError> {
        let labels = label_texts::class_indices(&self.labels, class_names, |row| self.place(row))?;
        Ok(EncodedSamples {
            labels,
            ..encoded_files(self.images, Vec::new())
        })
    }
}

impl List {
    /// How many lines name an image once more; refuses two labels of one image.
    fn check_repeated(&self) -> Result<usize, DatasetError> {
        let mut first: BTreeMap<&Path, usize> = BTreeMap::new();
        let mut repeated = 0;
        for (row, image) in self.images.iter().enumerate() {
            let before = *first.entry(image).or_insert(row);
            if before == row {
                continue;
            }
            repeated += 1;
            if self.labels[before] != self.labels[row] {
                return Err(DatasetError::from(LayoutError::LabelText {
                    place: self.place(row),
                    reason: format!(
                        "it labels {} as {}, but line {} as {}; leave one of them",
                        image.display(),
                        self.labels[row],
                        self.places[before].1,
                        self.labels[before]
                    ),
                }));
            }
        }
        Ok(repeated)
    }
}
