#!/usr/bin/env python3
"""How far is `analyzer estimate`, which sees no true label, from the truth?

Records runs with injected noise (and, where the data are there, with the labels of single people),
estimates each without its true labels, and prints three Markdown tables: the noise rate, precision and
recall that are expected beside those that are true, the counts that the noise rate is made of, and how often a sample
of a stated probability is mislabeled. Needs Python's standard library and the two built programs
(`cargo build --release`); tables and embeddings (`--task`) what detection.py needs. --check is the quick form: two
seeds of the digits and a table, and it fails where the range of an estimate misses the truth.

The constants of the estimate were chosen on other seeds; choose none on these.
"""

import argparse
import csv
import json
import statistics
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent
BINS = 10
# What every estimate says, whatever was found.
ALWAYS_SAID = ("the range of the noise rate begins", "what is estimated by the AUMs is right")
COUNTS = ("aums", "at_random", "by_table", "confident_learning", "disagreeing")


@dataclass(frozen=True)
class Task:
    """What is recorded: `options` of `recorder run`, and the group whose probabilities are pooled."""

    name: str
    group: str
    options: tuple[str, ...]
    # Of features the set, in which detection.py puts noise.
    features: str = ""


@dataclass
class Found:
    """What is estimated of a run, and what is true."""

    # None where no number is told
    rate: float | None
    counts: dict[str, float]
    low: float
    high: float
    true_rate: float
    expected_precision: float | None
    expected_recall: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    f1_by_probability: float | None
    warnings: list[str]
    same_rival: float | None
    # (stated probability, whether the sample is mislabeled)
    samples: list[tuple[float, bool]]


def noises(name: str, options: tuple[str, ...], kinds: dict[str, list[float]]) -> list[Task]:
    tasks = []
    for kind, rates in kinds.items():
        for rate in rates:
            words = ("--noise", str(rate), "--noise-type", kind) if rate else ()
            noise = f"{kind} {rate}" if rate else "none injected"
            tasks.append(Task(f"{name}, {noise}", kind if rate else "none", (*options, *words)))
    return tasks


def tasks(arguments: argparse.Namespace) -> list[Task]:
    found = []
    if "digits" in arguments.task:
        found += noises("digits, cnn", (), {"uniform": [0.0, 0.1, 0.2, 0.4], "flip": [0.1, 0.2, 0.4]})
    if "mnist" in arguments.task:
        mnist = ("--dataset", "mnist", "--data", str(arguments.data / "mnist"), "--model", "lenet", "--subset", "10000")
        found += noises("MNIST, lenet", (*mnist, "--epochs", "8"), {"uniform": [0.2, 0.4]})
        found += noises("MNIST, lenet, 5 epochs", (*mnist, "--epochs", "5"), {"uniform": [0.2]})
    if "cifar10" in arguments.task:
        cifar10 = arguments.data / "cifar10"
        people = ("--labels", str(cifar10 / "cifar10n_random1.parquet"), "--label-column", "random1", "--true-label-column", "clean")
        images = ("--dataset", "cifar10", "--data", str(cifar10), "--subset", "5000", "--crop-padding", "4", "--flip")
        network = ("--model", "resnet20", "--lr", "0.1", "--epochs", str(arguments.cifar10_epochs))
        name = f"CIFAR-10, resnet20, {arguments.cifar10_epochs} epochs, labels of people"
        found.append(Task(name, "people", (*images, *network, *people)))
    for kind in {"tables", "embeddings"} & set(arguments.task):
        names = ("breast_cancer", "wine", "Satellite", "Vehicle", "DNA", "Shuttle") if kind == "tables" else ("embeddings",)
        injected = ("uniform 0.0", "uniform 0.2") if kind == "tables" else ("random1", "uniform 0.0", "uniform 0.2", "uniform 0.4", "pairs 0.2")
        found += [Task(f"{name}, {noise}", "features", (), f"{name}, {noise}") for name in names for noise in injected]
    return found


def features(task: Task, seed: int, data: Path, logs: Path) -> tuple[str, ...]:
    """Writes the set with its noise; returns what records it."""
    import detection

    (found,) = (found for found in detection.tasks(data, seed, "embeddings" in task.features) if found.name == task.features)
    return tuple(str(word) for word in detection.written_with_truth(found, logs / "set.parquet"))


def record(programs: Path, task: Task, seed: int, data: Path, logs: Path) -> Path:
    """Records a run, or goes on with the one that is there; returns the folder of its log."""
    folder = logs / "".join(letter if letter.isalnum() or letter in ".-" else "_" for letter in f"{task.name}-{seed}")
    folder.mkdir(parents=True, exist_ok=True)
    command = [programs / "recorder", "run", "--quiet", "--out", folder, "--pictures", "0", "--resume"]
    seeds = ["--seed", str(seed), "--data-seed", str(seed)]
    options = features(task, seed, data, logs) if task.features else task.options
    subprocess.run([*command, *seeds, *options], check=True, stdout=subprocess.DEVNULL)
    return folder


def analyzed(programs: Path, *words: object) -> tuple[dict, list[str]]:
    """The report of the only run as JSON, and its doubts."""
    command = [programs / "analyzer", *words, "--format", "json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    (report,) = json.loads(done.stdout)
    return report, [note for note in report["notes"] if not note.startswith(ALWAYS_SAID)]


def look(programs: Path, log: Path, percentile: str = "99") -> Found:
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "probabilities.csv"
        estimate, warnings = analyzed(programs, "estimate", log, "--percentile", percentile, "-o", table)
        with table.open(newline="") as file:
            rows = list(csv.DictReader(file))
    truth, _ = analyzed(programs, "aum", log, "--percentile", percentile)
    rate, rule = estimate["noise_rate"][0], estimate["rules"][0]
    # Without injected noise the log has no true labels, and the data set's own are taken for right.
    known = truth["evaluation"] or {"mislabeled_share": 0.0, "precision": 0.0 if truth["flagged"] else None, "recall": None, "f1": None}
    by_probability, _ = analyzed(programs, "aum", log, "--rule", "posterior")
    mislabeled = (row["true_label"] not in ("", row["given_label"]) for row in rows)
    return Found(
        rate["noise_rate"], {row["count"]: row["share"] for row in estimate["counts"]}, rate["noise_rate_low"], rate["noise_rate_high"], known["mislabeled_share"],
        rule["precision"], rule["recall"], known["precision"], known["recall"],
        known["f1"], (by_probability["evaluation"] or {"f1": None})["f1"],
        warnings, same_rival(programs, log, percentile), list(zip((float(row["probability_mislabeled"]) for row in rows), mislabeled, strict=True)),
    )


def same_rival(programs: Path, log: Path, percentile: str) -> float | None:
    """How often two flagged samples of a class have the same rival; above 0.5 `estimate` warns of a pattern."""
    report, _ = analyzed(programs, "confusions", log, "--percentile", percentile)
    classes = defaultdict(list)
    for pair in report["confusions"]:
        if pair["suggested_label"] is not None:
            classes[pair["given_label"]].append(pair["count"])
    pairs = sum(sum(counts) * (sum(counts) - 1) for counts in classes.values())
    same = sum(count * (count - 1) for counts in classes.values() for count in counts)
    return same / pairs if pairs else None


def spread(values: list[float | None], form: str = ".3f") -> str:
    """The mean, and the least and the largest in brackets."""
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    text = f"{statistics.mean(known):{form}}"
    return text if len(known) == 1 else f"{text} ({min(known):{form}} to {max(known):{form}})"


def rate_row(name: str, runs: list[Found]) -> str:
    held = sum(run.low <= run.true_rate <= run.high for run in runs)
    told = [run for run in runs if run.rate is not None]
    warned = sum(bool(run.warnings) for run in runs)
    cells = [
        name,
        spread([run.true_rate for run in runs]),
        spread([run.rate for run in told]) if told else "not told",
        spread([run.rate - run.true_rate for run in told], "+.3f"),
        f"{statistics.mean(run.low for run in runs):.3f} to {statistics.mean(run.high for run in runs):.3f}",
        f"{held} of {len(runs)}",
        f"{len(told)} of {len(runs)}",
        f"{warned} of {len(runs)}",
        spread([run.same_rival for run in runs], ".2f"),
        spread([run.expected_precision for run in runs]),
        spread([run.precision for run in runs]),
        spread([run.expected_recall for run in runs]),
        spread([run.recall for run in runs]),
        spread([run.f1 for run in runs]),
        spread([run.f1_by_probability for run in runs]),
    ]
    return f"| {' | '.join(cells)} |"


def count_row(name: str, runs: list[Found]) -> str:
    """The counts that a noise rate is made of."""
    cells = [spread([run.counts.get(count) for run in runs]) for count in COUNTS]
    return f"| {name} | {spread([run.true_rate for run in runs])} | {' | '.join(cells)} |"


def reliability(groups: dict[str, list[tuple[float, bool]]]) -> str:
    """A row per tenth of the stated probability: the share that is mislabeled, and of how many."""
    lines = [f"| stated probability | {' | '.join(groups)} |", f"| --- |{' ---: |' * len(groups)}"]
    for number in range(BINS):
        cells = []
        for samples in groups.values():
            here = [mislabeled for stated, mislabeled in samples if min(int(stated * BINS), BINS - 1) == number]
            cells.append(f"{statistics.mean(here):.3f} of {len(here):,}" if here else "–")
        lines.append(f"| {number / BINS:.1f} to {(number + 1) / BINS:.1f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", nargs="+", choices=["digits", "mnist", "tables", "embeddings", "cifar10"], default=["digits"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[600, 601, 602, 603, 604])
    parser.add_argument("--data", type=Path, default=BENCHMARKS.parent.parent / "shared" / "data", help="folder of mnist and cifar10")
    parser.add_argument("--cifar10-epochs", type=int, default=12)
    parser.add_argument("--programs", type=Path, default=Path("target/release"))
    parser.add_argument("--logs", type=Path, help="keep the logs in this folder, and go on with those that are there")
    parser.add_argument("--warnings", action="store_true", help="print each run's warnings, too")
    parser.add_argument("--only", default="", help="only the runs whose names contain this")
    parser.add_argument("--check", action="store_true", help="digits and two seeds, and fail where the truth lies outside a range")
    arguments = parser.parse_args()
    if arguments.check:
        arguments.task, arguments.seeds = ["digits"], arguments.seeds[:2]

    with tempfile.TemporaryDirectory() as folder:
        logs = arguments.logs or Path(folder)
        groups: dict[str, list[tuple[float, bool]]] = defaultdict(list)
        print("| runs | true noise rate | estimate | error | range, from and to | ranges that hold it | number told | warned | same rival | precision at 99, expected | true | recall at 99, expected | true | F1 at 99 | F1 by probability |")
        print("| --- |" + " ---: |" * 14, flush=True)
        said, of_counts, missed = [], [], []
        for task in tasks(arguments):
            if arguments.only not in task.name:
                continue
            runs = []
            for seed in arguments.seeds:
                runs.append(look(arguments.programs, record(arguments.programs, task, seed, arguments.data, logs)))
                groups[task.group] += runs[-1].samples
                said += [f"{task.name}, seed {seed}: {warning}" for warning in runs[-1].warnings]
                missed += [f"{task.name}, seed {seed}"] * (not runs[-1].low <= runs[-1].true_rate <= runs[-1].high)
            print(rate_row(task.name, runs), flush=True)
            of_counts.append(count_row(task.name, runs))
    print(f"\n| runs | true | {' | '.join(COUNTS)} |\n| --- |" + " ---: |" * 6)
    print("\n".join(of_counts))
    print("\n" + reliability(groups))
    if arguments.warnings:
        print("\n" + "\n".join(said))
    assert not (arguments.check and missed), missed


if __name__ == "__main__":
    main()
