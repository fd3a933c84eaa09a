"""Flipped bits in every kind of file that the programs write: what comes of it is what comes of the intact file, or
something is said. CSV has no checksum, and reading it says so.

Logs of more than a MiB are in `../analyzer/flips.rs`.
"""

import json
import os
import random
import shutil
import struct
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import seeds
from damage import flipped
from programs import Outcome, done, run
from system_calls import contents


@dataclass(frozen=True)
class Reading:
    """A command that reads a file, and where its result lies; nowhere is stdout."""

    file: str
    command: str
    results: tuple[str, ...] = ()
    # Every flip is to be told, also one that changes no result.
    tells_all: bool = False


TRAIN = "recorder train -q --like logs/a --drop aum.csv --keep-fraction 0.8 --epochs 3 --name t"
FREEZE = ("recorder run -q --dataset images --data images --image-size 32 --backbone resnet18 --weights resnet18.safetensors "
          "--freeze --epochs 2 --passes 1 --name f --out frozen")
FEATURES = "recorder run -q --dataset features --epochs 2 --passes 1 --name e --overwrite --out of_embedding --data"
RESUMED = f"{seeds.RECORD} --name s --epochs 3 --passes 1 --out stopped --resume"
EXPERIMENT = "experiment plan.toml --out results"
EPOCH, MARGINS, HELD_OUT = "logs/a-p1-e0002.parquet", "bare/m-p1-e0002.parquet", "logs/a/heldout-discriminant.parquet"
KINDS = {
    "epoch with logits": [
        Reading(EPOCH, "analyzer check logs", tells_all=True),
        Reading(EPOCH, "analyzer aum logs --format csv"),
        Reading(EPOCH, "analyzer aum logs --format csv --from-logits"),
        Reading(EPOCH, "analyzer scores logs --format csv"),
        Reading(EPOCH, "analyzer confusions logs --format csv"),
        Reading(EPOCH, "analyzer plot margins logs --sample 5 -o -"),
        Reading(EPOCH, "analyzer report logs -o -"),
    ],
    "epoch with margins": [
        Reading(MARGINS, "analyzer check bare", tells_all=True),
        Reading(MARGINS, "analyzer aum bare --format csv"),
    ],
    "held-out logits": [
        Reading(HELD_OUT, "analyzer check logs", tells_all=True),
        Reading(HELD_OUT, "analyzer aum logs --format csv --rule combined"),
        Reading(HELD_OUT, "analyzer scores logs --format csv"),
    ],
    "sample table": [
        Reading("logs/a/samples.parquet", "analyzer check logs", tells_all=True),
        Reading("logs/a/samples.parquet", "analyzer aum logs --format csv"),
        Reading("logs/a/samples.parquet", "analyzer report logs -o -"),
    ],
    "run.json": [
        Reading("logs/a/run.json", "analyzer check logs"),
        Reading("logs/a/run.json", "analyzer aum logs --format json"),
        Reading("logs/a/run.json", "analyzer report logs -o -"),
        Reading("stopped/s/run.json", RESUMED, ("stopped",)),
    ],
    "checkpoint": [Reading("stopped/s/checkpoint-p1-e0002.safetensors", RESUMED, ("stopped",))],
    "checkpoint of a final training": [Reading("trained/t/checkpoint-p1-e0003.safetensors", f"{TRAIN} --resume", ("trained",))],
    "record of a final training": [Reading("trained/t/train.json", f"{TRAIN} --resume", ("trained/t/model.safetensors",))],
    "network": [Reading("trained/t/model.safetensors", "recorder predict trained/t/model.safetensors --dataset features --data features.csv --id-column id")],
    "AUM table": [
        Reading("aum.parquet", "analyzer aum aum.parquet --format csv"),
        Reading("aum.parquet", "recorder train -q --like logs/a --drop aum.parquet --keep-fraction 0.8 --epochs 1 --name d --out dropped --overwrite", ("dropped",)),
    ],
    "kept features": [Reading("frozen/features/*/train/part-000000.safetensors", f"{FREEZE} --overwrite", ("frozen",))],
    "embedding in Parquet": [Reading("embedded.parquet", f"{FEATURES} embedded.parquet", ("of_embedding",))],
    "piece of an experiment": [
        Reading("results/pieces/*-seed1.json", EXPERIMENT, ("results/table.csv",)),
        Reading("results/pieces/*-all.json", EXPERIMENT, ("results/table.csv",)),
    ],
}


def _resnet18() -> bytes:
    """Weights that a formula makes, in half precision."""
    choose = random.Random(1)
    shapes: list[tuple[str, list[int]]] = []

    def layer(conv: str, norm: str, *shape: int) -> None:
        shapes.append((f"{conv}.weight", list(shape)))
        shapes.extend((f"{norm}.{name}", [shape[0]]) for name in ("weight", "bias", "running_mean", "running_var"))

    layer("conv1", "bn1", 64, 3, 7, 7)
    inputs = 64
    for stage, outputs in enumerate((64, 128, 256, 512), 1):
        for block in range(2):
            name = f"layer{stage}.{block}"
            layer(f"{name}.conv1", f"{name}.bn1", outputs, inputs, 3, 3)
            layer(f"{name}.conv2", f"{name}.bn2", outputs, outputs, 3, 3)
            if inputs != outputs:
                layer(f"{name}.downsample.0", f"{name}.downsample.1", outputs, inputs, 1, 1)
            inputs = outputs
    shapes += [("fc.weight", [7, 512]), ("fc.bias", [7])]
    header, values = {}, b""
    pattern = [choose.uniform(-1, 1) for _ in range(997)]
    for name, shape in shapes:
        count = 1
        for side in shape:
            count *= side
        fan_in = count // shape[0]
        scale = (6 / fan_in) ** 0.5 if len(shape) > 1 else 0.1
        shift = 1.0 if name.endswith(("running_var", "weight")) and len(shape) == 1 else 0.0
        period = struct.pack("<997e", *(shift + scale * number for number in pattern))
        content = (period * (count // 997 + 1))[: 2 * count]
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [len(values), len(values) + len(content)]}
        values += content
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


def make(place: Path) -> None:
    """The folder of seeds, and all that is written from it."""
    seeds.make(place)
    shutil.rmtree(place / "images/cat")
    (place / "images/cat").mkdir()
    for number in range(3):
        (place / f"images/cat/{number}.png").write_bytes(seeds.png(40, 36, 9 * number))
    (place / "resnet18.safetensors").write_bytes(_resnet18())
    for command in (
        f"{seeds.RECORD} --name m --epochs 3 --passes 1 --logits none --out bare",
        f"{seeds.RECORD} --name s --epochs 3 --passes 1 --out stopped",
        TRAIN,
        FREEZE,
        "recorder embed -q --dataset images --data images --image-size 32 --model resnet18 --weights resnet18.safetensors -o embedded.parquet",
        EXPERIMENT,
    ):
        done(command.split(), place)
    # As if it had been stopped in its last epoch, and the table not been written.
    (place / "stopped/s-p1-e0003.parquet").unlink()


def put_back(source: Path, target: Path) -> None:
    """Makes a file or folder what it was, or has it gone."""
    shutil.rmtree(target, ignore_errors=True) if target.is_dir() else target.unlink(missing_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        shutil.copy(source, target)


def flip(reading: Reading, intact: Path, place: Path, count: int) -> tuple[int, int, list[str]]:
    """So many flips: how many were told, how many were without effect, and what went wrong."""
    (source,) = sorted(intact.glob(reading.file))[:1]
    name = source.relative_to(intact)
    content = source.read_bytes()

    def read(changed: bytes | None) -> tuple[Outcome, object]:
        for output in {name.parts[0], *(result.split("/")[0] for result in reading.results)}:
            put_back(intact / output, place / output)
        if changed is not None:
            (place / name).write_bytes(changed)
        outcome = run(reading.command.split(), place)
        if not reading.results:
            return outcome, outcome.stdout
        found = contents(place, reading.results)
        found.pop(str(name), None)
        return outcome, found

    outcome, expected = read(None)
    assert outcome.status == 0, f"{reading.command}: {outcome.stderr}{outcome.stdout}"
    again, found_again = read(None)
    assert (again.stderr, found_again) == (outcome.stderr, expected), f"{reading.command} says another thing each time"
    choose = random.Random(zlib.crc32(f"{reading.file} {reading.command}".encode()))
    told, without_effect, faults = 0, 0, []
    for bit in (choose.randrange(8 * len(content)) for _ in range(count)):
        found, result = read(flipped(content, bit))
        where = f"{reading.command}: bit {bit} of {name}"
        if fault := found.fault():
            faults.append(f"{where}: {fault}: {found.stderr.strip()[-300:]}")
        elif found.status != 0 or found.stderr != outcome.stderr:
            told += 1
        elif reading.tells_all:
            faults.append(f"{where}: not told")
        elif result != expected:
            faults.append(f"{where}: changed without a word")
        else:
            without_effect += 1
    read(None)
    return told, without_effect, faults


def test(is_long: bool) -> list[str]:
    """All kinds: so many flips of each reading."""
    count = int(os.environ.get("FLIPS", "400")) if is_long else 8
    wanted = os.environ.get("FLIP_KINDS")
    faults, flips = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        intact, place = Path(scratch) / "intact", Path(scratch) / "place"
        make(intact)
        shutil.copytree(intact, place)
        for kind in wanted.split(";") if wanted else KINDS:
            told = unchanged = 0
            wrong: list[str] = []
            for reading in KINDS[kind]:
                counts = flip(reading, intact, place, count)
                told, unchanged, wrong = told + counts[0], unchanged + counts[1], wrong + counts[2]
            flips += count * len(KINDS[kind])
            print(f"{kind}: {count * len(KINDS[kind])} flips, {told} told, {unchanged} without effect, {len(wrong)} faults", flush=True)
            faults += wrong
    print(f"flips: {flips}, {len(faults)} faults")
    return faults
