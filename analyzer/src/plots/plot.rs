//! What a plot is: its name, what it shows, what it needs of the logs, and how it is drawn.

use crate::error::AnalyzerError;
use crate::logs::needs::RowParts;
use crate::plots::drawing::figure::Figure;
use crate::plots::plotted_run::PlottedRun;

/// A kind of plot.
#[derive(Debug)]
pub struct Plot {
    /// As it is asked for, and in the names of files.
    pub name: &'static str,
    /// What one sees in it.
    pub shows: &'static str,
    /// What it needs of the logs.
    pub needs: fn(&PlotSettings) -> PlotNeeds,
    pub(crate) draw: Draw,
}

/// What can be chosen of single plots.
#[derive(Debug, Clone, Default)]
pub struct PlotSettings {
    /// The ids of the samples to draw instead of all.
    pub samples: Vec<String>,
    /// Whether each pass has a panel of its own.
    pub per_pass: bool,
}

/// What a plot needs of the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlotNeeds {
    /// What of each row.
    pub rows: RowParts,
    /// Whether AUMs alone do not make the plot.
    pub curves: Curves,
    /// Whether it shows pictures of samples.
    pub pictures: bool,
}

/// Whether a plot needs the margins of every epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Curves {
    /// AUMs are enough.
    #[default]
    No,
    /// Where they are there; from a table of AUMs, a part is drawn.
    WhereThere,
    /// Without them there is no plot.
    Yes,
}

/// How a plot is drawn, and why it is not where that gives none.
#[derive(Debug)]
pub(crate) enum Draw {
    /// A figure of one run.
    OfRun(OfRun, &'static str),
    /// A figure of all runs together.
    OfRuns(
        for<'a> fn(&[PlottedRun<'a>]) -> Option<Figure<'a>>,
        &'static str,
    ),
}

type OfRun =
    for<'a> fn(&PlottedRun<'a>, &PlotSettings) -> Result<Option<Figure<'a>>, AnalyzerError>;

/// Of a plot that every run has.
pub(crate) const ALWAYS_THERE: &str = "there is nothing in it";

impl PlotNeeds {
    /// No more than AUMs.
    pub(crate) const AUMS: Self = Self {
        rows: RowParts::Margins,
        curves: Curves::No,
        pictures: false,
    };

    /// The class that the network prefers in each epoch.
    pub(crate) const RIVAL_LABELS: Self = Self {
        rows: RowParts::RivalLabels,
        curves: Curves::Yes,
        pictures: false,
    };

    /// What this and `other` need.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows.max(other.rows),
            curves: self.curves.max(other.curves),
            pictures: self.pictures || other.pictures,
        }
    }
}

impl Plot {
    /// Whether it is of all runs together.
    pub fn is_of_all_runs(&self) -> bool {
        matches!(self.draw, Draw::OfRuns(..))
    }

    /// The figure of these runs, of the first where it is of one.
    ///
    /// # Errors
    /// [`AnalyzerError::NothingToPlot`], and those of reading.
    pub fn figure<'a>(
        &self,
        runs: &[PlottedRun<'a>],
        settings: &PlotSettings,
    ) -> Result<Figure<'a>, AnalyzerError> {
        let (figure, why_not) = match (&self.draw, runs) {
            (Draw::OfRuns(draw, why_not), _) => (draw(runs), *why_not),
            (Draw::OfRun(..), []) => (None, "there is no run"),
            (Draw::OfRun(draw, why_not), [run, ..]) => {
                match run.view.analysis.verdicts.judged_count() {
                    0 => (None, "no sample is judged"),
                    _ => (draw(run, settings)?, *why_not),
                }
            }
        };
        figure.ok_or_else(|| AnalyzerError::NothingToPlot {
            run: runs
                .first()
                .map_or_else(String::new, |run| run.view.log.title().to_owned()),
            kind: self.name,
            reason: why_not,
        })
    }
}
