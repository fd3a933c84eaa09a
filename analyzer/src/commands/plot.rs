//! `analyzer plot`: read, analyze, draw, write the files.

use std::io::Write;
use std::path::{Path, PathBuf};

use analyzer::plots::{
    Figure, RunView, Theme, comparison, confusions, contact_sheet, histogram, margins, noise_sweep,
    precision_recall, sample_curves, sample_logits, sample_positions, thresholds,
};
use analyzer::{
    AnalyzerError, AumSettings, Keep, RunAnalysis, RunLog, check_output_file, is_aum_table,
    write_output_file,
};
use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::{LOGITS, LogArgs, MARGINS, RIVAL_LABELS};
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::verdict::{VerdictArgs, analyzed};
use crate::commands::run_records::{final_test_error, run_record};
use crate::commands::samples_shown::SecondLook;

const EXAMPLES: &str = "\
Examples:
  See how far wrong labels lie below the others:
    analyzer plot histogram logs -o histogram.svg

  See two samples over the epochs, and every plot of a run on a dark ground:
    analyzer plot margins logs --sample 391 --sample 12 -o two-samples.png
    analyzer plot all logs --run my-run --theme dark -o plots/";

/// Draw what was found, as SVG or PNG.
///
/// The suffix of -o chooses the format. Every plot of one run takes --run where the logs hold
/// several; compare and noise-sweep take all. What needs true labels or threshold samples that the
/// log does not have is left out, and the plot says so.
///
/// PNG has letters of its own (DejaVu Sans), which write from left to right; names in Chinese, Japanese,
/// Korean, Arabic or Hebrew look right in SVG, which leaves them to the viewer.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PlotArgs {
    /// What to draw
    #[arg(value_enum, value_name = "KIND")]
    kind: PlotKind,

    #[command(flatten)]
    logs: LogArgs,

    /// The file to write, .svg or .png; for all, a folder, which is made where it is missing
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Replace files that are there already
    #[arg(long)]
    overwrite: bool,

    /// The ground: light or dark
    #[arg(long, default_value = "light")]
    theme: Theme,

    /// For margins: draw this sample, with its logits where the log has them; give it again for
    /// several
    #[arg(long = "sample", value_name = "ID", allow_hyphen_values = true)]
    samples: Vec<String>,

    /// For histogram: a panel per pass, each with its own threshold
    #[arg(long)]
    per_pass: bool,

    /// For lowest: how many samples to show
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=400))]
    count: u16,

    /// For all: the format of the files
    #[arg(long, value_enum, default_value_t = ImageFormat::Svg)]
    image_format: ImageFormat,

    /// Leave out warnings, and what is said beside the results
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    verdict: VerdictArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlotKind {
    /// How the AUMs of clean, mislabeled and threshold samples are distributed
    Histogram,
    /// Margins over the epochs: medians and bands, or single samples
    Margins,
    /// Precision over recall along the ranking by AUM and by the scores of others, with the points of
    /// several percentiles
    PrecisionRecall,
    /// Flagged share, precision, recall and F1 over the percentile
    Thresholds,
    /// Given against suggested class of the flagged samples
    Confusions,
    /// Rank against rank for two runs (or the two passes of one); correlations for more
    Compare,
    /// Precision, recall and final test error over the noise rates of several runs
    NoiseSweep,
    /// The samples with the lowest AUMs as pictures
    Lowest,
    /// Each of these that can be drawn
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImageFormat {
    /// Sharp at any size
    Svg,
    /// 1,600 pixels wide
    Png,
}

impl Command for PlotArgs {
    fn run(&self) -> anyhow::Result<()> {
        let output = OutputArgs::none(self.quiet);
        let sink = Sink::open(&output, &self.logs.logs)?;
        let files = &sink.files;
        let format = check(self, files)?;
        let settings = self.verdict.settings();
        let keep = if needs_curves(self.kind, files) {
            Keep::Margins
        } else {
            Keep::Sums(settings.epochs)
        };
        let logs = self.logs.read(keep, &sink)?;
        let analyses = analyzed(&logs, &settings, &sink)?;
        let plotter = Plotter {
            args: self,
            files,
            analyses: &analyses,
            settings: &settings,
            format,
        };
        match self.kind {
            PlotKind::All => plotter.all(),
            kind => plotter.one(kind),
        }
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        let wanted = match self.kind {
            PlotKind::Margins if !self.samples.is_empty() => LOGITS,
            PlotKind::PrecisionRecall | PlotKind::All => LOGITS,
            PlotKind::Confusions | PlotKind::Lowest => RIVAL_LABELS,
            _ => MARGINS,
        };
        Some(Needs {
            sample_tables: matches!(self.kind, PlotKind::Lowest | PlotKind::All),
            ..self.logs.needing(wanted)
        })
    }
}

/// Checks, before any work is done, that the file can be written; the format that its suffix says.
fn check(args: &PlotArgs, files: &[PathBuf]) -> anyhow::Result<ImageFormat> {
    let path = &args.output;
    if args.kind == PlotKind::All {
        std::fs::create_dir_all(path)
            .with_context(|| format!("{}: the folder cannot be made", path.display()))?;
        return Ok(args.image_format);
    }
    let suffix = path.extension().and_then(|suffix| suffix.to_str());
    let format = match suffix.map(str::to_ascii_lowercase).as_deref() {
        Some("svg") => ImageFormat::Svg,
        Some("png") => ImageFormat::Png,
        _ => bail!(
            "{}: the suffix chooses the format; end the name in .svg or .png",
            path.display()
        ),
    };
    check_output_file(path, files, args.overwrite)?;
    Ok(format)
}

struct Plotter<'a> {
    args: &'a PlotArgs,
    files: &'a [PathBuf],
    analyses: &'a [(&'a RunLog, RunAnalysis)],
    settings: &'a AumSettings,
    format: ImageFormat,
}

impl<'a> Plotter<'a> {
    fn views(&self) -> Vec<RunView<'a>> {
        let analyses = self.analyses.iter();
        analyses
            .map(|(log, analysis)| RunView {
                log,
                analysis,
                settings: self.settings,
            })
            .collect()
    }

    fn one(&self, kind: PlotKind) -> anyhow::Result<()> {
        let views = self.views();
        let figure = match (kind, &views[..]) {
            (PlotKind::Compare | PlotKind::NoiseSweep, _) => self.of_all(kind, &views)?,
            (_, [view]) => self.of_run(kind, &self.look(*view))?,
            (_, several) => bail!(
                "the logs hold {} runs, such as {}, and this plot is of one; name it with --run",
                several.len(),
                several[0].log.title()
            ),
        };
        self.write(&figure, &self.args.output)
    }

    fn look(&self, view: RunView<'a>) -> SecondLook<'a> {
        SecondLook::new(self.files, view, usize::from(self.args.count))
    }

    /// Every plot that can be drawn; those that cannot are named.
    fn all(&self) -> anyhow::Result<()> {
        let views = self.views();
        let looks: Vec<SecondLook<'_>> = views.iter().map(|view| self.look(*view)).collect();
        let suffix = match self.format {
            ImageFormat::Svg => "svg",
            ImageFormat::Png => "png",
        };
        for kind in PlotKind::value_variants() {
            let named = |run: Option<&RunLog>| {
                let kind = name(*kind);
                let name = match run {
                    Some(run) if views.len() > 1 => format!("{}-{kind}.{suffix}", file_name(run)),
                    _ => format!("{kind}.{suffix}"),
                };
                self.args.output.join(name)
            };
            match kind {
                PlotKind::All => {}
                PlotKind::Compare | PlotKind::NoiseSweep => {
                    self.write_or_say(self.of_all(*kind, &views), &named(None))?;
                }
                _ => {
                    for look in &looks {
                        let figure = self.of_run(*kind, look);
                        self.write_or_say(figure, &named(Some(look.view.log)))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn write_or_say(&self, figure: anyhow::Result<Figure<'_>>, path: &Path) -> anyhow::Result<()> {
        match figure {
            Ok(figure) => self.write(&figure, path),
            Err(error) => match error.downcast_ref() {
                Some(AnalyzerError::NothingToPlot { .. }) => {
                    if !self.args.quiet {
                        program::note(&error.to_string());
                    }
                    Ok(())
                }
                _ => Err(error),
            },
        }
    }

    fn of_all(&self, kind: PlotKind, views: &[RunView<'a>]) -> anyhow::Result<Figure<'a>> {
        let (figure, reason) = if kind == PlotKind::Compare {
            (
                comparison(views),
                "it takes two runs or passes with some samples in common",
            )
        } else {
            (
                noise_sweep(views, &self.test_errors(views)),
                "it takes two runs with known true labels (column true_label)",
            )
        };
        figure.ok_or_else(|| nothing(views, kind, reason))
    }

    fn of_run(&self, kind: PlotKind, look: &SecondLook<'a>) -> anyhow::Result<Figure<'a>> {
        let view = look.view;
        if view.analysis.verdicts.judged_count() == 0 {
            return Err(nothing(&[view], kind, "no sample is judged"));
        }
        let figure = match kind {
            PlotKind::Margins if !self.args.samples.is_empty() => Some(self.samples(view)?),
            PlotKind::Margins => Some(margins(view)),
            PlotKind::PrecisionRecall => precision_recall(view, &look.scores()?),
            PlotKind::Thresholds => thresholds(view),
            PlotKind::Confusions => confusions(view, &look.confusions()?),
            PlotKind::Lowest => Some(contact_sheet(view, look.sheet()?)),
            _ => Some(histogram(view, self.args.per_pass)),
        };
        figure.ok_or_else(|| nothing(&[view], kind, why_not(kind)))
    }

    fn test_errors(&self, views: &[RunView<'_>]) -> Vec<Option<f64>> {
        let runs = views.iter().map(|view| view.log.run.as_deref());
        runs.map(|run| final_test_error(&run_record(self.files, run)?))
            .collect()
    }

    fn samples(&self, view: RunView<'a>) -> anyhow::Result<Figure<'a>> {
        let samples = sample_positions(view.log, &self.args.samples)?;
        let logits = sample_logits(self.files, view.log, &samples)?;
        Ok(sample_curves(view, &samples, &logits))
    }

    fn write(&self, figure: &Figure<'_>, path: &Path) -> anyhow::Result<()> {
        let content = match self.format {
            ImageFormat::Svg => figure.svg(self.args.theme).into_bytes(),
            ImageFormat::Png => figure.png(self.args.theme),
        };
        check_output_file(path, self.files, self.args.overwrite)?;
        write_output_file(path, self.args.overwrite, |file| {
            file.write_all(&content)
                .map_err(|source| AnalyzerError::WriteTable {
                    path: path.to_owned(),
                    source,
                })
        })?;
        if !self.args.quiet {
            program::note(&format!("wrote {}", path.display()));
        }
        Ok(())
    }
}

/// Whether AUMs alone do not make the plot.
fn needs_curves(kind: PlotKind, files: &[PathBuf]) -> bool {
    match kind {
        PlotKind::Histogram | PlotKind::Thresholds | PlotKind::Compare | PlotKind::NoiseSweep => {
            false
        }
        // Other scores are made of curves; from a table of AUMs, these alone are drawn.
        PlotKind::PrecisionRecall => !files.first().is_some_and(|file| is_aum_table(file)),
        PlotKind::Margins | PlotKind::Confusions | PlotKind::Lowest | PlotKind::All => true,
    }
}

/// Why a plot of one run cannot be drawn.
fn why_not(kind: PlotKind) -> &'static str {
    match kind {
        PlotKind::PrecisionRecall => "no mislabeled sample is known (column true_label)",
        PlotKind::Thresholds => "there are no threshold samples",
        _ => {
            "no flagged sample has a suggested class (threshold samples, and rival_label or logits)"
        }
    }
}

fn nothing(views: &[RunView<'_>], kind: PlotKind, reason: &'static str) -> anyhow::Error {
    let error = AnalyzerError::NothingToPlot {
        run: views
            .first()
            .map_or_else(String::new, |view| view.log.title().to_owned()),
        kind: name(kind),
        reason,
    };
    error.into()
}

/// As on the command line.
fn name(kind: PlotKind) -> &'static str {
    match kind {
        PlotKind::Histogram => "histogram",
        PlotKind::Margins => "margins",
        PlotKind::PrecisionRecall => "precision-recall",
        PlotKind::Thresholds => "thresholds",
        PlotKind::Confusions => "confusions",
        PlotKind::Compare => "compare",
        PlotKind::NoiseSweep => "noise-sweep",
        PlotKind::Lowest => "lowest",
        PlotKind::All => "all",
    }
}

/// The name of a run as a part of a file's name.
fn file_name(run: &RunLog) -> String {
    let safe = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
    let letters = run.title().chars().take(80);
    letters
        .map(|letter| if safe(letter) { letter } else { '_' })
        .collect()
}
