//! The way out of an error by words of this command line, which the library does not know.

use std::path::Path;

use analyzer::{AnalyzerError, LogError};
use anyhow::anyhow;
use logformat::PartName;

use crate::logs::ways_out::{A_THRESHOLD, EPOCHS, OTHER_PASSES, TRUE_LABELS};

/// What notes and warnings speak of, and the option that gives it.
const OPTIONS: [(&str, &str); 4] = [
    (TRUE_LABELS, "--true-labels FILE"),
    (A_THRESHOLD, "--threshold VALUE"),
    (OTHER_PASSES, "--pass N"),
    (EPOCHS, "--epochs A..B"),
];

/// A note or warning with the options that give what it speaks of, or that it names as settings.
pub(crate) fn with_options(text: &str) -> String {
    let spoken_of = OPTIONS.iter().filter(|(thing, _)| text.contains(thing));
    spoken_of.fold(program::with_options(text), |text, (thing, option)| {
        text.replace(thing, &format!("{thing} ({option})"))
    })
}

/// An error with its way out, where a flag is one.
pub(crate) fn with_way_out(error: anyhow::Error) -> anyhow::Error {
    let of_library = error.downcast_ref::<AnalyzerError>();
    let way_out = of_library.and_then(in_words_of_the_command);
    let text = way_out.clone().unwrap_or_else(|| format!("{error:#}"));
    match program::with_options(&text) {
        shown if way_out.is_none() && shown == text => error,
        shown => anyhow!(shown),
    }
}

fn in_words_of_the_command(error: &AnalyzerError) -> Option<String> {
    let way_out = match error {
        AnalyzerError::EpochsOutOfOrder { .. } => {
            ", but --low-memory adds margins up in the order of the epochs; leave it out, or sort the files and their rows by epoch"
        }
        AnalyzerError::RecordedTwice { path, first_in, .. }
            if !PartName::are_two(path, Path::new(first_in)) =>
        {
            "; where a sampler pads its batches, give --repeats first or mean"
        }
        AnalyzerError::LateLearningRateDrop { .. } => {
            ", but --low-memory has to know beforehand; give the epochs that count as --epochs A..B, or leave --low-memory out"
        }
        AnalyzerError::NoTrueLabelTable { .. } => {
            "; give --true-labels a table with the columns sample_id and true_label"
        }
        AnalyzerError::NoCommonSamples { .. } => ", or choose runs with --run",
        AnalyzerError::NoLogits { .. } => {
            "; give --from-logits with the logs that the table was computed from"
        }
        AnalyzerError::TableHasNoEpochs { requested, .. } => {
            return Some(format!(
                "{error}, so --epochs {requested} cannot be chosen any more; give the logs that it was computed from"
            ));
        }
        AnalyzerError::NoSuchRun { .. } => ", so give one of these to --run",
        AnalyzerError::SeveralRuns { .. } => "; name it by --run",
        AnalyzerError::NoSuchPass { .. } => {
            ", so give one of these to --pass, or other runs to --run"
        }
        AnalyzerError::NoEpochInWindow {
            run,
            requested,
            first,
            last,
        } => {
            return Some(format!(
                "run {run}: no epoch within --epochs {requested} was recorded; the log has epochs {first} to {last}"
            ));
        }
        AnalyzerError::NoHeldOutLogits { .. } => {
            " (recorder run --dataset features, or --folds); choose another --rule, one by AUMs"
        }
        AnalyzerError::NoHeldOutAccuracies { .. } => {
            " (recorder run --folds); give --epochs as A..B, or leave it out"
        }
        AnalyzerError::HeldOutLogits { .. } => ", or choose another --rule, one by AUMs",
        AnalyzerError::NoSuchSample { .. } => ", to --sample",
        AnalyzerError::Log(LogError::RunExists { .. }) => ": by --run NAME, or by --overwrite",
        AnalyzerError::TableExists { .. } => {
            "; give another name, or add --overwrite to replace it"
        }
        AnalyzerError::Log(_)
        | AnalyzerError::NoSuchPath { .. }
        | AnalyzerError::NoLogsInFolder { .. }
        | AnalyzerError::LogsBelow { .. }
        | AnalyzerError::RunFolder { .. }
        | AnalyzerError::NoMatch { .. }
        | AnalyzerError::BadGlob { .. }
        | AnalyzerError::ObjectStorage { .. }
        | AnalyzerError::Read { .. }
        | AnalyzerError::ColumnsDiffer { .. }
        | AnalyzerError::AssignedLabelChanges { .. }
        | AnalyzerError::ThresholdMarkChanges { .. }
        | AnalyzerError::MarkContradicts { .. }
        | AnalyzerError::AssignedIsNotGiven { .. }
        | AnalyzerError::LabelDiffers { .. }
        | AnalyzerError::MixedSampleIds { .. }
        | AnalyzerError::LogitCountChanges { .. }
        | AnalyzerError::Table { .. }
        | AnalyzerError::NoCurves { .. }
        | AnalyzerError::NothingToPlot { .. }
        | AnalyzerError::NoRivalLabels { .. }
        | AnalyzerError::NothingToExport { .. }
        | AnalyzerError::TableIsLog { .. }
        | AnalyzerError::NoFolderForTable { .. }
        | AnalyzerError::TableIsFolder { .. }
        | AnalyzerError::WriteTable { .. }
        | AnalyzerError::RecordedTwice { .. }
        | AnalyzerError::EncodeTable { .. } => return None,
    };
    Some(format!("{error}{way_out}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(error: AnalyzerError) -> String {
        with_way_out(error.into()).to_string()
    }

    #[test]
    fn the_flag_that_is_the_way_out_ends_the_sentence() {
        let (run, found) = ("c".to_owned(), "a, b".to_owned());
        assert_eq!(
            shown(AnalyzerError::NoSuchRun { run, found }),
            "there is no run c in the logs; they have a, b, so give one of these to --run"
        );
        let (run, found) = ("a".to_owned(), "1, 2".to_owned());
        assert_eq!(
            shown(AnalyzerError::NoSuchPass {
                run,
                pass: 3,
                found
            }),
            "run a: there is no pass 3; it has 1, 2, so give one of these to --pass, or other runs to --run"
        );
        let path = "aum.csv".into();
        assert_eq!(
            shown(AnalyzerError::TableExists { path }),
            "aum.csv: is already there; give another name, or add --overwrite to replace it"
        );
    }

    #[test]
    fn what_a_note_speaks_of_is_followed_by_its_option() {
        assert_eq!(
            with_options("AUROC needs known labels: give a file of true labels"),
            "AUROC needs known labels: give a file of true labels (--true-labels FILE)"
        );
        assert_eq!(with_options("1 sample not judged"), "1 sample not judged");
    }

    #[test]
    fn epochs_are_named_as_they_were_asked_for() {
        let (run, requested) = ("a".to_owned(), "4..9".to_owned());
        assert_eq!(
            shown(AnalyzerError::NoEpochInWindow {
                run,
                requested,
                first: 1,
                last: 3
            }),
            "run a: no epoch within --epochs 4..9 was recorded; the log has epochs 1 to 3"
        );
    }

    #[test]
    fn other_errors_keep_their_sources() {
        let error = AnalyzerError::Read {
            path: "a.csv".into(),
            source: std::io::Error::other("no such device"),
        };
        let shown = format!("{:#}", with_way_out(error.into()));
        assert_eq!(shown, "a.csv: cannot be read: no such device");
    }
}
