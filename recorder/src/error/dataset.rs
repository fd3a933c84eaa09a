//! Why data cannot be read: each with the file, the place in it, and the way out.

use std::fmt;
use std::path::PathBuf;

/// What can be wrong with data. The text is one line and leaves that of its source out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages say what the fields are
pub enum DatasetError {
    #[error(
        "the data set {dataset} has no use for {option}: {reason}; leave it out, or choose another --dataset"
    )]
    UnusedOption {
        dataset: &'static str,
        option: &'static str,
        reason: &'static str,
    },
    #[error(
        "--resize {resize} leaves fewer pixels than the {image_size} of --image-size; make it {image_size} or more"
    )]
    ResizeTooSmall { resize: u32, image_size: u32 },
    #[error("the data set {dataset} needs --data PATH: {expected}")]
    DataNotGiven {
        dataset: &'static str,
        expected: String,
    },
    #[error("{}: there is no such file or folder; --data says where the data are: {expected}", path.display())]
    NoSuchPath { path: PathBuf, expected: String },
    #[error("{}/: there is no {file} there; expected is {expected}", folder.display())]
    FileMissing {
        folder: PathBuf,
        file: String,
        expected: String,
    },
    #[error("{}: the file cannot be read", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {reason}; the file is damaged or incomplete, get it again", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error(
        "{}: it begins with {found:#010x}, but IDX files of {content} begin with {expected:#010x}; is it another file under this name?", path.display()
    )]
    WrongMagic {
        path: PathBuf,
        content: &'static str,
        found: u32,
        expected: u32,
    },
    #[error(
        "{}: {label_count} labels, but {image_count} images in {}; the two files must be of the same set", labels.display(), images.display()
    )]
    CountsDiffer {
        images: PathBuf,
        image_count: usize,
        labels: PathBuf,
        label_count: usize,
    },
    #[error(
        "{}: sample {row} has label {label}, but the classes are 0 to {}; is this the right file and label column?", path.display(), class_count - 1
    )]
    LabelOutOfRange {
        path: PathBuf,
        row: u64,
        label: i64,
        class_count: usize,
    },
    #[error(
        "{}: its images have {} pixels, but the training images {}", path.display(), size(*found), size(*expected)
    )]
    OtherSize {
        path: PathBuf,
        found: [usize; 2],
        expected: [usize; 2],
    },
    #[error("{}: all samples have the same label, but a classifier needs two classes; is this the right label column?", path.display())]
    OneClass { path: PathBuf },
    #[error("{}: sample {row} has label {label}, which no training sample has", path.display())]
    UnknownClass {
        path: PathBuf,
        row: u64,
        label: String,
    },
    #[error("{}: its labels are of another kind (texts or numbers) than those before; all files must agree", path.display())]
    MixedLabels { path: PathBuf },
    #[error("{}: row {row} has no {content}; leave the row out", path.display())]
    EmptyCell {
        path: PathBuf,
        row: u64,
        content: &'static str,
    },
    #[error("{place} cannot be decoded: {reason}; repair it, or leave it out by --skip-unreadable")]
    Image { place: ImagePlace, reason: String },
    #[error("{place} has changed since the run began; give the run data that stay as they are")]
    ImageChanged { place: ImagePlace },
    #[error("decoded images that were put on the disk cannot be read again; --disk 0 does without")]
    PixelFile { source: std::io::Error },
    #[error(
        "{place} has {} pixels, but the first one {}; bring all to one size by --image-size N", size(*found), size(*first)
    )]
    UnequalImages {
        place: ImagePlace,
        found: [usize; 2],
        first: [usize; 2],
    },
    #[error("{}/: the class {class} has no image that can be read; repair some, or remove the class", path.display())]
    UnreadableClass { path: PathBuf, class: String },
    #[error("{}: this is a file, but it should be a folder: {expected}", path.display())]
    NotAFolder { path: PathBuf, expected: String },
    #[error("{}/: there is no image in it; put images of the class there, or remove the folder", path.display())]
    EmptyClass { path: PathBuf },
    #[error(
        "{}/: the class {class} has no folder there, but one in {}/; the classes of both must be the same (an empty folder will do for the test)", lacking.display(), having.display()
    )]
    ClassesDiffer {
        lacking: PathBuf,
        having: PathBuf,
        class: String,
    },
    #[error("{}/: the folder cannot be read", path.display())]
    ReadFolder {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}/: there are {found} class folders in it, but a classifier needs two; expected is {expected}", path.display())]
    NoClasses {
        path: PathBuf,
        found: usize,
        expected: String,
    },
    #[error(
        "the constants of --normalisation {normalisation} are for images of {expected} channels, but {dataset} has {}; choose --normalisation measured", channels(*found)
    )]
    NormalisationDoesNotFit {
        normalisation: &'static str,
        expected: usize,
        dataset: String,
        /// `None` where samples are no images.
        found: Option<usize>,
    },
    #[error("{}: {problem}; its columns are {columns}", path.display())]
    Column {
        path: PathBuf,
        problem: String,
        columns: String,
    },
    #[error(
        "{}/: none of its {files} .{extensions} files is called train…; call the training part so, or give a single file by --data", folder.display()
    )]
    NoTrainingPart {
        folder: PathBuf,
        files: usize,
        extensions: String,
    },
    #[error("{}: {place}: {reason}; features must be whole and finite: fill the value in, or leave the row or the column out", path.display())]
    Feature {
        path: PathBuf,
        place: String,
        reason: String,
    },
    #[error("{}: line {line}, column {column}: {cell:?} is no number; where the column is none of the features, name those by --feature-column", path.display())]
    NoNumber {
        path: PathBuf,
        line: u64,
        column: String,
        cell: String,
    },
    #[error("{}: {place} counts the rows, which is no feature and may tell the label; leave it out of the file, or name the features by --feature-column", path.display())]
    CountingColumn { path: PathBuf, place: String },
    #[error("{}: its first line begins with {first:?} and holds numbers only, but should name the columns; put a line of names before it", path.display())]
    NoHeader { path: PathBuf, first: String },
    #[error("{}: {reason}; all files must have the same features", path.display())]
    OtherFeatures { path: PathBuf, reason: String },
    #[error("{}: an array has no named columns, so {option} cannot be used; leave it out", path.display())]
    NoColumns { path: PathBuf, option: &'static str },
    #[error("{}: the array has the shape {shape}, but features are an array of two dimensions, samples × features", path.display())]
    ArrayShape { path: PathBuf, shape: String },
    #[error("{}: the array is of {found}, but features are numbers; in numpy, `astype(\"float32\")` makes them so", path.display())]
    ArrayType { path: PathBuf, found: String },
    #[error("{}: there is another array of labels for the same part, {}; leave one of them", path.display(), first.display())]
    SeveralLabelArrays { path: PathBuf, first: PathBuf },
    #[error("{}: there are no labels in it; give them by --labels FILE, or in a folder as an array of one dimension beside it, train-labels.npy or test-labels.npy", path.display())]
    NoLabels { path: PathBuf },
    #[error("{}: the suffix is unknown; {expected}", path.display())]
    UnknownSuffix {
        path: PathBuf,
        expected: &'static str,
    },
    #[error("{}/: there are .{first} and .{second} files for training; leave those of one format, or give a single file by --data", folder.display())]
    SeveralFormats {
        folder: PathBuf,
        first: String,
        second: String,
    },
    #[error("{}: no training sample has the class {class} of {class_count}; number the classes from 0 without gaps, or use texts for labels", path.display())]
    ClassWithoutSamples {
        path: PathBuf,
        class: String,
        class_count: usize,
    },
    #[error("{option} asks for {asked} of the training samples, but there are {samples}; lower it")]
    TooFewSamples {
        option: &'static str,
        asked: usize,
        samples: usize,
    },
    #[error("--subset {asked} has no sample for each of the {class_count} classes; raise it")]
    SubsetTooSmall { asked: usize, class_count: usize },
    #[error(
        "--validation {asked} leaves no training sample of the class {class}; lower it, or try another --data-seed"
    )]
    EmptiedByValidation { asked: usize, class: String },
    #[error("{}: there are no samples in it; give another --data", path.display())]
    NoSamples { path: PathBuf },
}

/// Width × height, as image sizes are written, of height and width, as they are stored.
fn size([height, width]: [usize; 2]) -> String {
    format!("{width}×{height}")
}

fn channels(count: Option<usize>) -> String {
    count.map_or("no images".to_owned(), |count| count.to_string())
}

/// Which image: a file of its own, or a row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // as above
pub enum ImagePlace {
    File(PathBuf),
    Row(PathBuf, u64),
}

impl fmt::Display for ImagePlace {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            ImagePlace::File(path) => write!(formatter, "{}: the image", path.display()),
            ImagePlace::Row(path, row) => {
                write!(formatter, "{}: the image of row {row}", path.display())
            }
        }
    }
}
