//! The way out of an error where it leads over the command line: the library says what is wrong, and this what to
//! type instead.

use std::error::Error;
use std::fmt;

use anyhow::anyhow;
use logformat::told_bytes;
use program::{WrongUse, with_options};

use crate::error::dataset::DatasetError;
use crate::error::embedding::EmbeddingError;
use crate::error::label_file::LabelFileProblem;
use crate::error::layout::LayoutError;
use crate::error::removal::FinalTrainingError;
use crate::error::run::RecorderError;
use crate::hub::error::HubError;
use crate::overview::sheet::SheetError;

/// The error with its way out, which stands behind its own text and before that of its source.
pub fn with_way_out(error: anyhow::Error) -> anyhow::Error {
    let way_out = match (
        error.downcast_ref::<RecorderError>(),
        error.downcast_ref::<HubError>(),
        error.downcast_ref::<SheetError>(),
    ) {
        (Some(error), ..) => of_run(error),
        (_, Some(error), _) => of_hub(error),
        (.., Some(error)) => of_sheet(error),
        _ => String::new(),
    };
    if is_wrong_use(&error) {
        return WrongUse(with_options(&format!("{error}{way_out}"))).into();
    }
    let error = match way_out.is_empty() {
        true => error,
        false => WithWayOut { error, way_out }.into(),
    };
    let text = format!("{error:#}");
    match with_options(&text) {
        in_options if in_options == text => error,
        in_options => anyhow!(in_options),
    }
}

/// Whether another command line is the only way out: an option of something that was not chosen.
fn is_wrong_use(error: &anyhow::Error) -> bool {
    if let Some(RecorderError::Embedding(error)) = error.downcast_ref() {
        return matches!(
            error,
            EmbeddingError::NoImages { .. }
                | EmbeddingError::OwnConstants { .. }
                | EmbeddingError::FrozenFeatures { .. }
        );
    }
    let data = match (error.downcast_ref(), error.downcast_ref()) {
        (Some(RecorderError::Data(error)), _) | (_, Some(SheetError::Data(error))) => error,
        _ => return false,
    };
    matches!(data, DatasetError::UnusedOption { .. })
}

#[derive(Debug)]
struct WithWayOut {
    error: anyhow::Error,
    way_out: String,
}

impl fmt::Display for WithWayOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.error, self.way_out)
    }
}

impl Error for WithWayOut {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

fn of_run(error: &RecorderError) -> String {
    let way_out = match error {
        RecorderError::NotCifar10 { .. } => "; use --noise-type flip or --noise-matrix",
        RecorderError::EmptiedClass { .. } => "; lower it, or try another --data-seed",
        RecorderError::LabelFile { problem, .. } => of_label_file(problem),
        RecorderError::TooManyThresholdSamples { .. } => "; lower --passes or --threshold-count",
        RecorderError::TooManyFolds(error) => {
            return match error.samples {
                0 | 1 => format!("; leave --folds out, or leave out class {}", error.class),
                fewer => format!("; take --folds {fewer} or fewer"),
            };
        }
        RecorderError::TooFewToTune { .. } => "; leave it out",
        RecorderError::DeviceNotBuilt { device } => {
            return format!(
                "; build it with `cargo build --release -p recorder --features {device}`, or use --device cpu"
            );
        }
        RecorderError::Device { .. } => "; use --device cpu",
        RecorderError::RunExists { .. } => {
            "; choose another --name or --out, go on with it by --resume, or replace it by --overwrite"
        }
        RecorderError::Diverged {
            learning_rate,
            suggested_learning_rate,
            ..
        } => return format!("; try --lr {suggested_learning_rate} instead of {learning_rate}"),
        RecorderError::OtherConfiguration { .. } => {
            "; give the settings of the first start, or another --name"
        }
        RecorderError::NoConfiguration { .. } => {
            "; put the record back, or begin anew by --overwrite"
        }
        RecorderError::LostRecord { .. } => "; put it back, or begin anew by --overwrite",
        RecorderError::Interrupted { .. } => {
            ", and the same command with --resume goes on from there"
        }
        RecorderError::Unwritable { .. } => {
            ", and once there is room the same command with --resume goes on from there"
        }
        RecorderError::DiskTooSmall {
            with_half_logits,
            without_logits,
            ..
        } => {
            let kinds = [("float16", with_half_logits), ("none", without_logits)];
            let fits = |(kind, bytes): (&str, &Option<u64>)| {
                bytes.map(|bytes| format!("--logits {kind} takes {}, ", told_bytes(bytes)))
            };
            let fitting: String = kinds.into_iter().filter_map(fits).collect();
            return format!("; {fitting}make room, or choose another --out");
        }
        RecorderError::SampleTableUnwritable(_) => {
            "; once there is room the same command with --resume goes on from there, and --pictures 0 makes the table small"
        }
        RecorderError::NetworkDoesNotFit { .. } => "; choose another --model",
        RecorderError::FinalTraining(FinalTrainingError::Exists { .. }) => {
            "; choose another --name or --out, go on with it by --resume, or replace it by --overwrite"
        }
        RecorderError::Embedding(EmbeddingError::Exists { .. }) => {
            "; choose another -o, or replace it by --overwrite"
        }
        RecorderError::Data(error) => return of_data(error),
        _ => "",
    };
    way_out.to_owned()
}

fn of_label_file(problem: &LabelFileProblem) -> &'static str {
    match problem {
        LabelFileProblem::ChooseColumn(_) => "; choose one by --label-column",
        LabelFileProblem::NpyColumn(_) => {
            "; leave --label-column out, and for true labels beside the given ones write Parquet or CSV"
        }
        _ => "",
    }
}

fn of_data(error: &DatasetError) -> String {
    let way_out = match error {
        DatasetError::UnusedOption { .. } => "; leave it out, or choose another --dataset",
        DatasetError::NoSuchPath { expected, .. } => {
            return format!("; --data says where the data are: {expected}");
        }
        DatasetError::Image { .. } => "; repair it, or leave it out by --skip-unreadable",
        DatasetError::PixelFile { .. } => "; --disk 0 does without",
        DatasetError::UnequalImages { .. } => "; bring all to one size by --image-size N",
        DatasetError::NormalisationDoesNotFit { .. } => "; choose --normalisation measured",
        DatasetError::NoTrainingPart { .. } => {
            "; call the training part so, or give a single file by --data"
        }
        DatasetError::SeveralSets { .. } => "; give one of these folders by --data",
        DatasetError::NoNumber { .. } => {
            "; where the column holds your ids, name it by --id-column, and where it is none of the features, name those by --feature-column"
        }
        DatasetError::ClassesOfOne { .. } => "; name the column of the labels by --label-column",
        DatasetError::MissingLabel { .. } => {
            "; where a class is called so, --missing-is-a-class takes it"
        }
        DatasetError::OwnIds { .. } => "; name another column by --id-column, or leave it out",
        DatasetError::HasTestPart { .. } => "; leave --test-share out",
        DatasetError::NoLabels { .. } => {
            "; give them by --labels FILE, or in a folder as an array of one dimension beside it, train-labels.npy or test-labels.npy"
        }
        DatasetError::ArrayShape { dimensions, .. } if *dimensions > 2 => {
            "; images in arrays are read by --dataset arrays"
        }
        DatasetError::ImageArrayShape { dimensions: 2, .. } => {
            "; vectors are read by --dataset features"
        }
        DatasetError::Layout(error) => return of_layout(error),
        DatasetError::SeveralFormats { .. } => {
            "; leave those of one format, or give a single file by --data"
        }
        DatasetError::EmptiedByValidation { .. } => ", or try another --data-seed",
        DatasetError::NoSamples { .. } => "; give another --data",
        _ => "",
    };
    way_out.to_owned()
}

fn of_layout(error: &LayoutError) -> String {
    let way_out = match error {
        LayoutError::FoldersAreParts { .. } => {
            "; call them train and test, or give one of them by --data"
        }
        LayoutError::FoldersOfFolders { path, .. } => {
            return format!(
                "; give the folder that holds those of the classes, or labels by --dataset list --data FILE --root {}",
                path.display()
            );
        }
        LayoutError::PartsWithoutClasses { path, train, .. } => {
            return format!(
                "; give the labels by --dataset list --data FILE --root {}, or put the images of each class into a folder of its own",
                path.join(train).display()
            );
        }
        LayoutError::ListBesideFolders { list, .. } => {
            return format!(
                "; give the labels by --dataset list --data {} --root FOLDER, or put the list elsewhere",
                list.display()
            );
        }
        LayoutError::ListBesideImages { list, .. } => {
            return format!(
                "; give the labels by --dataset list --data {} and, where they lie elsewhere, --root FOLDER",
                list.display()
            );
        }
        LayoutError::LabelsBeside { labels, .. } => {
            return format!(
                "; give it by --labels {}, or name a column by --label-column",
                labels.display()
            );
        }
        LayoutError::Versions { .. } => {
            "; give one of them by --data, or call both train-0 and train-1 where they hold other samples"
        }
        LayoutError::Folds { .. } => {
            "; put one of them into a folder of its own, or give it by --data"
        }
        LayoutError::SeveralTrainingParts { .. } => ", or give it by --data",
        LayoutError::DeadLink { .. } => "; mend it, or leave it out by --skip-unreadable",
        LayoutError::NoImageAtPath { .. } => "; say by --root where the files lie",
        LayoutError::NoLabelOfKey { key, .. } => {
            return format!(
                "; write it to {key}.cls or to a field of {key}.json, whose name --label-column says"
            );
        }
        LayoutError::SeveralImagesOfKey { .. } => {
            "; choose by --image-column what their names end in behind the key, such as jpg"
        }
        _ => "",
    };
    way_out.to_owned()
}

fn of_hub(error: &HubError) -> String {
    let instead = match error {
        HubError::NotCached { page, .. } => {
            return format!(
                " (--offline or HF_HUB_OFFLINE); allow it, or get the files of {page} by other means and give their place by --data, weights by --weights"
            );
        }
        HubError::NoHome => "set HF_HOME to a folder, or ",
        HubError::Unreachable { .. } => "check the connection, or ",
        HubError::NotFound { .. } | HubError::NoHub { .. } => "check HF_ENDPOINT, or ",
        HubError::Refused { .. } => "sign in by HF_TOKEN, or ",
        HubError::Failed { .. } => "try again later, or ",
        HubError::NoParts { .. } => "",
        HubError::NoRepository { .. } | HubError::NoWeights { .. } => return String::new(),
        HubError::Timeout { .. }
        | HubError::Cut { .. }
        | HubError::NoRoom { .. }
        | HubError::Cache { .. }
        | HubError::Locked { .. }
        | HubError::WrongSize { .. } => return String::new(),
    };
    format!("; {instead}give the files by --data, weights by --weights")
}

fn of_sheet(error: &SheetError) -> String {
    let way_out = match error {
        SheetError::NoImages { .. } => "; leave --sheet out",
        SheetError::NoSuchClass { .. } => "; give the name or the index of one by --class",
        SheetError::NoSuchSample { .. } => "; change --samples",
        SheetError::TooManyRows { .. } => "; choose some by --class",
        SheetError::Data(error) => return of_data(error),
        SheetError::Encode(_) => "",
    };
    way_out.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_out_stands_between_an_error_and_its_source() {
        let unwritable = RecorderError::Unwritable {
            pass: 1,
            epoch: 2,
            source: Box::new(RecorderError::NoiseRate(2.0)),
        };
        let text = format!("{:#}", with_way_out(unwritable.into()));
        let way_out = "are kept, and once there is room the same command with --resume goes on";
        assert!(text.contains(way_out), "{text}");
        assert!(text.contains("from there: the noise rate is 2"), "{text}");
        let no_room = RecorderError::DiskTooSmall {
            folder: "logs".into(),
            epochs: 180,
            needed: 3 << 40,
            free: 1 << 30,
            with_half_logits: None,
            without_logits: Some(1 << 20),
        };
        assert_eq!(
            with_way_out(no_room.into()).to_string(),
            "logs/: there are 1.0 GiB free, but 180 epochs of the log and what lies beside them take 3.0 TiB; --logits none takes 1.0 MiB, make room, or choose another --out"
        );
        let other = with_way_out(anyhow::anyhow!("something else"));
        assert_eq!(other.to_string(), "something else");
    }

    #[test]
    fn settings_of_the_library_are_options_of_the_command_line() {
        let too_small = DatasetError::SubsetTooSmall {
            asked: 3,
            class_count: 10,
        };
        let text = with_way_out(RecorderError::Data(too_small).into()).to_string();
        assert!(text.starts_with("--subset 3 has no sample"), "{text}");
    }
}
