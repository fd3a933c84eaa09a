//! One run as it is exported: its samples with what was found about each, where each came from, and what its
//! classes are called.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use logformat::SampleId;
use serde_json::{Map, Value, json};

use crate::analysis::run_analysis::RunAnalysis;
use crate::error::AnalyzerError;
use crate::exports::scope::Which;
use crate::exports::settings::ExportSettings;
use crate::logs::origins::{FILE, ID};
use crate::logs::run_log::RunLog;
use crate::questions::confusions::suggestions_for;

/// One run as it is exported.
#[derive(Debug)]
pub(crate) struct ExportedRun<'a> {
    /// All that were read.
    pub(crate) files: &'a [PathBuf],
    pub(crate) log: &'a RunLog,
    pub(crate) analysis: &'a RunAnalysis,
    pub(crate) settings: &'a ExportSettings,
    /// Those that were asked for: the lowest AUM first, samples that nothing judges last; those that are not flagged in
    /// the order of the log.
    pub(crate) samples: Vec<ExportedSample>,
    /// Where they came from.
    pub(crate) origins: Vec<Origin>,
}

/// A sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExportedSample {
    /// Its position in the log.
    pub(crate) at: usize,
    /// What the network would rather have, where that is another class than the given one.
    pub(crate) suggested_label: Option<u32>,
    /// The share of the epochs that would.
    pub(crate) support: f64,
}

/// Where a sample came from, as far as it is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    pub(crate) file: Option<String>,
    pub(crate) row: Option<i64>,
    pub(crate) id: Option<SampleId>,
}

impl<'a> ExportedRun<'a> {
    /// The samples of a run that are `which`; what the network would rather have is read where it is asked for.
    pub(crate) fn new(
        files: &'a [PathBuf],
        (log, analysis): (&'a RunLog, &'a RunAnalysis),
        settings: &'a ExportSettings,
        which: Which,
        suggests: bool,
    ) -> Result<Self, AnalyzerError> {
        if which != Which::All && analysis.verdicts.flagged_count().is_none() {
            return Err(AnalyzerError::NothingToExport {
                run: log.title().to_owned(),
                reason: "nothing says which samples are flagged, since there are no threshold samples; ask for all samples, or give a threshold".to_owned(),
            });
        }
        let flagged = |sample: &usize| analysis.verdicts.get(*sample).flagged == Some(true);
        let unjudged =
            (0..log.sample_count()).filter(|&at| analysis.verdicts.get(at).aum.is_none());
        let all = analysis.ranking().iter().copied().chain(unjudged);
        let wanted: Vec<usize> = match which {
            Which::All => all.collect(),
            Which::Flagged => all.filter(flagged).collect(),
            // These are data to go on with, the others a list to go through.
            Which::Unflagged => (0..log.sample_count()).filter(|at| !flagged(at)).collect(),
        };
        let suggested = match suggests {
            true => suggested(files, log, analysis, &wanted)?,
            false => BTreeMap::new(),
        };
        let sample = |at: usize| {
            let (suggested_label, support) = suggested.get(&at).copied().unwrap_or_default();
            ExportedSample {
                at,
                suggested_label,
                support,
            }
        };
        let samples: Vec<ExportedSample> = wanted.into_iter().map(sample).collect();
        Ok(Self {
            origins: origins(log, &samples),
            files,
            log,
            analysis,
            settings,
            samples,
        })
    }

    /// Each sample with where it came from.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&ExportedSample, &Origin)> {
        self.samples.iter().zip(&self.origins)
    }

    pub(crate) fn id(&self, sample: &ExportedSample) -> SampleId {
        let id = self.log.sample_ids.get(sample.at);
        id.expect("samples are those of the log")
    }

    pub(crate) fn aum(&self, sample: &ExportedSample) -> Option<f64> {
        self.analysis.verdicts.get(sample.at).aum
    }

    pub(crate) fn flagged(&self, sample: &ExportedSample) -> Option<bool> {
        self.analysis.verdicts.get(sample.at).flagged
    }

    pub(crate) fn given_label(&self, sample: &ExportedSample) -> Option<u32> {
        self.log.given_labels[sample.at]
    }

    /// What a label is called.
    pub(crate) fn class(&self, label: Option<u32>) -> Option<String> {
        label.map(|label| self.log.class_name(label))
    }

    /// The names of all classes that are known, in the order of their indices.
    pub(crate) fn classes(&self) -> Vec<String> {
        let labels = self.log.given_labels.iter().flatten();
        let from_labels = labels.max().map_or(0, |&label| label as usize + 1);
        let count = self.log.class_count().unwrap_or(from_labels);
        (0..)
            .take(count)
            .map(|class| self.log.class_name(class))
            .collect()
    }

    /// Whether each sample is a file of its own.
    pub(crate) fn has_files(&self) -> bool {
        let is_file = |origin: &Origin| origin.file.is_some() && origin.row.unwrap_or(0) == 0;
        let mut files: Vec<_> = self
            .origins
            .iter()
            .filter_map(|origin| origin.file.as_deref())
            .collect();
        files.sort_unstable();
        let repeats = files.windows(2).any(|pair| pair[0] == pair[1]);
        self.origins.iter().all(is_file) && !repeats
    }

    /// Refuses a run whose samples are no files, for a tool that shows files.
    pub(crate) fn need_files(&self, tool: &str) -> Result<(), AnalyzerError> {
        match self.has_files() {
            true => Ok(()),
            false => Err(AnalyzerError::NothingToExport {
                run: self.log.title().to_owned(),
                reason: format!(
                    "{tool} shows images, and its sample table, where it has one, does not have a file for each sample; export csv, or record with images in files"
                ),
            }),
        }
    }

    /// The file of a sample as the other tool finds it.
    pub(crate) fn address(&self, origin: &Origin) -> Option<String> {
        let (prefix, file) = (&self.settings.file_prefix, origin.file.as_deref()?);
        let is_url = prefix.contains("://") || prefix.contains('?');
        Some(match is_url {
            true => format!("{prefix}{}", percent_encoded(file)),
            false => format!("{prefix}{file}"),
        })
    }

    /// The file of a sample on this machine.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.settings.root.join(Path::new(file))
    }

    /// What is known of a sample beside its file: ids, labels, AUM, verdict.
    pub(crate) fn facts(&self, sample: &ExportedSample, origin: &Origin) -> Map<String, Value> {
        let mut facts = Map::new();
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                facts.insert(name.to_owned(), value);
            }
        };
        add("sample_id", Some(id_value(&self.id(sample))));
        add("file", origin.file.as_deref().map(Value::from));
        add("row", origin.row.map(Value::from));
        add("id", origin.id.as_ref().map(id_value));
        add(
            "given_label",
            self.class(self.given_label(sample)).map(Value::from),
        );
        add("aum", self.aum(sample).map(|aum| json!(aum)));
        add("flagged", self.flagged(sample).map(Value::from));
        facts
    }

    /// The name of the run and what judged it.
    pub(crate) fn model(&self) -> String {
        format!("aum {}", self.log.title())
    }
}

/// A path within a URL (RFC 3986): all but unreserved letters and slashes are encoded.
fn percent_encoded(path: &str) -> String {
    let mut encoded = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

pub(crate) fn id_value(id: &SampleId) -> Value {
    match id {
        SampleId::Integer(id) => (*id).into(),
        SampleId::Text(id) => id.as_str().into(),
    }
}

type Suggested = BTreeMap<usize, (Option<u32>, f64)>;

/// What the network would rather have; nothing where neither rivals nor logits are there.
fn suggested(
    files: &[PathBuf],
    log: &RunLog,
    analysis: &RunAnalysis,
    wanted: &[usize],
) -> Result<Suggested, AnalyzerError> {
    if log.is_aum_table() {
        return Ok(Suggested::new());
    }
    let found = match suggestions_for(files, &[(log, analysis)], &[wanted.to_vec()]) {
        Ok(found) => found.into_iter().flatten(),
        Err(AnalyzerError::NoRivalLabels { .. }) => return Ok(Suggested::new()),
        Err(error) => return Err(error),
    };
    Ok(found
        .map(|found| (found.sample, (found.suggested_label, found.support)))
        .collect())
}

/// Where samples came from, in their order.
fn origins(log: &RunLog, samples: &[ExportedSample]) -> Vec<Origin> {
    let known = &log.origins;
    let (files, rows, ids) = (known.texts(FILE), known.rows(), known.texts(ID));
    let column = known.column(ID);
    let are_integers = column.is_some_and(|ids| ids.dtype().is_integer());
    let id = |text: String| match text.parse() {
        Ok(number) if are_integers => SampleId::Integer(number),
        _ => SampleId::Text(text),
    };
    let origin = |sample: &ExportedSample| Origin {
        file: files.get(sample.at).cloned().flatten(),
        row: rows.get(sample.at).copied().flatten(),
        id: ids.get(sample.at).cloned().flatten().map(id),
    };
    samples.iter().map(origin).collect()
}
