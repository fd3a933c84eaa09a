//! Why data cannot be read: each with the file, the place in it, and the way out.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::text_file::TextProblem;

use crate::error::layout::LayoutError;

/// What can be wrong with data. The text is one line and leaves that of its source out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// A setting would promise what is not done.
    #[error("the data set {dataset} has no use for `{option}`: {reason}")]
    UnusedOption {
        /// The name of the data set.
        dataset: &'static str,
        /// The setting.
        option: &'static str,
        /// Why the data set has no use for it.
        reason: &'static str,
    },
    /// The square that is cut out is larger than the image that it is cut from.
    #[error(
        "`resize` {resize} leaves fewer pixels than the {image_size} of `image_size`; make it {image_size} or more"
    )]
    ResizeTooSmall {
        /// The length of the short side, in pixels.
        resize: u32,
        /// The side of the square, in pixels.
        image_size: u32,
    },
    /// Nothing says where the data are.
    #[error("the data set {dataset} needs `data` PATH: {expected}")]
    DataNotGiven {
        /// The name of the data set.
        dataset: &'static str,
        /// What was expected, for people.
        expected: String,
    },
    /// There is nothing where the data should be.
    #[error("{}: there is no such file or folder", path.display())]
    NoSuchPath {
        /// The file or folder.
        path: PathBuf,
        /// What was expected, for people.
        expected: String,
    },
    /// A file of the data set is not in its folder.
    #[error("{}/: there is no {file} there; expected is {expected}", folder.display())]
    FileMissing {
        /// The folder.
        folder: PathBuf,
        /// The name of the file.
        file: String,
        /// What was expected, for people.
        expected: String,
    },
    /// The system cannot read a file.
    #[error("{}: the file cannot be read", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file holds what cannot be.
    #[error("{}: {reason}; the file is damaged or incomplete, get it again", path.display())]
    Damaged {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file is of a sort that is not read.
    #[error("{}: {reason}", path.display())]
    NotRead {
        /// The file.
        path: PathBuf,
        /// What sort that is, and what to do.
        reason: String,
    },
    /// A file takes, or promises, more memory than one file may take.
    #[error("{}: {reason}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How much that is, how much it may be, and the way out.
        reason: String,
    },
    /// An IDX file is of another kind.
    #[error(
        "{}: it begins with {found:#010x}, but IDX files of {content} begin with {expected:#010x}; is it another file under this name?", path.display()
    )]
    WrongMagic {
        /// The file or folder.
        path: PathBuf,
        /// What the file should hold.
        content: &'static str,
        /// Its first number.
        found: u32,
        /// The first number of such files.
        expected: u32,
    },
    /// Images and labels do not belong together.
    #[error(
        "{}: {label_count} labels, but {image_count} images in {}; the two files must be of the same set", labels.display(), images.display()
    )]
    CountsDiffer {
        /// The file of the images.
        images: PathBuf,
        /// How many images there are.
        image_count: usize,
        /// The file of the labels.
        labels: PathBuf,
        /// How many labels there are.
        label_count: usize,
    },
    /// A number is the index of no class.
    #[error(
        "{}: sample {row} has label {label}, but the classes are 0 to {}; {}", path.display(), class_count - 1, if *label < 0 { "where it marks a missing label, leave the row out" } else { "is this the right file and label column?" }
    )]
    LabelOutOfRange {
        /// The file or folder.
        path: PathBuf,
        /// The row, from 0.
        row: u64,
        /// The label.
        label: i64,
        /// How many classes there are.
        class_count: usize,
    },
    /// The images of the test are of another size than those of the training.
    #[error(
        "{}: its images have {} pixels, but the training images {}", path.display(), size(*found), size(*expected)
    )]
    OtherSize {
        /// The file or folder.
        path: PathBuf,
        /// Height and width of the former.
        found: [usize; 2],
        /// Height and width of the latter.
        expected: [usize; 2],
    },
    /// A column does not hold what its owner calls the samples.
    #[error("{}: {reason}", path.display())]
    OwnIds {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// There is nothing to tell apart.
    #[error("{}: all samples have the same label, but a classifier needs two classes; is this the right label column?", path.display())]
    OneClass {
        /// The file or folder.
        path: PathBuf,
    },
    /// A label is the name of no class.
    #[error("{}: sample {row} has label {label}, which no training sample has; the labels of all files are to be written alike, and samples of other classes left out", path.display())]
    UnknownClass {
        /// The file or folder.
        path: PathBuf,
        /// The row, from 0.
        row: u64,
        /// The label.
        label: String,
    },
    /// A label may be several classes, or none.
    #[error("{}: sample {row}: {reason}", path.display())]
    NoClass {
        /// The file or folder.
        path: PathBuf,
        /// The row, from 0.
        row: u64,
        /// Why, for people.
        reason: String,
    },
    /// A label is what programs write for a missing one.
    #[error("{}: row {row} has the label {label:?}, which is what programs write for a missing one; fill it in, or leave the row out", path.display())]
    MissingLabel {
        /// The file or folder.
        path: PathBuf,
        /// The row, from 0.
        row: u64,
        /// The label.
        label: String,
    },
    /// A file of text is none, or no table.
    #[error("{}: {problem}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: TextProblem,
    },
    /// Some files have numbers for labels, and some texts.
    #[error("{}: its labels are of another kind (texts or numbers) than those before; all files must agree", path.display())]
    MixedLabels {
        /// The file or folder.
        path: PathBuf,
    },
    /// A row lacks its label or its image.
    #[error("{}: row {row} has no {content}; leave the row out", path.display())]
    EmptyCell {
        /// The file or folder.
        path: PathBuf,
        /// The row, from 0.
        row: u64,
        /// What is lacking.
        content: &'static str,
    },
    /// An image cannot be decoded.
    #[error("{place} cannot be decoded: {reason}")]
    Image {
        /// Which image.
        place: ImagePlace,
        /// What the decoder says.
        reason: String,
    },
    /// An image is another one than when it was read first.
    #[error("{place} has changed since the run began; give the run data that stay as they are")]
    ImageChanged {
        /// Which image.
        place: ImagePlace,
    },
    /// The file of decoded images cannot be read.
    #[error("decoded images that were put on the disk cannot be read again")]
    PixelFile {
        /// What the system says.
        source: std::io::Error,
    },
    /// Images are of several sizes.
    #[error(
        "{place} has {} pixels, but the first one {}", size(*found), size(*first)
    )]
    UnequalImages {
        /// Which image.
        place: ImagePlace,
        /// Its height and width.
        found: [usize; 2],
        /// Height and width of the first one.
        first: [usize; 2],
    },
    /// No image of a class can be read.
    #[error(
        "{first}; the class {class} has no image that can be read: repair some, or remove the class"
    )]
    UnreadableClass {
        /// Its first image, and why that cannot be read.
        first: String,
        /// The name of the class.
        class: String,
    },
    /// A file lies where a folder should.
    #[error("{}: this is a file, but it should be a folder: {expected}", path.display())]
    NotAFolder {
        /// The file or folder.
        path: PathBuf,
        /// What was expected, for people.
        expected: String,
    },
    /// The folder of a class is empty.
    #[error("{}/: there is no image in it that is read (JPEG, PNG, GIF, WebP, BMP, PNM); put images of the class there, or remove the folder", path.display())]
    EmptyClass {
        /// The file or folder.
        path: PathBuf,
    },
    /// Training and test have other classes.
    #[error(
        "{}/: the class {class} has no folder there, but one in {}/; the classes of both must be the same (an empty folder will do for the test)", lacking.display(), having.display()
    )]
    ClassesDiffer {
        /// The folder without the class.
        lacking: PathBuf,
        /// The folder with it.
        having: PathBuf,
        /// The name of the class.
        class: String,
    },
    /// Folders, lists or shards of images are not what they look like.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The system cannot read a folder.
    #[error("{}/: the folder cannot be read", path.display())]
    ReadFolder {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// There are no two folders of classes.
    #[error("{}/: there are {found} class folders in it, but a classifier needs two; expected is {expected}", path.display())]
    NoClasses {
        /// The file or folder.
        path: PathBuf,
        /// How many there are.
        found: usize,
        /// What was expected, for people.
        expected: String,
    },
    /// Constants are for other channels.
    #[error(
        "the constants of `normalisation` {normalisation} are for images of {expected} channels, but {dataset} has {}", channels(*found)
    )]
    NormalisationDoesNotFit {
        /// The name of the constants.
        normalisation: &'static str,
        /// The channels that they are for.
        expected: usize,
        /// The name of the data set.
        dataset: String,
        /// `None` where samples are no images.
        found: Option<usize>,
    },
    /// The columns of a table are not as they should be.
    #[error("{}: {problem}; its columns are {columns}", path.display())]
    Column {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with them.
        problem: String,
        /// All columns, or the first of them.
        columns: String,
    },
    /// No file is called a training part.
    #[error(
        "{}/: none of its {files} .{extensions} files is called train…", folder.display()
    )]
    NoTrainingPart {
        /// The folder.
        folder: PathBuf,
        /// How many files there are.
        files: usize,
        /// What their names end in.
        extensions: String,
    },
    /// Several folders have a training part each.
    #[error("{}/: there are several data sets in it, {}, each with a training part of its own", folder.display(), sets.join(", "))]
    SeveralSets {
        /// The folder.
        folder: PathBuf,
        /// The folders of the sets.
        sets: Vec<String>,
    },
    /// A row of a table of text lacks its label.
    #[error("{}: line {line}: there is no label; fill it in, or leave the row out", path.display())]
    NoLabel {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// A feature is no number that can be learned from.
    #[error("{}: {place}: {reason}; features must be whole and finite: fill the value in, or leave the row or the column out", path.display())]
    Feature {
        /// The file or folder.
        path: PathBuf,
        /// Where it is.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The labels tell hardly any sample from another.
    #[error("{}: by the labels ({labels}), {alone} of {samples} samples are the only ones of their classes, of which nothing can be learned; are they ids or measurements?", path.display())]
    ClassesOfOne {
        /// The file or folder.
        path: PathBuf,
        /// Where the labels are.
        labels: String,
        /// How many classes have one sample.
        alone: usize,
        /// How many samples there are.
        samples: usize,
    },
    /// A cell of a CSV file is no number.
    #[error("{}: line {line}, column {column}: {cell:?} is no number{why}", path.display())]
    NoNumber {
        /// The file or folder.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The column.
        column: String,
        /// What is in the cell.
        cell: String,
        /// Why not, where it looks like one.
        why: &'static str,
    },
    /// There are numbers of rows and no features.
    #[error("{}: {place} numbers the rows and is no feature, and there is no other; is it the right file?", path.display())]
    OnlyRowNumbers {
        /// The file or folder.
        path: PathBuf,
        /// Which column.
        place: String,
    },
    /// The first line of a CSV file names no columns.
    #[error("{}: its first line begins with {first:?} and holds numbers, but should name the columns; put a line of names before it", path.display())]
    NoHeader {
        /// The file or folder.
        path: PathBuf,
        /// What the line begins with.
        first: String,
    },
    /// A file has other features than those before.
    #[error("{}: {reason}; all files must have the same features", path.display())]
    OtherFeatures {
        /// The file or folder.
        path: PathBuf,
        /// How they differ.
        reason: String,
    },
    /// A column of an array is asked for by its name.
    #[error("{}: an array has no named columns, so `{option}` cannot be used; leave it out", path.display())]
    NoColumns {
        /// The file or folder.
        path: PathBuf,
        /// The setting.
        option: &'static str,
    },
    /// An array is no table.
    #[error("{}: the array has the shape {shape}, but features are an array of two dimensions, samples × features", path.display())]
    ArrayShape {
        /// The file or folder.
        path: PathBuf,
        /// Its shape.
        shape: String,
        /// How many dimensions it has.
        dimensions: usize,
    },
    /// An array holds no numbers.
    #[error("{}: the array is of {found}, but features are numbers; in numpy, `astype(\"float32\")` makes them so", path.display())]
    ArrayType {
        /// The file or folder.
        path: PathBuf,
        /// What it holds.
        found: String,
    },
    /// An array holds no images.
    #[error("{}: {reason}", path.display())]
    ImageArray {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// An array of vectors where images are read.
    #[error("{}: the array has the shape {shape}, but images are samples × height × width, gray, or samples × height × width × channels, 1 or 3 of them", path.display())]
    ImageArrayShape {
        /// The file.
        path: PathBuf,
        /// Its shape.
        shape: String,
        /// How many dimensions it has.
        dimensions: usize,
    },
    /// Labels are not one class a sample.
    #[error("{}: the array has the shape {shape}, but labels are one class a sample; of a column for each class, `array.argmax(axis=1)` makes such", path.display())]
    LabelArrayShape {
        /// The file.
        path: PathBuf,
        /// Its shape.
        shape: String,
    },
    /// Two arrays may be the labels.
    #[error("{}: there is another array of labels for the same part, {}; leave one of them", path.display(), first.display())]
    SeveralLabelArrays {
        /// The second array.
        path: PathBuf,
        /// The first array.
        first: PathBuf,
    },
    /// Features have no labels.
    #[error("{}: there are no labels in it", path.display())]
    NoLabels {
        /// The file or folder.
        path: PathBuf,
    },
    /// The name of a file does not tell its format.
    #[error("{}: the suffix is unknown; {expected}", path.display())]
    UnknownSuffix {
        /// The file or folder.
        path: PathBuf,
        /// What files are read.
        expected: &'static str,
    },
    /// A folder has files of two formats.
    #[error("{}/: there are .{first} and .{second} files for training", folder.display())]
    SeveralFormats {
        /// The folder.
        folder: PathBuf,
        /// The suffix of one.
        first: String,
        /// The suffix of the other.
        second: String,
    },
    /// A share is to be split off for the test of a set that has a part for it.
    #[error("`test_share` splits samples off for the test, but there are some already, in {}", path.display())]
    HasTestPart {
        /// Their first file.
        path: PathBuf,
    },
    /// There are fewer samples than are asked for.
    #[error(
        "`{option}` asks for {asked} of the training samples, but there are {samples}; lower it"
    )]
    TooFewSamples {
        /// The setting.
        option: &'static str,
        /// How many are asked for.
        asked: usize,
        /// How many samples there are.
        samples: usize,
    },
    /// A part of the samples cannot have all classes.
    #[error("`subset` {asked} has no sample for each of the {class_count} classes; raise it")]
    SubsetTooSmall {
        /// How many samples are asked for.
        asked: usize,
        /// How many classes there are.
        class_count: usize,
    },
    /// A class is held out as a whole.
    #[error("`validation` {asked} leaves no training sample of the class {class}; lower it")]
    EmptiedByValidation {
        /// How many samples are held out.
        asked: usize,
        /// The name of the class.
        class: String,
    },
    /// There is nothing to train on.
    #[error("{}: there are no samples in it", path.display())]
    NoSamples {
        /// The file or folder.
        path: PathBuf,
    },
}

impl DatasetError {
    pub(crate) fn text(path: &Path, problem: TextProblem) -> Self {
        DatasetError::Text {
            path: path.to_owned(),
            problem,
        }
    }
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
pub enum ImagePlace {
    /// An image that is a file.
    File(PathBuf),
    /// An image in the row (from 0) of a table.
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
