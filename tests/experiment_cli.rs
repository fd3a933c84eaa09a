//! The `experiment` program: what it leaves, that it goes on where it was stopped, and what it refuses.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Parser;
use recorder::cli::{Cli, Command as RecorderCommand};
use recorder::run::progress::Silent;
use tempfile::TempDir;
use tests::program::{names, refused, said};

const QUICK: &str = r#"
name = "quick"
networks = ["mlp"]
noise = ["none", "uniform 0.4"]
seeds = [0, 1]
methods = ["all", "cleaned", "oracle", "random", "gce"]
[passes]
epochs = 3
[final]
epochs = 3
batch-size = 32
"#;

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_experiment"));
    command.args(words).current_dir(folder);
    command
}

fn experiment(folder: &Path, words: &[&str]) -> Output {
    command(folder, words).output().unwrap()
}

fn quick() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("quick.toml"), QUICK).unwrap();
    folder
}

fn table(folder: &Path) -> String {
    fs::read_to_string(folder.join("results/quick/table.csv")).unwrap()
}

#[test]
fn an_experiment_ends_with_its_table_and_goes_on_where_it_was_killed() {
    let whole = quick();
    let (stdout, stderr) = said(&experiment(whole.path(), &["quick.toml"]));
    assert!(stdout.contains("| mlp | uniform 0.4 | 0."), "{stdout}");
    // Without noise nobody knows what an oracle would leave out: 2 · (1 + 4) + 2 · (1 + 5) pieces.
    assert_eq!(stderr.lines().count(), 22, "{stderr}");
    assert_eq!(names(&whole.path().join("results/quick/pieces")).len(), 22);
    let rows = table(whole.path());
    assert_eq!(rows.lines().count(), 1 + 4 + 5, "{rows}");
    let figure = whole.path().join("results/quick/test-error.svg");
    let figure = fs::read_to_string(figure).unwrap();
    // Two seeds of each method, and the one of the legend.
    assert_eq!(figure.matches("<circle").count(), 2 * (4 + 5) + 1);
    let killed = quick();
    for _ in 0..2 {
        let mut running = command(killed.path(), &["quick.toml"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(400));
        running.kill().unwrap();
        running.wait().unwrap();
    }
    said(&experiment(killed.path(), &["quick.toml"]));
    assert_eq!(table(killed.path()), rows);
    // All is done: nothing is trained any more.
    let (_, stderr) = said(&experiment(whole.path(), &["quick.toml"]));
    assert_eq!(stderr, "");
    // Other final trainings stand on the same passes.
    let other = QUICK.replace("batch-size = 32", "batch-size = 64");
    fs::write(whole.path().join("quick.toml"), other).unwrap();
    let (_, stderr) = said(&experiment(whole.path(), &["quick.toml"]));
    assert_eq!(stderr.lines().count(), 18, "{stderr}");
}

#[test]
fn confident_learning_stands_on_passes_with_folds_of_its_own() {
    let folder = quick();
    let plan = QUICK
        .replace("[\"none\", \"uniform 0.4\"]", "[\"uniform 0.4\"]")
        .replace("[0, 1]", "[0]");
    let plan = plan.replace("\"oracle\", \"random\", \"gce\"", "\"confident-learning\"");
    fs::write(folder.path().join("quick.toml"), plan).unwrap();
    said(&experiment(folder.path(), &["quick.toml"]));
    let rows = table(folder.path());
    let row = rows.lines().find(|row| row.contains("confident-learning"));
    let cells: Vec<&str> = row.unwrap().split(',').collect();
    let head: Vec<&str> = rows.lines().next().unwrap().split(',').collect();
    let at = head.iter().position(|name| *name == "left_out").unwrap();
    let left_out: f64 = cells[at].parse().unwrap();
    assert!((200.0..900.0).contains(&left_out), "{rows}");
    let logs = folder
        .path()
        .join("results/quick/logs/mlp-uniform0.4-seed0-folds");
    let held_out = names(&logs).into_iter();
    assert_eq!(
        held_out
            .filter(|name| name.starts_with("heldout-network-"))
            .count(),
        5 * 3
    );
}

#[test]
fn methods_that_come_later_stand_on_the_passes_that_are_there() {
    let folder = quick();
    let write = |methods: &str| {
        let plan = QUICK
            .replace("[\"none\", \"uniform 0.4\"]", "[\"uniform 0.4\"]")
            .replace("[0, 1]", "[0]")
            .replace("\"random\", \"gce\"", methods);
        fs::write(folder.path().join("quick.toml"), plan).unwrap();
    };
    write("\"random\"");
    said(&experiment(folder.path(), &["quick.toml"]));
    write("\"relabelled\", \"cleaned+sce\", \"cleaned-by-sce\"");
    let (stdout, stderr) = said(&experiment(folder.path(), &["quick.toml"]));
    assert!(
        stdout.contains("| relabelled | cleaned+sce | cleaned-by-sce |"),
        "{stdout}"
    );
    assert_eq!(stderr.lines().count(), 3, "{stderr}");
    let record = |method: &str| {
        let trained = folder.path().join("results/quick/trained");
        let name = format!("mlp-uniform0.4-seed0-{method}/train.json");
        fs::read_to_string(trained.join(name)).unwrap()
    };
    let relabelled = record("relabelled");
    assert!(!relabelled.contains("\"relabelled\": 0"), "{relabelled}");
    assert!(record("cleaned+sce").contains("--loss=sce"));
    // On passes of its own.
    let run = folder
        .path()
        .join("results/quick/logs/mlp-uniform0.4-seed0-by-sce/run.json");
    assert!(
        fs::read_to_string(run)
            .unwrap()
            .contains("\"loss\": \"sce\"")
    );
}

#[test]
fn a_dry_run_says_how_long_it_takes_and_leaves_nothing() {
    let folder = quick();
    let (stdout, _) = said(&experiment(folder.path(), &["quick.toml", "--dry-run"]));
    assert!(stdout.contains("mlp: "), "{stdout}");
    assert!(stdout.contains(" in all, by 12 steps"), "{stdout}");
    assert_eq!(names(folder.path()), ["quick.toml"]);
}

#[cfg(unix)]
#[test]
fn a_plan_that_is_a_pipe_is_not_waited_for() {
    let folder = TempDir::new().unwrap();
    let made = Command::new("mkfifo")
        .arg(folder.path().join("plan.toml"))
        .status();
    assert!(made.unwrap().success());
    let output = experiment(folder.path(), &["plan.toml", "--check"]);
    refused("experiment", &output, 1, &["plan.toml", "no regular file"]);
}

#[test]
fn a_file_that_is_not_understood_is_refused_in_a_line() {
    let folder = quick();
    let write = |text: &str| fs::write(folder.path().join("quick.toml"), text).unwrap();
    for (from, to, reason) in [
        ("seeds", "seed", "is \"seeds\" meant?"),
        (
            "epochs = 3\nbatch",
            "epoch = 3\nbatch",
            "final: there is no option \"epoch\"; is \"epochs\" meant?",
        ),
        ("\"mlp\"", "\"mpl\"", "mpl"),
        ("batch-size = 32", "batch-size = 0", "1 or more"),
    ] {
        write(&QUICK.replacen(from, to, 1));
        let output = experiment(folder.path(), &["quick.toml"]);
        refused("experiment", &output, 1, &[reason]);
    }
    let output = experiment(folder.path(), &["nothing.toml"]);
    refused(
        "experiment",
        &output,
        1,
        &["nothing.toml", "cannot be read"],
    );
}

#[test]
fn the_files_that_come_with_it_are_understood() {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    let plans: Vec<String> = names(&plans);
    assert!(plans.contains(&"digits.toml".to_owned()), "{plans:?}");
    for plan in plans {
        let path = format!("{}/plans/{plan}", env!("CARGO_MANIFEST_DIR"));
        said(&experiment(Path::new("."), &[&path, "--check"]));
    }
}

/// Two clouds of 300 points that overlap, of which every fifth has the label of the other; and a run on them, by the recorder's
/// library.
fn clouds(noise: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("clouds.csv");
    let mut rows = "x,y,label\n".to_owned();
    for point in 0..600_u32 {
        let (side, is_wrong) = (point % 2, point / 2 % 5 == 0);
        // Pseudo-random, the same everywhere.
        let spread = |by: u32| f64::from(point.wrapping_mul(by) % 1000) / 400.0 - 1.25;
        let center = f64::from(side) * 2.0 - 1.0;
        let label = ["left", "right"][(side ^ u32::from(is_wrong)) as usize];
        rows += &format!("{},{},{label}\n", center + spread(7919), spread(104_729));
    }
    fs::write(&data, rows).unwrap();
    record_clouds(folder.path(), noise);
    folder
}

fn record_clouds(folder: &Path, further: &[&str]) {
    let data = folder.join("clouds.csv").display().to_string();
    let logs = format!("--out={}", folder.join("logs").display());
    let words = [
        "recorder",
        "run",
        "--dataset=features",
        "--data",
        &data,
        "--epochs=4",
        "--name=a",
        &logs,
    ];
    let words: Vec<String> = words
        .iter()
        .chain(further)
        .map(|word| (*word).to_owned())
        .collect();
    let Ok(RecorderCommand::Run(run)) = Cli::try_parse_from(&words).map(|cli| cli.command) else {
        panic!("these are words of recorder run");
    };
    let mut settings = run.settings();
    settings.command = words;
    recorder::run::recording::run(&settings, &mut Silent, &AtomicBool::new(false)).unwrap();
}

#[test]
fn own_data_are_answered_in_one_sentence_which_is_the_same_again() {
    let folder = clouds(&[]);
    let words = ["own", "--like", "logs/a", "--seeds", "3", "--epochs", "5"];
    let (answer, stderr) = said(&experiment(folder.path(), &words));
    assert_eq!(
        (answer.lines().count(), stderr.lines().count()),
        (1, 3),
        "{answer}{stderr}"
    );
    let begins = ["Remove the", "Do not remove the", "Cannot tell"];
    assert!(
        begins.iter().any(|begin| answer.starts_with(begin)),
        "{answer}"
    );
    assert!(answer.contains("95 % interval"), "{answer}");
    // A fifth of 600, three times, and not always others.
    assert!(stderr.contains("on 120 samples held out"), "{stderr}");
    assert_eq!(names(&folder.path().join("results/own-a/pieces")).len(), 9);
    assert_eq!(said(&experiment(folder.path(), &words)).0, answer);
    // By the other rule, networks on all samples are those that are there.
    let combined = [&words[..], &["--rule", "combined"]].concat();
    let (other, _) = said(&experiment(folder.path(), &combined));
    assert_ne!(other, answer);
    assert_eq!(names(&folder.path().join("results/own-a/pieces")).len(), 15);
    let below_zero = [&words[..], &["--rule", "below-zero"]].concat();
    said(&experiment(folder.path(), &below_zero));
    let tables = names(&folder.path().join("results/own-a/aum"));
    assert!(
        tables.contains(&"seed0-below-zero.csv".to_owned()),
        "{tables:?}"
    );
}

#[test]
fn own_data_that_were_changed_are_judged_anew() {
    let folder = clouds(&[]);
    let words = ["own", "--like", "logs/a", "--seeds", "1", "--epochs", "5"];
    let network = || {
        said(&experiment(folder.path(), &words));
        let trained = folder.path().join("results/own-a/trained");
        fs::read(trained.join("seed0-all/model.safetensors")).unwrap()
    };
    let before = network();
    let data = folder.path().join("clouds.csv");
    let rows = fs::read_to_string(&data).unwrap();
    let (head, rows) = rows.split_once('\n').unwrap();
    let corrected = rows.lines().map(|row| {
        let x: f64 = row.split(',').next().unwrap().parse().unwrap();
        let numbers = row.rsplit_once(',').unwrap().0;
        format!("{numbers},{}\n", if x < 0.0 { "left" } else { "right" })
    });
    fs::write(&data, format!("{head}\n{}", corrected.collect::<String>())).unwrap();
    let output = experiment(folder.path(), &words);
    refused(
        "experiment",
        &output,
        1,
        &["logs/a", "its data were changed"],
    );
    record_clouds(folder.path(), &["--overwrite"]);
    assert!(network() != before);
}

#[test]
fn own_data_need_a_run_of_their_own_labels() {
    let folder = clouds(&["--noise=0.2"]);
    let output = experiment(folder.path(), &["own", "--like", "logs/a"]);
    refused(
        "experiment",
        &output,
        1,
        &["logs/a", "are not those of the data"],
    );
    let output = experiment(folder.path(), &["own", "--like", "logs/b"]);
    refused("experiment", &output, 1, &["logs/b", "no record of a run"]);
    assert_eq!(experiment(folder.path(), &[]).status.code(), Some(2));
}
