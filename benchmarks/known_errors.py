"""Where do known errors of MNIST as published rank, by the recorder's AUMs and by those of the `aum` package?

MNIST's 10,000 test images are trained on as they are published; a label counts as wrong that less than half of the
people who were asked confirmed (`mturk/mnist_mturk.json` of github.com/cleanlab/label-errors; Northcutt, Athalye and
Mueller, NeurIPS 2021). Both sides train LeNet at the recorder's defaults in two passes; a line for each seed.

    V/bin/python benchmarks/known_errors.py mnist_mturk.json --seeds 801 802 803

V is the environment of `benchmarks/venv.sh`.
"""

import argparse
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from environment import BENCHMARKS, WORKSPACE, cargo_build

sys.path.insert(0, str(BENCHMARKS / "pytorch_side"))

import aum_run  # noqa: E402

SAMPLES, PASSES = 10_000, 2


def known_errors(path: Path) -> np.ndarray:
    votes = {entry["id"]: entry["mturk"] for entry in json.loads(path.read_text())}
    return np.array([sample for sample, vote in votes.items() if 2 * vote["given"] < sum(vote.values())])


def as_training_set(mnist: Path, folder: Path) -> None:
    """The test images are the training set; the test is of the first 1,000 training images."""
    for kind, header, size in (("images-idx3", 16, 784), ("labels-idx1", 8, 1)):
        shutil.copy(mnist / f"t10k-{kind}-ubyte.gz", folder / f"train-{kind}-ubyte.gz")
        content = gzip.decompress((mnist / f"train-{kind}-ubyte.gz").read_bytes())
        some = content[:4] + (1000).to_bytes(4) + content[8 : header + 1000 * size]
        (folder / f"t10k-{kind}-ubyte.gz").write_bytes(gzip.compress(some))


def by_recorder(programs: Path, mnist: Path, seed: int) -> np.ndarray:
    with tempfile.TemporaryDirectory() as out:
        seeds = ["--seed", str(seed), "--data-seed", str(seed)]
        subprocess.run([programs / "recorder", "run", "--quiet", "--dataset", "mnist", "--data", mnist, "--model", "lenet", *seeds,
                        "--out", out], check=True, stderr=subprocess.DEVNULL)  # fmt: skip
        table = Path(out) / "aum.json"
        subprocess.run([programs / "analyzer", "aum", out, "-o", table], check=True, capture_output=True)
        aums = {row["sample_id"]: row["aum"] for row in json.loads(table.read_text())}
    return np.array([aums[sample] for sample in range(SAMPLES)])


def by_package(mnist: Path, seed: int) -> np.ndarray:
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    settings = argparse.Namespace(network="lenet", lr=0.01, batch=64, epochs=12, augment=False, workers=0)
    data = aum_run.load("mnist", mnist.parent, generator)
    labels = data.train_labels.numpy()
    count = len(labels) // (data.classes + 1)
    chosen = generator.permutation(len(labels))
    passes = np.full((PASSES, len(labels)), np.nan)
    for number in range(PASSES):
        threshold_samples = chosen[number * count : (number + 1) * count]
        assigned = labels.copy()
        assigned[threshold_samples] = data.classes
        this_pass = aum_run.Pass(aum_run.network_for(settings, data), data, torch.from_numpy(assigned), settings)
        with tempfile.TemporaryDirectory() as save_dir:
            passes[number] = this_pass.aums(save_dir)
        passes[number, threshold_samples] = np.nan
    return np.nanmean(passes, axis=0)


def auroc(aums: np.ndarray, errors: np.ndarray) -> float:
    """The share of pairs of an error and another sample in which the error's AUM is the lower one."""
    others = np.sort(np.delete(aums, errors))
    return 1 - float(np.searchsorted(others, aums[errors]).mean()) / len(others)


def main() -> None:
    parser = argparse.ArgumentParser(description="Rank known errors of MNIST's test images by AUM.")
    parser.add_argument("errors", type=Path, help="mturk/mnist_mturk.json of github.com/cleanlab/label-errors")
    parser.add_argument("--seeds", type=int, nargs="+", default=[801, 802, 803], help="a run of each side for each")
    parser.add_argument("--data", type=Path, default=WORKSPACE.parent / "shared" / "data", help="folder with MNIST in mnist/")
    arguments = parser.parse_args()
    programs = cargo_build("-p", "recorder", "-p", "analyzer")
    errors = known_errors(arguments.errors)
    with tempfile.TemporaryDirectory() as folder:
        mnist = Path(folder) / "mnist"
        mnist.mkdir()
        as_training_set(arguments.data / "mnist", mnist)
        for seed in arguments.seeds:
            ours, theirs = (auroc(side, errors) for side in (by_recorder(programs, mnist, seed), by_package(mnist, seed)))
            print(f"seed {seed}, {len(errors)} errors: AUROC {ours:.4f} (recorder), {theirs:.4f} (aum)", flush=True)


main()
