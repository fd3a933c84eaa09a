#!/usr/bin/env python3
"""Are rare classes flagged for being rare, and which thresholds by class help? F1 by class, beside what was tried.

    python3 -m venv V && V/bin/pip install -r benchmarks/detection_requirements.txt
    V/bin/python benchmarks/imbalance.py --data DATA

DATA holds `sklearn/digits.csv` and `cifar10/` (embeddings of the first 10,000 training images, and the labels of
CIFAR-10N's random1). Of the digits, a class is thinned to 5 % of the samples or to a tenth, and then 20 % uniform noise
is put in; of the embeddings, three classes are thinned to a tenth, by their given labels or by their true ones. Records
each (`recorder run`), computes AUMs from its log, and judges them by the 99th percentile with every way to move the
threshold of a class. `lower for rare classes` is `analyzer aum --threshold-by class`; --check compares the two.
"""

import argparse
import csv
import gzip
import json
import struct
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

BENCHMARKS = Path(__file__).resolve().parent
DIGITS = (3, 8)


def write_idx(folder: Path, parts: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    for part, (images, labels) in parts.items():
        with gzip.open(folder / f"{part}-images-idx3-ubyte.gz", "wb") as file:
            file.write(struct.pack(">IIII", 2051, *images.shape) + images.tobytes())
        with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(struct.pack(">II", 2049, len(labels)) + labels.tobytes())


def digits(data: Path, seed: int, work: Path) -> list[tuple[str, str, list[int], list]]:
    """Group, name, rare classes and options of `recorder run` of each set."""
    with (data / "sklearn/digits.csv").open() as file:
        rows = np.array([[float(value) for value in row] for row in list(csv.reader(file))[1:]])
    images, labels = (rows[:, :-1] * 255 / 16).round().astype(np.uint8).reshape(-1, 8, 8), rows[:, -1].astype(np.uint8)
    rng = np.random.default_rng(100 + seed)
    order = rng.permutation(len(labels))
    training, test = order[:1438], order[1438:]
    found = []
    for rare in DIGITS:
        is_rare = labels[training] == rare
        for group, count in (("5pc", 0.05 * (~is_rare).sum() / 0.95), ("tenth", 0.1 * is_rare.sum())):
            few = rng.choice(training[is_rare], int(round(count)), replace=False)
            kept = np.sort(np.concatenate([training[~is_rare], few]))
            folder = work / f"digits-{group}-c{rare}-{seed}"
            folder.mkdir(exist_ok=True)
            write_idx(folder, {"train": (images[kept], labels[kept]), "t10k": (images[test], labels[test])})
            options = ["--dataset", "mnist", "--data", folder, "--model", "cnn", "--noise", "0.2"]
            found.append((f"digits-{group}", f"imb-digits-{group}-c{rare}-{seed}", [rare], options))
    return found


def embeddings(data: Path, seed: int, work: Path) -> list[tuple[str, str, list[int], list]]:
    features = np.load(data / "cifar10/embeddings_first10k.npy").astype(np.float32)
    people = pq.read_table(data / "cifar10/cifar10n_random1.parquet").slice(0, len(features))
    given, clean = (np.array(people[name]).astype(np.int64) for name in ("random1", "clean"))
    rng = np.random.default_rng(seed)
    rare = rng.choice(10, 3, replace=False)
    found = []
    for by, labels in (("given", given), ("true", clean)):
        kept = np.flatnonzero(~np.isin(labels, rare) | (rng.random(len(labels)) < 0.1))
        columns = {f"f{column}": features[kept, column] for column in range(features.shape[1])}
        path = work / f"emb-{by}-{seed}.parquet"
        pq.write_table(pa.table(columns | {"label": given[kept], "clean": clean[kept]}), path)
        options = ["--dataset", "features", "--data", path, "--label-column", "label", "--true-label-column", "clean"]
        found.append((f"embeddings-by-{by}", f"imb-emb-{by}-{seed}", sorted(int(c) for c in rare), options))
    return found


class Log:
    """The AUMs of each pass over the epochs from the second on, and the labels."""

    def __init__(self, folder: Path):
        columns = ["epoch", "sample_id", "given_label", "true_label", "is_threshold_sample", "margin", "rival_label"]
        self.passes = []
        for number in (1, 2):
            epochs = [pq.read_table(path, columns=columns).sort_by("sample_id") for path in sorted(folder.glob(f"r-p{number}-e*.parquet"))]
            margins = np.array([np.array(epoch["margin"], dtype=np.float64) for epoch in epochs[1:]])
            rivals = np.array([np.array(epoch["rival_label"]) for epoch in epochs[1:]])
            self.passes.append((margins, rivals, np.array(epochs[0]["is_threshold_sample"])))
        self.given, self.true = (np.array(epochs[0][name]) for name in ("given_label", "true_label"))
        self.classes = int(self.given.max()) + 1
        self.counts = np.maximum(np.bincount(self.given, minlength=self.classes), 1)

    def flagged(self, way: Callable) -> np.ndarray:
        votes, flags = np.zeros(len(self.given), int), np.zeros(len(self.given), int)
        for margins, rivals, is_threshold in self.passes:
            aums = margins.mean(0)
            below = aums < way(self, aums, is_threshold, margins, rivals)
            votes += ~is_threshold
            flags += ~is_threshold & below
        return (votes > 0) & (flags == votes)


def percentile(aums: np.ndarray) -> float:
    return np.sort(aums)[::-1][int(len(aums) * 0.01 + 1e-9)]


def by_quantile(log: Log, aums, is_threshold, share: float, scaled: bool) -> np.ndarray:
    """Lower by how far the quantile of the class lies below that of all, or in proportion."""
    threshold, middle, of_all = percentile(aums[is_threshold]), np.median(aums[is_threshold]), np.quantile(aums[~is_threshold], share)
    moved = np.full(len(aums), threshold)
    for label in range(log.classes):
        of_class = aums[~is_threshold & (log.given == label)]
        if len(of_class) < 5:
            continue
        here = np.quantile(of_class, share)
        if not scaled:
            moved[log.given == label] = min(threshold, threshold + here - of_all)
        elif here > middle:
            moved[log.given == label] = min(threshold, middle + (threshold - middle) / (of_all - middle) * (here - middle))
    return moved


def by_own_samples(log: Log, aums, is_threshold) -> np.ndarray:
    """The percentile of the threshold samples that were of the class, where they are five or more."""
    thresholds = np.full(len(aums), percentile(aums[is_threshold]))
    for label in range(log.classes):
        own = aums[is_threshold & (log.given == label)]
        if len(own) >= 5:
            thresholds[log.given == label] = percentile(own)
    return thresholds


def by_margins(log: Log, aums, is_threshold, margins, rivals) -> np.ndarray:
    """Each margin corrected by how often both of its classes are trained on; as what the threshold moves by."""
    often = np.log(np.append(log.counts, is_threshold.sum()) / log.counts.mean())
    own = np.where(is_threshold, log.classes, log.given)
    corrected = (margins + often[np.minimum(rivals, log.classes)] - often[own]).mean(0)
    return aums - corrected + percentile(corrected[is_threshold])


def frequency(log: Log) -> np.ndarray:
    return np.log(log.counts[log.given] / log.counts.mean())


WAYS = {
    "one for all": lambda log, aums, marks, *_: percentile(aums[marks]),
    "lower for rare classes": lambda log, aums, marks, *_: percentile(aums[marks]) + np.minimum(0, frequency(log)),
    "moved for all classes": lambda log, aums, marks, *_: percentile(aums[marks]) + frequency(log),
    "margins corrected": by_margins,
    "own threshold samples": lambda log, aums, marks, *_: by_own_samples(log, aums, marks),
    "quantile of the class": lambda log, aums, marks, *_: by_quantile(log, aums, marks, 0.9, False),
    "in proportion to it": lambda log, aums, marks, *_: by_quantile(log, aums, marks, 0.75, True),
}


def f1(flagged: np.ndarray, wrong: np.ndarray) -> float:
    return 2 * (flagged & wrong).sum() / max(1, flagged.sum() + wrong.sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=BENCHMARKS.parent.parent / "shared/data")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--programs", type=Path, default=Path("target/release"))
    parser.add_argument("--logs", type=Path, help="keep the logs in this folder, and take those that are there")
    parser.add_argument("--check", action="store_true", help="compare with analyzer aum --threshold-by class")
    arguments = parser.parse_args()
    results = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        logs = arguments.logs or Path(folder)
        for seed in arguments.seeds:
            for group, name, rare, options in digits(arguments.data, seed, Path(folder)) + embeddings(arguments.data, seed, Path(folder)):
                out = logs / name
                if not (out / "done").exists():
                    command = [arguments.programs / "recorder", "run", "--quiet", "--out", out, "--name", "r", "--overwrite"]
                    seeds = ["--seed", str(seed), "--data-seed", str(seed)]
                    subprocess.run([*command, "--logits", "none", "--pictures", "0", *options, *seeds], check=True, stdout=subprocess.DEVNULL)
                    (out / "done").touch()
                log = Log(out)
                wrong = log.given != log.true
                is_rare = np.isin(log.given, rare)
                for way, rule in WAYS.items():
                    flagged = log.flagged(rule)
                    of_class = [f1(flagged[log.given == c], wrong[log.given == c]) for c in range(log.classes)]
                    others = [of_class[c] for c in range(log.classes) if c not in rare]
                    row = (np.mean([of_class[c] for c in rare]), np.mean(others), f1(flagged, wrong), flagged[is_rare].mean(), wrong[is_rare].mean())
                    results[group, way].append(row)
                    if arguments.check and way == "lower for rare classes":
                        done = subprocess.run([arguments.programs / "analyzer", "aum", out, "--threshold-by", "class", "--format", "json"], check=True, capture_output=True)
                        (found,) = json.loads(done.stdout)
                        assert found["flagged"] == flagged.sum(), (name, found["flagged"], flagged.sum())
    print("| set | threshold | F1, rare classes | F1, others | F1, all samples | rare flagged | rare wrong |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for (group, way), rows in results.items():
        print(f"| {group}, {len(rows)} runs | {way} | " + " | ".join(f"{value:.3f}" for value in np.mean(rows, axis=0)) + " |")


if __name__ == "__main__":
    main()
