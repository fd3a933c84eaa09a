#!/usr/bin/env python3
"""How many mislabeled samples are found in features, at defaults, beside cleanlab on the same labels?

    python3 -m venv V && V/bin/pip install -r benchmarks/detection_requirements.txt
    V/bin/python benchmarks/detection.py --data DATA

DATA holds `tables/` (CSV with a column label), `sklearn/` (CSV, the label in the last column) and `cifar10/`
(embeddings of the first 10,000 training images and the labels of CIFAR-10N's random1). Each set gets its noise
here; then `recorder run --dataset features` and `analyzer` judge it at their defaults, by the percentile and by
--rule combined, and cleanlab with out-of-sample probabilities of two models of scikit-learn. Prints a row a set
and side: AUROC and average precision of the ranking, F1 of the flagged, the share that is flagged, seconds.
"""

import argparse
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler

BENCHMARKS = Path(__file__).resolve().parent
# truck to automobile, bird to airplane, deer to horse, cat and dog into each other: as the recorder's cifar10-pairs
PAIRS = {9: 1, 2: 0, 4: 7, 3: 5, 5: 3}


@dataclass
class Task:
    name: str
    features: np.ndarray
    truth: np.ndarray
    given: np.ndarray


@dataclass
class Found:
    """`suspicion` is higher for what is more suspicious."""

    suspicion: np.ndarray
    flagged: np.ndarray
    seconds: float


def with_noise(truth: np.ndarray, kind: str, rate: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    classes, given = truth.max() + 1, truth.copy()
    changed = np.flatnonzero(rng.random(len(truth)) < rate)
    if kind == "uniform":
        given[changed] = (truth[changed] + rng.integers(1, classes, len(changed))) % classes
    else:
        given[changed] = [PAIRS.get(int(label), int(label)) for label in truth[changed]]
    return given


def table(path: Path) -> tuple[np.ndarray, np.ndarray]:
    frame = pd.read_csv(path)
    label = "label" if "label" in frame else frame.columns[-1]
    return frame.drop(columns=label).to_numpy(np.float32), pd.factorize(frame[label], sort=True)[0]


def tasks(data: Path, seed: int, with_embeddings: bool) -> list[Task]:
    found = []
    sets = {path.stem: path for path in sorted((data / "tables").glob("*.csv"))}
    sets |= {name: data / "sklearn" / f"{name}.csv" for name in ("breast_cancer", "wine")}
    for name, path in sets.items():
        features, truth = table(path)
        for rate in (0.2, 0.0):
            found.append(Task(f"{name}, uniform {rate}", features, truth, with_noise(truth, "uniform", rate, seed)))
    if with_embeddings:
        people = pd.read_parquet(data / "cifar10" / "cifar10n_random1.parquet").iloc[:10_000]
        features = np.load(data / "cifar10" / "embeddings_first10k.npy").astype(np.float32)
        truth = people["clean"].to_numpy()
        found.append(Task("embeddings, random1", features, truth, people["random1"].to_numpy()))
        for kind, rate in (("uniform", 0.2), ("uniform", 0.4), ("pairs", 0.2), ("uniform", 0.0)):
            found.append(Task(f"embeddings, {kind} {rate}", features, truth, with_noise(truth, kind, rate, seed)))
    return found


def frame_of(task: Task) -> pd.DataFrame:
    """Its features and given labels, as names of classes."""
    names = [f"x{index}" for index in range(task.features.shape[1])]
    return pd.DataFrame(task.features, columns=names).assign(label=[f"c{label:02}" for label in task.given])


def written_with_truth(task: Task, path: Path) -> list[object]:
    """Writes it with its true labels; the options of `recorder run` for it."""
    frame_of(task).assign(clean=[f"c{label:02}" for label in task.truth]).to_parquet(path, index=False)
    return ["--dataset", "features", "--data", path, "--label-column", "label", "--true-label-column", "clean"]


def ours(programs: Path, task: Task, seed: int, loss: str) -> dict[str, Found]:
    frame = frame_of(task)
    with tempfile.TemporaryDirectory() as folder:
        logs, data = Path(folder) / "logs", Path(folder) / "set"
        data.mkdir()
        # Every sample is under suspicion; the test part, which a run wants, repeats some.
        frame.to_parquet(data / "train.parquet", index=False)
        frame.head(200).to_parquet(data / "test.parquet", index=False)
        began = time.perf_counter()
        seeds = ["--seed", str(seed), "--data-seed", str(seed), "--loss", loss]
        run([programs / "recorder", "run", "--dataset", "features", "--data", data, "--out", logs, "--quiet", *seeds])
        recorded = time.perf_counter() - began
        found = {}
        for rule in ("percentile", "combined"):
            began = time.perf_counter()
            run([programs / "analyzer", "aum", logs, "--rule", rule, "-o", logs / f"{rule}.csv", "-q"])
            seconds = recorded + time.perf_counter() - began
            judged = by_sample(logs / f"{rule}.csv", len(task.given))
            found[f"ours, {rule}"] = Found(-judged.aum.fillna(0).to_numpy(), is_true(judged.flagged), seconds)
        run([programs / "analyzer", "scores", logs, "-o", logs / "scores.csv", "-q"])
        scores = by_sample(logs / "scores.csv", len(task.given))
        found["ours, combined"].suspicion = scores.combined.fillna(0).to_numpy()
        return found


def run(command: list[object]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def by_sample(path: Path, count: int) -> pd.DataFrame:
    return pd.read_csv(path).set_index("sample_id").reindex(range(count))


def is_true(column: pd.Series) -> np.ndarray:
    return column.astype(str).str.lower().eq("true").to_numpy()


def cleanlabs(task: Task, seed: int) -> dict[str, Found]:
    wide = task.features.shape[1] > 256
    models = {"logistic regression": LogisticRegression(C=0.001 if wide else 1.0, max_iter=300)}
    if not wide:
        models["extra trees"] = ExtraTreesClassifier(200, min_samples_leaf=2, random_state=seed)
    found = {}
    for name, model in models.items():
        began = time.perf_counter()
        features = StandardScaler().fit_transform(task.features)
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        probabilities = cross_val_predict(model, features, task.given, cv=folds, method="predict_proba")
        flagged = find_label_issues(task.given, probabilities, n_jobs=1)
        suspicion = 1 - get_label_quality_scores(task.given, probabilities)
        found[f"cleanlab, {name}"] = Found(suspicion, flagged, time.perf_counter() - began)
    return found


def row(task: Task, side: str, found: Found) -> str:
    mislabeled = task.given != task.truth
    measures = ["–"] * 3
    if mislabeled.any():
        auroc = roc_auc_score(mislabeled, found.suspicion)
        precision = average_precision_score(mislabeled, found.suspicion)
        measures = [f"{value:.3f}" for value in (auroc, precision, f1_score(mislabeled, found.flagged))]
    share = f"{100 * found.flagged.mean():.1f} %"
    return "| " + " | ".join([task.name, side, *measures, share, f"{found.seconds:.1f}"]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=BENCHMARKS.parent.parent / "shared" / "data")
    parser.add_argument("--programs", type=Path, default=Path("target/release"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[301, 302])
    parser.add_argument("--only", default="", help="only the sets whose names contain this")
    parser.add_argument("--loss", default="cross-entropy", help="of the recorder; another one is measured without cleanlab")
    arguments = parser.parse_args()
    print("| set | side | AUROC | AP | F1 | flagged | s |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for seed in arguments.seeds:
        for task in tasks(arguments.data, seed, with_embeddings=seed == arguments.seeds[0]):
            if arguments.only not in task.name:
                continue
            sides = ours(arguments.programs.resolve(), task, seed, arguments.loss)
            if arguments.loss == "cross-entropy":
                sides |= cleanlabs(task, seed)
            for side, found in sides.items():
                print(row(task, side, found), flush=True)


if __name__ == "__main__":
    main()
