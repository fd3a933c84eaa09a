"""Damaged files of every kind that the programs read, given to them as a user would: each is read or refused with
a line, within a minute and a GiB, and no program panics or dies.

Each case follows from the name of its target and its number. What goes wrong is kept in target/faults.
"""

import itertools
import math
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import seeds
from damage import damaged
from programs import BINARIES, run

KEPT = BINARIES.parent / "faults"
SHORT_CASES = 120


@dataclass(frozen=True)
class Target:
    """A file of the folder of seeds, and the commands that read it."""

    file: str
    commands: tuple[str, ...]


LOGS = ("analyzer check logs", "analyzer aum logs --format csv", "analyzer aum logs --from-logits -q",
        "analyzer scores logs --format json", "analyzer report logs -q --overwrite -o out.html")
EMBED = "recorder embed --dataset images --data images --model resnet18 --image-size 32 -q --overwrite -o out.npy --weights"
DATA = "recorder data --dataset"
IMPORT = "analyzer import --overwrite -o out"
TARGETS = {
    "log": Target("logs/a-p1-e0002.parquet", LOGS),
    "held-out logits": Target("logs/a/heldout-discriminant.parquet", ("analyzer aum logs --rule combined", *LOGS)),
    "sample table": Target("logs/a/samples.parquet", LOGS),
    "run.json": Target("logs/a/run.json", (*LOGS, f"{seeds.RECORD} --name a --epochs 3 --passes 1 --resume")),
    "AUM table, Parquet": Target("aum.parquet", ("analyzer aum aum.parquet", "analyzer evaluate aum.parquet")),
    "AUM table, CSV": Target("aum.csv", ("analyzer aum aum.csv", "analyzer evaluate aum.csv")),
    "true labels": Target("truth.csv", ("analyzer evaluate logs --true-labels truth.csv",)),
    "decisions": Target("decisions.csv", ("analyzer evaluate logs --true-labels decisions.csv",
                                          f"{DATA} features --data features.csv --id-column id --labels decisions.csv")),
    "import aum-records": Target("full_aum_records.csv", (f"{IMPORT} full_aum_records.csv",)),
    "import aum-values": Target("aum_values.csv", (f"{IMPORT}.csv aum_values.csv",)),
    "import aum-details": Target("aum_details.csv", (f"{IMPORT}.csv aum_details.csv",)),
    "import data-maps": Target("training_dynamics/dynamics_epoch_1.jsonl", (f"{IMPORT} training_dynamics",)),
    "import numpy, npy": Target("logits.npy", (f"{IMPORT} logits.npy --labels labels.npy",)),
    "import numpy, npz": Target("run.npz", (f"{IMPORT} run.npz",)),
    "import table": Target("measurements.csv", (f"{IMPORT} measurements.csv --from table",)),
    "IDX": Target("mnist/train-images-idx3-ubyte", (f"{DATA} mnist --data mnist",)),
    "CIFAR": Target("cifar/data_batch_3.bin", (f"{DATA} cifar10 --data cifar",)),
    "NPY": Target("x.npy", (f"{DATA} features --data x.npy --labels y.npy",)),
    "NPZ": Target("vectors.npz", (f"{DATA} features --data vectors.npz",)),
    "NPZ of images": Target("pixels.npz", (f"{DATA} arrays --data pixels.npz",)),
    "NPY of labels": Target("y.npy", (f"{DATA} features --data x.npy --labels y.npy",)),
    "CSV": Target("features.csv", (f"{DATA} features --data features.csv --id-column id",)),
    "file of labels": Target("labels.csv", (f"{DATA} features --data features.csv --id-column id --labels labels.csv",)),
    "noise matrix": Target("matrix.csv", (f"{DATA} features --data features.csv --id-column id --noise-matrix matrix.csv",)),
    "features in Parquet": Target("logs/a-p1-e0001.parquet", (f"{DATA} features --data logs/a-p1-e0001.parquet --label-column given_label --feature-column logits",)),
    "PNG": Target("images/cat/0.png", (f"{DATA} images --data images --image-size 8",)),
    "JPEG": Target("images/cat/a.jpg", (f"{DATA} images --data images --image-size 8",)),
    "GIF": Target("images/cat/a.gif", (f"{DATA} images --data images --image-size 8",)),
    "BMP": Target("images/cat/a.bmp", (f"{DATA} images --data images --image-size 8",)),
    "PNM": Target("images/cat/a.ppm", (f"{DATA} images --data images --image-size 8",)),
    "list of images": Target("list.txt", (f"{DATA} list --data list.txt --image-size 8",)),
    "tar": Target("shard-000.tar", (f"{DATA} webdataset --data shard-000.tar",)),
    ".pth": Target("zipped.pth", (f"{EMBED} zipped.pth",)),
    ".pth before 2020": Target("old.pth", (f"{EMBED} old.pth",)),
    ".safetensors": Target("net.safetensors", (f"{EMBED} net.safetensors",)),
    "experiment file": Target("plan.toml", ("experiment plan.toml --check",)),
}


def fuzz(name: str, place: Path, cases: Iterable[int], seconds: float) -> list[str]:
    """Cases of a target, as many as end in so long: what went wrong."""
    target = TARGETS[name]
    file = place / target.file
    intact = file.read_bytes()
    begun, tried, faults, refused, slowest, peak = time.monotonic(), 0, [], 0, 0.0, 0
    try:
        for number in cases:
            if time.monotonic() - begun >= seconds:
                break
            choose = random.Random(f"{name} {number}")
            content = damaged(intact, choose)
            file.write_bytes(content)
            command = choose.choice(target.commands)
            outcome = run(command.split(), place)
            refused += outcome.status != 0
            slowest, peak = max(slowest, outcome.seconds), max(peak, outcome.peak_mib)
            if fault := outcome.fault():
                KEPT.mkdir(parents=True, exist_ok=True)
                kept = KEPT / f"{name.replace(' ', '-').replace('/', '-')}-{number}"
                kept.write_bytes(content)
                faults.append(f"{kept}: {command}: {fault}: {outcome.stderr.strip()[-300:]}")
            tried += 1
            for left in ("out", "out.csv", "out.html", "out.npy", ".out.npy.parts"):
                path = place / left
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    finally:
        file.write_bytes(intact)
    print(f"{name}: {tried} files, {refused} refused, {len(faults)} faults; "
          f"slowest {slowest:.1f} s, at most {peak} MiB", flush=True)
    return faults


def test(is_long: bool) -> list[str]:
    """All targets: the same cases of each wherever it runs, or FUZZ_SECONDS each (600) from a first case that
    FUZZ_FIRST says (0)."""
    seconds = float(os.environ.get("FUZZ_SECONDS", "600")) if is_long else math.inf
    first = int(os.environ.get("FUZZ_FIRST", "0"))
    wanted = os.environ.get("FUZZ_TARGETS")
    names = wanted.split(";") if wanted else list(TARGETS)
    faults = []
    with tempfile.TemporaryDirectory() as scratch:
        intact = Path(scratch) / "intact"
        seeds.make(intact)
        for name in names:
            # What one target did to the folder, such as a resumed run, is no matter of the next one.
            place = Path(scratch) / "place"
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(intact, place)
            for command in TARGETS[name].commands:
                outcome = run(command.split(), place)
                if fault := outcome.fault():
                    faults.append(f"{name}, intact: {command}: {fault}")
                elif outcome.status != 0 and not command.startswith("recorder embed"):
                    faults.append(f"{name}, intact: {command}: {outcome.stderr.strip()}")
            cases = itertools.count(first) if is_long else range(SHORT_CASES)
            faults += fuzz(name, place, cases, seconds)
    return faults
