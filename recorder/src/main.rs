//! The `recorder` program. See the library for what it does.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use logformat::{WholeFile, set_file_memory};
use program::Telling;
use recorder::RecorderError;
use recorder::allocator::{Allocator, keep_pages};
use recorder::cli::{
    Cli, Command, EmbedArgs, Format, OverviewArgs, PredictArgs, RunArgs, TrainArgs, with_way_out,
};
use recorder::dataset::DatasetSettings;
use recorder::embedding::{self, Backbone, EmbeddingSettings};
use recorder::engine::join_pool;
use recorder::engine::operators::Loss;
use recorder::final_training::prediction::predict;
use recorder::final_training::training::train;
use recorder::hub::{self, Access};
use recorder::overview::{Overview, Sheet, Subject};
use recorder::pretrained::Preprocessing;
use recorder::run::progress::{Bar, Lines, Progress, Silent};
use recorder::run::recording::{RunOutcome, run};
use recorder::run::settings::RunSettings;
use recorder::signals::{keeping_nohup, outlive_full_files};

#[global_allocator]
static ALLOCATOR: Telling<Allocator> = Telling(Allocator);

fn main() -> ExitCode {
    program::main(|cli: Cli| {
        set_file_memory(cli.file_memory.bytes());
        let done = match cli.command {
            Command::Run(arguments) => record(&arguments),
            Command::Train(arguments) => train_final(*arguments),
            Command::Predict(arguments) => apply(&arguments),
            Command::Data(arguments) => describe(&arguments),
            Command::Completions(arguments) => arguments.print::<Cli>(),
            Command::Man(arguments) => arguments.write::<Cli>(),
            Command::Embed(arguments) => embed(&arguments),
        };
        done.map_err(with_way_out)
    })
}

fn record(arguments: &RunArgs) -> Result<()> {
    let mut settings = arguments.settings();
    settings.command = typed();
    fetch_backbone(&mut settings, arguments.access(), arguments.is_quiet())?;
    let mut training = Training::prepare(
        &mut settings.dataset,
        arguments.access(),
        arguments.is_quiet(),
    )?;
    let outcome = run(&settings, training.progress.as_mut(), &training.stop)?;
    report(&settings, &outcome, training.began.elapsed().as_secs_f64())
}

fn train_final(arguments: TrainArgs) -> Result<()> {
    let (arguments, like) = Cli::followed(arguments, env::args_os().collect())?;
    let mut settings = arguments.settings(like);
    settings.training.command = typed();
    fetch_backbone(
        &mut settings.training,
        arguments.access(),
        arguments.is_quiet(),
    )?;
    let dataset = &mut settings.training.dataset;
    let mut training = Training::prepare(dataset, arguments.access(), arguments.is_quiet())?;
    let outcome = train(&settings, training.progress.as_mut(), &training.stop)?;
    Ok(program::print(outcome.in_words().as_bytes())?)
}

fn apply(arguments: &PredictArgs) -> Result<()> {
    if let Some(path) = arguments.output() {
        refuse_unwritable(path, "-o", arguments.overwrites())?;
    }
    let mut settings = arguments.settings();
    let shows_bar = io::stderr().is_terminal();
    fetch(&mut settings.dataset, arguments.access(), shows_bar)?;
    join_pool();
    let predictions = predict(&settings)?;
    match arguments.output() {
        None if io::stdout().is_terminal() => {
            let mut table = Vec::new();
            predictions.write_csv(&mut table)?;
            Ok(program::print(&table)?)
        }
        None => Ok(predictions.write_csv(io::stdout().lock())?),
        Some(path) => {
            predictions.write(path)?;
            program::note(&format!("wrote {}", path.display()));
            Ok(())
        }
    }
}

/// A file to write that is there already, or has no folder to lie in: found out before anything is computed for it.
fn refuse_unwritable(path: &Path, option: &str, overwrites: bool) -> Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        bail!(
            "{}: there is no folder {}; make it first, or give another place",
            path.display(),
            folder.display()
        );
    }
    if path.exists() && !overwrites {
        bail!(
            "{}: it is there already; choose another {option}, or replace it by --overwrite",
            path.display()
        );
    }
    Ok(())
}

/// What is there before a training begins.
struct Training {
    progress: Box<dyn Progress>,
    stop: Arc<AtomicBool>,
    began: Instant,
}

impl Training {
    fn prepare(dataset: &mut DatasetSettings, access: Access, is_quiet: bool) -> Result<Self> {
        let is_terminal = io::stderr().is_terminal();
        // Before Ctrl-C gets another meaning: it ends a download at once, and the next one goes on.
        fetch(dataset, access, !is_quiet && is_terminal)?;
        keep_pages();
        outlive_full_files();
        join_pool();
        let progress: Box<dyn Progress> = match (is_quiet, is_terminal) {
            (true, _) => Box::new(Silent),
            (false, true) => Box::new(Bar::new()),
            (false, false) => Box::new(Lines::new(io::stderr())),
        };
        Ok(Self {
            progress,
            stop: stop_on_interrupt()?,
            began: Instant::now(),
        })
    }
}

/// The words of this command; the program by its name, wherever it lies.
fn typed() -> Vec<String> {
    let words = env::args_os().skip(1);
    let words = words.map(|word| word.to_string_lossy().into_owned());
    ["recorder".to_owned()].into_iter().chain(words).collect()
}

fn describe(arguments: &OverviewArgs) -> Result<()> {
    // Before the data are read, which may take long.
    let is_drawn_to_stdout = arguments.draws_to_stdout();
    let sheet = arguments.sheet.as_deref().filter(|_| !is_drawn_to_stdout);
    if let Some(path) = sheet {
        refuse_unwritable(path, "--sheet", arguments.overwrite)?;
    }
    if is_drawn_to_stdout && arguments.format == Format::Json {
        bail!(program::WrongUse(
            "--sheet - draws to stdout, where JSON would stand between; draw to a file, or leave --format json out"
                .to_owned()
        ));
    }
    let mut settings = arguments.dataset();
    fetch(
        &mut settings,
        arguments.access(),
        io::stderr().is_terminal(),
    )?;
    let subject = Subject::load(&settings, &arguments.labels(), arguments.data_seed)?;
    let png = || Sheet::draw(&subject, &arguments.sheet_settings())?.to_png();
    if is_drawn_to_stdout {
        // It stands for all that would be printed.
        return Ok(io::stdout().lock().write_all(&png()?)?);
    }
    if let Some(path) = sheet {
        let png = png()?;
        write_whole(path, &png)
            .with_context(|| format!("{}: it cannot be written", path.display()))?;
    }
    let overview = Overview::of(&subject)?;
    let text = match arguments.format {
        Format::Table => {
            let text = overview.to_text(arguments.list);
            text.lines()
                .map(|line| program::with_options(&program::printable(line)) + "\n")
                .collect()
        }
        Format::Json => serde_json::to_string_pretty(&overview)? + "\n",
    };
    program::print(text.as_bytes())?;
    if let Some(path) = sheet {
        program::note(&format!("drew {}", path.display()));
    }
    Ok(())
}

fn embed(arguments: &EmbedArgs) -> Result<()> {
    let mut settings = arguments.settings();
    let shows_bar = !arguments.quiet && io::stderr().is_terminal();
    fetch(&mut settings.dataset, arguments.access(), shows_bar)?;
    let EmbeddingSettings {
        weights,
        preprocessing,
        dataset,
        ..
    } = &mut settings;
    fetch_weights(
        weights,
        preprocessing,
        dataset,
        arguments.access(),
        shows_bar,
    )?;
    keep_pages();
    outlive_full_files();
    join_pool();
    let stop = stop_on_interrupt()?;
    let began = Instant::now();
    let mut progress = embedding::Progress::new(arguments.quiet);
    let embedded = embedding::embed(&settings, &mut progress, &stop)?;
    let mut output = io::stdout().lock();
    writeln!(
        output,
        "embedded {} images by {} in {:.1} s, {} features each",
        embedded.images,
        settings.network.name,
        began.elapsed().as_secs_f64(),
        embedded.width,
    )?;
    let path = settings.output.display();
    writeln!(output, "wrote {path}")?;
    match embedded.has_labels {
        true => writeln!(
            output,
            "next: {} run --dataset features --data '{path}'",
            recorder()
        )?,
        false => writeln!(
            output,
            "an array has no labels: .parquet has them, and the names of the files"
        )?,
    }
    Ok(())
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = WholeFile::create(path)?;
    file.as_file().write_all(bytes)?;
    file.replace()
}

/// Says what the library notes.
fn note(text: &str) {
    program::note(&program::with_options(text));
}

/// Gets a data set that is not said to lie anywhere from the hub's cache, or from the hub. A download
/// is announced also where progress shall not be shown: nothing large is fetched silently.
fn fetch(settings: &mut DatasetSettings, access: Access, shows_bar: bool) -> Result<()> {
    settings.hub = hub::fetch(settings, access, shows_bar, &mut note)?;
    Ok(())
}

/// Gets weights that the hub has, and what it says of how images are made ready for them.
fn fetch_weights(
    weights: &mut PathBuf,
    preprocessing: &mut Preprocessing,
    dataset: &DatasetSettings,
    access: Access,
    shows_bar: bool,
) -> Result<()> {
    let found = hub::fetch_weights(weights, access, shows_bar, &mut note)?;
    if let Some(found) = found {
        if let Some(config) = &found.config {
            let told = preprocessing.told_by(config).map_err(RecorderError::from)?;
            *preprocessing = told.sized(dataset.image_size, dataset.resize);
        }
        *weights = found.file;
    }
    Ok(())
}

/// The same for the weights of a training.
fn fetch_backbone(settings: &mut RunSettings, access: Access, is_quiet: bool) -> Result<()> {
    let shows_bar = !is_quiet && io::stderr().is_terminal();
    match &mut settings.backbone {
        Some(Backbone {
            weights,
            preprocessing,
            ..
        }) => fetch_weights(weights, preprocessing, &settings.dataset, access, shows_bar),
        None => Ok(()),
    }?;
    // How images are made ready for weights that are trained on, the options of the data set say.
    if let Some(tuning) = &mut settings.tuning {
        let found = hub::fetch_weights(&tuning.weights, access, shows_bar, &mut note)?;
        tuning.weights = found.map_or_else(|| tuning.weights.clone(), |found| found.file);
    }
    Ok(())
}

/// The first Ctrl-C (or SIGTERM, or SIGHUP) ends the run between two steps, with the log of whole epochs; the second at once.
fn stop_on_interrupt() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    let end = move || {
        if seen.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    keeping_nohup(|| ctrlc::set_handler(end))?;
    Ok(stop)
}

fn report(settings: &RunSettings, outcome: &RunOutcome, seconds: f64) -> Result<()> {
    let accuracies = [
        in_words("validation", &outcome.validation_accuracies),
        in_words("test", &outcome.test_accuracies),
    ]
    .concat();
    let log = settings.out.join(format!("{}-p*.parquet", outcome.run));
    let mut output = io::stdout().lock();
    writeln!(
        output,
        "recorded {}: {} passes × {} epochs × {} samples in {seconds:.1} s{accuracies}",
        outcome.run, settings.passes, settings.epochs, outcome.samples,
    )?;
    writeln!(
        output,
        "wrote {} files, {}",
        outcome.files.len(),
        log.display()
    )?;
    // What begins with a dash would be an option.
    let log = match log.to_string_lossy() {
        log if log.starts_with('-') => format!("./{log}"),
        log => log.into_owned(),
    };
    // By which more is found than by the threshold samples alone: of features, and of folds by losses that do not learn these.
    let by_folds = settings.holds_out_folds && settings.loss != Loss::CrossEntropy;
    let rule = match outcome.has_held_out_models || by_folds {
        true => " --rule combined",
        false => "",
    };
    let log = program::quoted(&log);
    writeln!(output, "next: {} aum {log}{rule}", analyzer())?;
    Ok(())
}

/// The accuracy after each pass, where it was measured.
fn in_words(samples: &str, accuracies: &[f64]) -> String {
    let percent = |accuracy: &f64| format!("{:.1} %", 100.0 * accuracy);
    let accuracies: Vec<String> = accuracies.iter().map(percent).collect();
    match accuracies.as_slice() {
        [] => String::new(),
        accuracies => format!(", {samples} accuracy {}", accuracies.join(", ")),
    }
}

/// How to call the analyzer from where the recorder was called: Cargo tells the programs that it
/// runs about itself, and then the analyzer is seldom on the path.
fn analyzer() -> &'static str {
    match env::var_os("CARGO") {
        Some(_) => "cargo run --release -p analyzer --",
        None => "analyzer",
    }
}

/// The same for the recorder itself.
fn recorder() -> &'static str {
    match env::var_os("CARGO") {
        Some(_) => "cargo run --release -p recorder --",
        None => "recorder",
    }
}
