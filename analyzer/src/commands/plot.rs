//! `analyzer plot`: read, analyze, draw, write the files.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;

use analyzer::plots::{
    Curves, Figure, PLOTS, Plot, PlotNeeds, PlotSettings, PlottedRun, RunView, Theme,
};
use analyzer::{
    AnalyzerError, Keep, RunLog, are_aum_tables, check_output_file, write_output_files,
};
use anyhow::{Context, bail};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use program::WrongUse;

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::LogArgs;
use crate::commands::options::output::{OutputArgs, Sink, is_stdout, print};
use crate::commands::options::verdict::{VerdictArgs, analyzed};

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
    #[arg(value_parser = kinds(), value_name = "KIND")]
    kind: Kind,

    #[command(flatten)]
    logs: LogArgs,

    /// The file to write, .svg or .png, or - for stdout; for all, a folder, which is made where it is missing
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

    /// For all, and for stdout: the format [default: svg]
    #[arg(long, value_enum)]
    image_format: Option<ImageFormat>,

    /// Leave out warnings, and what is said beside the results
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    verdict: VerdictArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImageFormat {
    /// Sharp at any size
    Svg,
    /// 1,600 pixels wide
    Png,
}

/// A plot; `None` for all of them.
#[derive(Debug, Clone, Copy)]
struct Kind(Option<&'static Plot>);

const ALL: &str = "all";

fn kinds() -> impl TypedValueParser<Value = Kind> {
    let plots = PLOTS.iter();
    let plots = plots.map(|plot| PossibleValue::new(plot.name).help(plot.shows));
    let all = PossibleValue::new(ALL).help("Each of these that can be drawn");
    PossibleValuesParser::new(plots.chain([all]))
        .map(|name| Kind(PLOTS.iter().find(|plot| plot.name == name)))
}

impl Command for PlotArgs {
    fn run(&self) -> anyhow::Result<()> {
        let output = OutputArgs::none(self.quiet);
        let sink = Sink::open(&output, &self.logs.logs)?;
        let files = &sink.files;
        let format = check(self, files)?;
        let settings = self.verdict.settings();
        let keep = match self.plot_needs().curves {
            Curves::Yes => Keep::Margins,
            Curves::WhereThere if !are_aum_tables(files) => Keep::Margins,
            Curves::WhereThere | Curves::No => settings.kept(),
        };
        let logs = self.logs.read(keep, &sink)?;
        if self.kind.0.is_some_and(|plot| !plot.is_of_all_runs()) {
            logs.only_run()?;
        }
        let analyses = analyzed(&logs, &settings, &sink)?;
        let runs = analyses.iter().map(|(log, analysis)| {
            let settings = &settings;
            let view = RunView {
                log,
                analysis,
                settings,
            };
            PlottedRun::new(files, view, self.count.into())
        });
        let runs: Vec<PlottedRun<'_>> = runs.collect();
        let plotter = Plotter {
            args: self,
            files,
            format,
            unwritable: RefCell::default(),
        };
        let written = match self.kind.0 {
            Some(plot) => plotter.one(plot, &runs),
            None => plotter.all(&runs),
        };
        sink.warn(runs.iter().filter_map(PlottedRun::warning));
        written
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        let needs = self.plot_needs();
        let of_logs = self.logs.needing(needs.rows).judged_by(&self.verdict);
        Some(match needs.pictures {
            true => of_logs.with_pictures(),
            false => of_logs,
        })
    }
}

impl PlotArgs {
    fn settings(&self) -> PlotSettings {
        PlotSettings {
            samples: self.samples.clone(),
            per_pass: self.per_pass,
        }
    }

    fn plot_needs(&self) -> PlotNeeds {
        let settings = self.settings();
        let needs = |plot: &Plot| (plot.needs)(&settings);
        let all = PLOTS.iter().map(needs).reduce(PlotNeeds::and);
        self.kind.0.map(needs).or(all).unwrap_or_default()
    }
}

/// Checks, before any work is done, that the file can be written; the format that its suffix says.
fn check(args: &PlotArgs, files: &[PathBuf]) -> anyhow::Result<ImageFormat> {
    let path = &args.output;
    let (is_all, is_stdout) = (args.kind.0.is_none(), is_stdout(path));
    if is_all && is_stdout {
        bail!(WrongUse(
            "all plots do not go to stdout; give a folder by -o".to_owned()
        ));
    }
    if is_all {
        std::fs::create_dir_all(path)
            .with_context(|| format!("{}: the folder cannot be made", path.display()))?;
    }
    if is_all || is_stdout {
        return Ok(args.image_format.unwrap_or(ImageFormat::Svg));
    }
    if args.image_format.is_some() {
        bail!(WrongUse(
            "--image-format says nothing to a single file, whose suffix chooses the format; leave it out".to_owned()
        ));
    }
    let suffix = path.extension().and_then(|suffix| suffix.to_str());
    let format = match suffix.map(str::to_ascii_lowercase).as_deref() {
        Some("svg") => ImageFormat::Svg,
        Some("png") => ImageFormat::Png,
        _ => bail!(WrongUse(format!(
            "{}: the suffix chooses the format; end the name in .svg or .png",
            path.display()
        ))),
    };
    check_output_file(path, files, args.overwrite)?;
    Ok(format)
}

struct Plotter<'a> {
    args: &'a PlotArgs,
    files: &'a [PathBuf],
    format: ImageFormat,
    unwritable: RefCell<BTreeSet<char>>,
}

/// Enough to tell which script they are of.
const SHOWN_LETTERS: usize = 8;

impl Plotter<'_> {
    fn one(&self, plot: &Plot, runs: &[PlottedRun<'_>]) -> anyhow::Result<()> {
        let figure = plot.figure(runs, &self.args.settings())?;
        let (path, drawn) = (self.args.output.clone(), self.drawn(&figure));
        match is_stdout(&path) {
            true => print(&drawn),
            false => self.write(vec![(path, drawn)]),
        }
    }

    /// Every plot that can be drawn, all of them or none; those that cannot are named.
    fn all(&self, runs: &[PlottedRun<'_>]) -> anyhow::Result<()> {
        let suffix = match self.format {
            ImageFormat::Svg => "svg",
            ImageFormat::Png => "png",
        };
        let mut asked_for = Vec::new();
        for plot in PLOTS {
            if plot.is_of_all_runs() {
                asked_for.push((plot, runs, format!("{}.{suffix}", plot.name)));
                continue;
            }
            asked_for.extend(runs.chunks(1).map(|run| {
                let name = match runs {
                    [_] => format!("{}.{suffix}", plot.name),
                    _ => format!("{}-{}.{suffix}", file_name(run[0].view.log), plot.name),
                };
                (plot, run, name)
            }));
        }
        // Before the drawing, which may take long.
        for (_, _, name) in &asked_for {
            let path = self.args.output.join(name);
            check_output_file(&path, self.files, self.args.overwrite)?;
        }
        let mut drawn = Vec::new();
        for (plot, runs, name) in asked_for {
            match plot.figure(runs, &self.args.settings()) {
                Ok(figure) => drawn.push((self.args.output.join(name), self.drawn(&figure))),
                Err(error @ AnalyzerError::NothingToPlot { .. }) => {
                    if !self.args.quiet {
                        program::note(&error.to_string());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.write(drawn)
    }

    fn drawn(&self, figure: &Figure<'_>) -> Vec<u8> {
        match self.format {
            ImageFormat::Svg => figure.svg(self.args.theme).into_bytes(),
            ImageFormat::Png => {
                let png = figure.png(self.args.theme);
                self.unwritable.borrow_mut().extend(png.unwritable);
                png.bytes
            }
        }
    }

    /// Says once for all files which letters are missing or out of order in them.
    fn warn_of_letters(&self) {
        let letters = self.unwritable.borrow();
        if letters.is_empty() || self.args.quiet {
            return;
        }
        let shown: String = letters.iter().take(SHOWN_LETTERS).collect();
        let more = if letters.len() > SHOWN_LETTERS {
            " …"
        } else {
            ""
        };
        program::warning(&format!(
            "{} letters cannot be written in PNG ({shown}{more}); SVG leaves them to the viewer's fonts",
            letters.len()
        ));
    }

    fn write(&self, files: Vec<(PathBuf, Vec<u8>)>) -> anyhow::Result<()> {
        write_output_files(&files, self.args.overwrite)?;
        self.warn_of_letters();
        if !self.args.quiet {
            for (path, _) in &files {
                program::note(&format!("wrote {}", path.display()));
            }
        }
        Ok(())
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
