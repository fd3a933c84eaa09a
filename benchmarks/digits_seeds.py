#!/usr/bin/env python3
"""How many known mistakes are found, and how many false alarms are raised, on the digits?

Records the digits at each noise rate and seed with the recorder's defaults, analyzes each run with
the analyzer's defaults or a given threshold, and prints precision, recall and F1 as a Markdown table. Needs Python's
standard library and the two built programs (`cargo build --release`).
"""

import argparse
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

MEASURES = ("precision", "recall", "f1")


def evaluate(programs: Path, noise: float, seed: int, threshold: list[str], options: list[str]) -> dict[str, float]:
    """Records one run in a folder of its own and returns what the analyzer says of it."""
    with tempfile.TemporaryDirectory() as folder:
        seeds = ["--seed", str(seed), "--data-seed", str(seed)]
        record = [programs / "recorder", "run", "--quiet", "--out", folder, "--noise", str(noise)]
        subprocess.run([*record, *seeds, *options], check=True, stdout=subprocess.DEVNULL)
        analyze = [programs / "analyzer", "aum", folder, "--format", "json", *threshold]
        (run,) = json.loads(subprocess.run(analyze, check=True, stdout=subprocess.PIPE).stdout)
        return {measure: run["evaluation"][measure] for measure in MEASURES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--noise", type=float, nargs="+", default=[0.2, 0.4])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--programs", type=Path, default=Path("target/release"))
    parser.add_argument("--threshold", help="flags AUMs below it, in place of the percentile's")
    parser.add_argument("options", nargs="*", help="further options of `recorder run`, after --")
    arguments = parser.parse_args()

    threshold = ["--threshold", arguments.threshold] if arguments.threshold else []
    print("| noise | seed | precision | recall | F1 |\n|---|---|---|---|---|")
    for noise in arguments.noise:
        found = []
        for seed in arguments.seeds:
            found.append(evaluate(arguments.programs, noise, seed, threshold, arguments.options))
            print_row(f"{noise} | {seed}", found[-1])
        mean = {measure: statistics.mean(run[measure] for run in found) for measure in MEASURES}
        print_row(f"{noise} | **mean**", mean)


def print_row(name: str, measures: dict[str, float]) -> None:
    cells = " | ".join(f"{measures[measure]:.3f}" for measure in MEASURES)
    print(f"| {name} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
