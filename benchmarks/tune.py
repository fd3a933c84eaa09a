#!/usr/bin/env python3
"""Does `recorder run --tune` find more mislabeled samples than the defaults do?

    python3 -m venv V && V/bin/pip install -r benchmarks/detection_requirements.txt
    V/bin/python benchmarks/tune.py --data DATA

Records each set, features with given labels of which 30 % are wrong at random or a quarter are the next class, at the
defaults and with --tune, and prints AUROC and average precision of the AUM and of the combined rank, F1 of what is
flagged by the percentile and by `--rule combined`, and the settings that were taken. DATA is that of detection.py.
Beside its sets there are two tables for which the defaults may be off, few rows of 3 features and many of 500, and the
digits as the recorder's images.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification

from detection import Task, table, with_noise, written_with_truth
from folds import cell, look

BENCHMARKS = Path(__file__).resolve().parent
NOISES = {"uniform": 0.3, "flip": 0.25}


def sets(data: Path, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Features and true labels."""
    paths = sorted((data / "tables").glob("*.csv")) + [data / "sklearn" / f"{name}.csv" for name in ("breast_cancer", "wine")]
    found = {path.stem: table(path) for path in paths}
    features = np.load(data / "cifar10" / "embeddings_first10k.npy").astype(np.float32)
    clean = pd.read_parquet(data / "cifar10" / "cifar10n_random1.parquet").clean[: len(features)]
    found["embeddings"] = features, clean.to_numpy()
    for rows, features, classes in ((400, 3, 3), (20_000, 500, 10)):
        informative = min(features, 20)
        found[f"{rows:,} × {features}"] = make_classification(
            rows, features, n_informative=informative, n_redundant=0, n_classes=classes, n_clusters_per_class=1, random_state=seed
        )
    return found


def given(truth: np.ndarray, kind: str, seed: int) -> np.ndarray:
    if kind == "uniform":
        return with_noise(truth, kind, NOISES[kind], seed)
    wrong = np.random.default_rng(seed).random(len(truth)) < NOISES[kind]
    return np.where(wrong, (truth + 1) % (truth.max() + 1), truth)


def options(data: Path, seed: int, folder: Path) -> dict[str, list[object]]:
    """Those of `recorder run` for each set."""
    found: dict[str, list[object]] = {}
    for kind, rate in NOISES.items():
        for name, (features, truth) in sets(data, seed).items():
            task = Task(f"{name}, {kind} {rate}", features, truth, given(truth, kind, seed))
            found[task.name] = written_with_truth(task, folder / f"{name} {kind}.parquet")
        for model in ("cnn", "mlp"):
            found[f"digits, {model}, {kind} {rate}"] = ["--model", model, "--noise", rate, "--noise-type", kind]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=BENCHMARKS.parent.parent / "shared" / "data")
    parser.add_argument("--programs", type=Path, default=Path("target/release"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[801, 802])
    parser.add_argument("--only", default="", help="only the sets whose names contain this")
    arguments = parser.parse_args()
    print("| set | run | AUM: AUROC, AP | combined | F1 by percentile, combined | learning rate, weight decay, units, epochs |")
    print("| --- | --- | ---: | ---: | ---: | --- |")
    with tempfile.TemporaryDirectory() as folder:
        by_seed = [options(arguments.data, seed, Path(tempfile.mkdtemp(dir=folder))) for seed in arguments.seeds]
        for name in filter(lambda name: arguments.only in name, by_seed[0]):
            for tunes in ([], ["--tune"]):
                runs = [
                    look(arguments.programs.resolve(), [*found[name], *tunes], seed)
                    for seed, found in zip(arguments.seeds, by_seed, strict=True)
                ]
                columns = zip(*(measures for measures, _ in runs), strict=True)
                means = [None if None in column else float(np.mean(column)) for column in columns]
                keys = ("learning_rate", "weight_decay", "hidden_units", "epochs")
                taken = dict.fromkeys(" ".join(str(settings[key] or "–").strip("[]") for key in keys) for _, settings in runs)
                cells = [cell((means[at], means[at + 1])) for at in (0, 4, 6)]
                print(f"| {name} | {'tuned' if tunes else 'defaults'} | {' | '.join(cells)} | {'; '.join(taken)} |", flush=True)


if __name__ == "__main__":
    main()
