#!/usr/bin/env python3
"""What do held-out margins of the network find beside AUMs, from the same passes?

    python3 -m venv V && V/bin/pip install -r benchmarks/detection_requirements.txt
    V/bin/python benchmarks/folds.py --data DATA

Records each set twice, `recorder run` as it comes (two passes) and with `--folds 5`, and prints for each run AUROC and
average precision of the AUM, of the network's mean held-out margin and of the combined rank, and F1 of what is flagged
by the percentile and by `--rule combined`. DATA is that of detection.py; the digits are the recorder's own, tables get
their noise from detection.py. Of tables the two passes have held-out models, too (discriminant, neighbours, trees), so
that "combined" stands beside both runs there; of the digits it needs folds. --check is the quick form: one seed of the
digits, and it fails where AUROC of the AUM falls below 0.98.
"""

import argparse
import json
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score

import detection

BENCHMARKS = Path(__file__).resolve().parent
SCORES = {"aum": -1, "mean_held_out_margin": -1, "combined": 1}


def sets(data: Path, seed: int, folder: Path, names: list[str]) -> dict[str, list[object]]:
    """The options of `recorder run` for each set."""
    found: dict[str, list[object]] = {}
    if "digits" in names:
        for kind, rate in (("uniform", 0.2), ("uniform", 0.4), ("flip", 0.2), ("flip", 0.4)):
            found[f"digits, {kind} {rate}"] = ["--noise", rate, "--noise-type", kind]
    for task in detection.tasks(data, seed, with_embeddings=False):
        if task.name.split(",")[0] in names and not task.name.endswith(" 0.0"):
            found[task.name] = detection.written_with_truth(task, folder / f"{task.name}.parquet")
    return found


def run(command: list[object]) -> str:
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def look(programs: Path, options: list[object], seed: int) -> tuple[list[float | None], dict]:
    """AUROC and average precision of each score, then F1 of both rules, None where the run has none; its settings."""
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder) / "logs"
        seeds = ["--seed", seed, "--data-seed", seed]
        run([programs / "recorder", "run", "-q", "--pictures", 0, "--out", logs, *options, *seeds])
        run([programs / "analyzer", "scores", logs, "-q", "-o", logs / "scores.csv"])
        scores = pd.read_csv(logs / "scores.csv")
        wrong = scores.given_label != scores.true_label
        found: list[float | None] = []
        for name, sign in SCORES.items():
            if name not in scores:
                found += [None, None]
                continue
            suspicion = sign * scores[name].to_numpy()
            judged = np.isfinite(suspicion)
            found += [measure(wrong[judged], suspicion[judged]) for measure in (roc_auc_score, average_precision_score)]
        for rule in ("percentile", "combined"):
            has_rule = rule == "percentile" or "combined" in scores
            command = [programs / "analyzer", "aum", logs, "--rule", rule, "--format", "json"]
            found.append(json.loads(run(command))[0]["evaluation"]["f1"] if has_rule else None)
        return found, json.loads(next(logs.glob("*/run.json")).read_text())["configuration"]


def cell(values: tuple[float | None, ...]) -> str:
    return ", ".join("–" if value is None else f"{value:.3f}" for value in values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=BENCHMARKS.parent.parent / "shared" / "data")
    parser.add_argument("--programs", type=Path, default=Path("target/release"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[601, 602, 603])
    parser.add_argument("--sets", nargs="+", default=["digits", "breast_cancer", "wine", "DNA", "Vehicle"])
    parser.add_argument("--check", action="store_true", help="one seed of the digits, and fail where AUMs find less than they did")
    arguments = parser.parse_args()
    if arguments.check:
        arguments.seeds, arguments.sets = arguments.seeds[:1], ["digits"]
    results = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for seed in arguments.seeds:
            for name, options in sets(arguments.data, seed, Path(folder), arguments.sets).items():
                for folds in (0, 5):
                    held_out = ["--folds", folds] if folds else []
                    found, _ = look(arguments.programs.resolve(), [*options, *held_out], seed)
                    results[name, folds].append(found)
    print("| set | run | AUM: AUROC, AP | network held out | combined | F1 by percentile, combined |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for (name, folds), rows in results.items():
        means = [None if None in column else float(np.mean(column)) for column in zip(*rows, strict=True)]
        cells = [cell((means[at], means[at + 1])) for at in range(0, len(means), 2)]
        print(f"| {name} | {f'{folds} folds' if folds else 'two passes'} | {' | '.join(cells)} |")
        if arguments.check and "uniform" in name:
            assert means[0] > 0.98, (name, means)


if __name__ == "__main__":
    main()
