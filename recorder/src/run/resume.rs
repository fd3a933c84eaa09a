//! Where an interrupted run goes on: after the newest epoch whose log is on the disk and whose
//! checkpoint can be read. What was logged after it is written again, with the same bytes, since
//! every random draw depends on seeds, pass and epoch alone.

use std::path::Path;

use logformat::configuration::{DATASET, FOLDS};
use logformat::{RunRecord, epoch_file_name, held_out_epoch, read_regular};
use safetensors::SafeTensors;
use serde_json::Value;

use crate::error::run::RecorderError;
use crate::run::checkpoints::{Checkpoints, EpochEnd};
use crate::run::held_out_epochs::NETWORK_MODEL;
use crate::run::seal::check_seal;
use crate::run::settings::TUNED_FROM;

/// Where the data lie may change: counts and a checksum tell whether they are the same.
const MAY_CHANGE: &str = "data";

/// What others follow from: the statistics of the training samples from the seed that draws them, and rates from
/// those that short runs began with.
const CAUSES: [&str; 4] = [DATASET, "seed", "data_seed", TUNED_FROM];

/// The weights of the largest network here, and what its optimiser remembers, take a tenth.
const MOST_CHECKPOINT_BYTES: u64 = 4 << 30;

/// The first epoch that is still to be trained, and the state to train it from.
#[derive(Debug, Clone, PartialEq)]
pub struct ResumePoint {
    /// The last epoch that counts as done.
    pub done: EpochEnd,
    /// The state after it; `None` at the beginning of a pass, which needs none.
    pub state: Option<Vec<u8>>,
    /// What to tell the user, a line each.
    pub notes: Vec<String>,
}

impl ResumePoint {
    /// The beginning of a run.
    pub fn start() -> Self {
        Self {
            done: EpochEnd { pass: 1, epoch: 0 },
            state: None,
            notes: Vec::new(),
        }
    }
}

/// Checks that a run had this `configuration` `before`.
///
/// # Errors
/// [`RecorderError::OtherConfiguration`] that names the first difference,
/// [`RecorderError::NoConfiguration`] where the record has none.
pub fn check_configuration(
    run: &str,
    before: &Value,
    configuration: &Value,
) -> Result<(), RecorderError> {
    // As the record went through the file: a number that is read is not always the one that was written,
    // to the last digit.
    let configuration = serde_json::from_str(&configuration.to_string());
    let (Value::Object(before), Ok(Value::Object(now))) = (before, &configuration) else {
        return Err(RecorderError::NoConfiguration {
            run: run.to_owned(),
        });
    };
    let causes = CAUSES.map(str::to_owned);
    for key in causes.iter().chain(before.keys()).chain(now.keys()) {
        let value = |settings: &serde_json::Map<String, Value>| {
            settings.get(key).cloned().unwrap_or(Value::Null)
        };
        if key != MAY_CHANGE && value(before) != value(now) {
            return Err(RecorderError::OtherConfiguration {
                run: run.to_owned(),
                setting: key.clone(),
                before: value(before).to_string(),
                now: value(now).to_string(),
            });
        }
    }
    Ok(())
}

/// Where the run in `record` goes on, for logs in `out` of `passes` × `epochs`.
///
/// # Errors
/// [`RecorderError::Checkpoint`] where the run's folder cannot be read, [`RecorderError::LostEpoch`]
/// where an epoch is not there that later ones are after.
pub fn resume_point(
    out: &Path,
    record: &RunRecord,
    passes: usize,
    epochs: usize,
) -> Result<ResumePoint, RecorderError> {
    let logged = last_logged(out, record, passes, epochs)?;
    newest_checkpoint(out, &record.run, logged)
}

/// Where `run` in `out` goes on whose epochs are recorded up to `recorded`.
///
/// # Errors
/// [`RecorderError::Checkpoint`] where the run's folder cannot be read.
pub(crate) fn newest_checkpoint(
    out: &Path,
    run: &str,
    recorded: EpochEnd,
) -> Result<ResumePoint, RecorderError> {
    let checkpoints = Checkpoints::new(out, run);
    let found = checkpoints
        .newest_first()
        .map_err(|source| RecorderError::Checkpoint {
            path: out.join(run),
            source,
        })?;
    let mut point = ResumePoint::start();
    for (end, path) in found {
        // The beginning of the last pass needs no state, and beats what is older.
        if end > recorded || end.pass < recorded.pass {
            continue;
        }
        match read_state(&path, end) {
            Ok(state) => {
                point.done = end;
                point.state = Some(state);
                return Ok(point);
            }
            Err(reason) => point.notes.push(format!(
                "{}: the checkpoint cannot be used ({reason}), going on from the one before",
                path.display()
            )),
        }
    }
    point.done = EpochEnd {
        pass: recorded.pass,
        epoch: 0,
    };
    Ok(point)
}

/// The last epoch up to which every epoch is on the disk as it was recorded; where that is the end
/// of a pass and another follows, the beginning of the next.
fn last_logged(
    out: &Path,
    record: &RunRecord,
    passes: usize,
    epochs: usize,
) -> Result<EpochEnd, RecorderError> {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let holds_out_folds = record.configuration.get(FOLDS).is_some();
    let file = |EpochEnd { pass, epoch }: EpochEnd| {
        out.join(epoch_file_name(&record.run, number(pass), number(epoch)))
    };
    let is_logged = |end: &EpochEnd| {
        let intact = Ok(logformat::Integrity::Intact);
        let has_held_out = || {
            let model = held_out_epoch(NETWORK_MODEL, number(end.pass), number(end.epoch));
            record.verify_held_out(out, &model, true).map_err(|_| ()) == intact
        };
        record.verify(&file(*end), true).map_err(|_| ()) == intact
            && (!holds_out_folds || has_held_out())
    };
    let ends =
        (1..=passes).flat_map(|pass| (1..=epochs).map(move |epoch| EpochEnd { pass, epoch }));
    let mut ends = ends.skip_while(is_logged);
    let Some(missing) = ends.next() else {
        let (pass, epoch) = (passes, epochs);
        return Ok(EpochEnd { pass, epoch });
    };
    // After an interruption none is. They cost hours, and so are not deleted without a word.
    match ends.filter(is_logged).count() {
        0 => Ok(EpochEnd {
            epoch: missing.epoch - 1,
            ..missing
        }),
        later => Err(RecorderError::LostEpoch {
            file: file(missing),
            later,
        }),
    }
}

fn read_state(path: &Path, end: EpochEnd) -> Result<Vec<u8>, String> {
    let state = read_regular(path, MOST_CHECKPOINT_BYTES).map_err(|error| error.to_string())?;
    check_seal(&state, (end.pass, end.epoch))?;
    match SafeTensors::deserialize(&state) {
        Ok(_) => Ok(state),
        Err(error) => Err(error.to_string()),
    }
}
