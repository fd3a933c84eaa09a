"""What logging costs in the same loop of PyTorch: the authors' `aum` package, and this repository's.

The loop has no network: its logits are drawn before, so that nothing but logging is measured. Prints one line of
JSON: seconds of each epoch for each side, and by how much the AUMs differ.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas
import torch
from aum import AUMCalculator

import aum_toolkit


def batches(samples: int, batch: int, generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    """The samples of each step, in another order in each epoch."""
    return torch.randperm(samples, generator=generator).split(batch)


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(arguments.classes, (arguments.samples,), generator=generator)
    calculator = AUMCalculator(str(folder / "theirs"))
    log = aum_toolkit.Log(folder / "ours", "run", assigned_labels=labels.numpy())
    seconds: dict[str, list[float]] = {"theirs": [], "ours": []}
    for _ in range(arguments.epochs):
        logits = torch.randn(arguments.samples, arguments.classes, generator=generator)
        steps = [(ids, logits[ids].requires_grad_()) for ids in batches(arguments.samples, arguments.batch, generator)]
        began = time.perf_counter()
        for ids, outputs in steps:
            calculator.update(outputs.detach(), labels[ids], ids.tolist())
        seconds["theirs"].append(time.perf_counter() - began)
        began = time.perf_counter()
        for ids, outputs in steps:
            log.record(ids, outputs)
        log.end_epoch()
        seconds["ours"].append(time.perf_counter() - began)
    began = time.perf_counter()
    calculator.finalize()
    end = {"theirs": time.perf_counter() - began}
    began = time.perf_counter()
    log.close()
    end["ours"] = time.perf_counter() - began
    theirs = pandas.read_csv(folder / "theirs" / "aum_values.csv").sort_values("sample_id")["aum"].to_numpy()
    began = time.perf_counter()
    table = aum_toolkit.aum(folder / "ours", epochs="..", quiet=True)
    asked = time.perf_counter() - began
    ours = table.to_pandas().sort_values("sample_id")["aum"].to_numpy()
    return {"seconds": seconds, "end": end, "difference": float(np.abs(ours - theirs).max()), "aum_call": asked}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what logging costs; prints a line of JSON.")
    parser.add_argument("--samples", type=int, default=50_000, help="samples of an epoch (default: 50000)")
    parser.add_argument("--classes", type=int, default=10, help="logits of a sample (default: 10)")
    parser.add_argument("--batch", type=int, default=128, help="samples of a step (default: 128)")
    parser.add_argument("--epochs", type=int, default=5, help="epochs (default: 5)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(arguments, Path(folder))))


if __name__ == "__main__":
    main()
