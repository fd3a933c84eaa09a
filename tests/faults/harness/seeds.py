"""A folder with a small file of every kind that the programs read: what they write themselves is written by them,
the files of others are made by hand."""

import io
import json
import math
import random
import shutil
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

from programs import WORKSPACE, done

SAMPLES = 60
WEIGHTS = WORKSPACE / "recorder/src/pretrained/weights/tests"
JPEGS = WORKSPACE / "recorder/src/dataset/images/baseline_jpeg"
RECORD = "recorder run -q --dataset features --data features.csv --id-column id --model mlp --hidden-units 4"
PLAN = """name = "plan"
networks = ["mlp"]
noise = ["none", "uniform 0.4"]
seeds = [0, 1]
methods = ["all", "cleaned", "oracle", "random", "gce"]
[passes]
epochs = 3
[final]
epochs = 3
batch-size = 32
"""


def make(place: Path) -> None:
    """Fills the folder."""
    place.mkdir(parents=True)
    _texts(place)
    _arrays(place)
    _images(place)
    _weights(place)
    done([*RECORD.split(), "--name", "a", "--epochs", "3", "--passes", "1"], place)
    for table in ("aum.csv", "aum.parquet"):
        done(["analyzer", "aum", "logs", "-q", "-o", table], place)
    for format in ("aum", "data-maps"):
        done(["analyzer", "export", "logs", "--to", format, "-o", f"exported-{format}"], place)


def _texts(place: Path) -> None:
    choose = random.Random(3)
    rows = ["id,x,y,z,label"]
    for sample in range(SAMPLES):
        label = sample % 3
        values = [f"{choose.gauss(label * shift, 1):.4f}" for shift in (1, -1, 0.5)]
        rows.append(f"s{sample},{','.join(values)},{'abc'[label]}")
    (place / "features.csv").write_text("\n".join(rows) + "\n")
    (place / "labels.csv").write_text("id,label\n" + "".join(f"s{n},{'abc'[n % 3]}\n" for n in range(SAMPLES)))
    (place / "truth.csv").write_text(
        "sample_id,true_label\n" + "".join(f"{n},{'abc'[(n + (n % 7 == 0)) % 3]}\n" for n in range(SAMPLES))
    )
    (place / "decisions.csv").write_text(
        "sample_id,file,row,decision,label\n3,,,keep,a\n4,,,correct,c\n5,,,remove,\n"
    )
    (place / "matrix.csv").write_text("0.8,0.1,0.1\n0.1,0.8,0.1\n0,0.2,0.8\n")
    (place / "plan.toml").write_text(PLAN)
    records = "sample_id,num_measurements,target_logit,target_val,other_logit,other_val,margin,aum\n"
    records += "".join(f"{n},{e},{n % 2},{n + e}.5,{1 - n % 2},1.0,{n + e - 0.5},{n}.25\n" for n in range(6) for e in (1, 2))
    (place / "full_aum_records.csv").write_text(records)
    (place / "aum_values.csv").write_text("sample_id,aum\n" + "".join(f"s{n},{n}.5\n" for n in range(9)))
    (place / "aum_details.csv").write_text(
        "Index,True Target,Observed Target,Label Flipped,Is Threshold Sample,AUM,AUM_WTR\n"
        + "".join(f"{n},{n % 3},{3 if n > 6 else n % 3},{n > 6},{n > 6},{n}.5,0.5\n" for n in range(9))
    )
    (place / "measurements.csv").write_text(
        "epoch,sample_id,assigned_label,margin\n" + "".join(f"{e},{n},{n % 3},{n - e}.25\n" for e in (1, 2) for n in range(8))
    )
    dynamics = place / "training_dynamics"
    dynamics.mkdir()
    for epoch in range(2):
        lines = [{"guid": 10**12 + n, f"logits_epoch_{epoch}": [0.5 * n, 1.0], "gold": n % 2} for n in range(5)]
        (dynamics / f"dynamics_epoch_{epoch}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def npy(descr: str, shape: tuple[int, ...], values: bytes) -> bytes:
    """The bytes of an NPY file, version 1.0."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    header = f"{header:<117}\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values


def _arrays(place: Path) -> None:
    logits = npy("<f4", (2, 6, 3), struct.pack("<36f", *(math.sin(n) for n in range(36))))
    labels = npy("<i8", (6,), struct.pack("<6q", *(n % 3 for n in range(6))))
    (place / "logits.npy").write_bytes(logits)
    (place / "labels.npy").write_bytes(labels)
    with zipfile.ZipFile(place / "run.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("logits.npy", logits)
        archive.writestr("labels.npy", labels)
    x = npy("<f8", (SAMPLES, 3), struct.pack(f"<{3 * SAMPLES}d", *(math.sin(n) for n in range(3 * SAMPLES))))
    y = npy("<i4", (SAMPLES,), struct.pack(f"<{SAMPLES}i", *(n % 3 for n in range(SAMPLES))))
    (place / "x.npy").write_bytes(x)
    (place / "y.npy").write_bytes(y)
    pixels = npy("|u1", (SAMPLES, 4, 4), bytes(n * 7 % 256 for n in range(16 * SAMPLES)))
    for name, inputs, method in (("vectors", x, zipfile.ZIP_DEFLATED), ("pixels", pixels, zipfile.ZIP_STORED)):
        with zipfile.ZipFile(place / f"{name}.npz", "w", method) as archive:
            archive.writestr("x.npy", inputs)
            archive.writestr("y.npy", y)
    mnist = place / "mnist"
    mnist.mkdir()
    pixels = bytes(n * 7 % 256 for n in range(20 * 28 * 28))
    for part in ("train", "t10k"):
        (mnist / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">4I", 0x0803, 20, 28, 28) + pixels)
        (mnist / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x0801, 20) + bytes(n % 10 for n in range(20)))
    cifar = place / "cifar"
    cifar.mkdir()
    batch = b"".join(bytes([n % 10]) + bytes(n * k % 256 for k in range(3072)) for n in range(10))
    for name in [f"data_batch_{number}.bin" for number in range(1, 6)] + ["test_batch.bin"]:
        (cifar / name).write_bytes(batch)


def png(width: int, height: int, shade: int) -> bytes:
    """An RGB image."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\x00" + bytes((shade + x * y) % 256 for x in range(3 * width)) for y in range(height))
    head = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _images(place: Path) -> None:
    for index, name in enumerate(("cat", "dog")):
        folder = place / "images" / name
        folder.mkdir(parents=True)
        for number in range(3):
            (folder / f"{number}.png").write_bytes(png(10, 8, 40 * index + number))
    cat = place / "images/cat"
    for jpeg in sorted(JPEGS.glob("*.jpg"))[:1]:
        shutil.copy(jpeg, cat / "a.jpg")
    pixels = bytes(n % 256 for n in range(4 * 4 * 3))
    (cat / "a.ppm").write_bytes(b"P6\n4 4\n255\n" + pixels)
    (cat / "a.bmp").write_bytes(
        b"BM" + struct.pack("<IHHI", 54 + 48, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 4, 4, 1, 24, 0, 48, 0, 0, 0, 0) + pixels
    )
    # A picture of one colour: clear code, sixteen pixels in codes of three bits, end.
    codes = [4, 1, 1, 4, 1, 1, 4, 1, 1, 4, 1, 1, 4, 1, 1, 4, 1, 1, 4, 1, 1, 4, 1, 1, 5]
    bits = sum(code << 3 * at for at, code in enumerate(codes))
    packed = bits.to_bytes(-(-3 * len(codes) // 8), "little")
    (cat / "a.gif").write_bytes(
        b"GIF89a" + struct.pack("<HHBBB", 4, 4, 0x91, 0, 0) + bytes(range(12)) + b"," + struct.pack("<HHHHB", 0, 0, 4, 4, 0)
        + b"\x02" + bytes([len(packed)]) + packed + b"\x00;"
    )
    (place / "list.txt").write_text("".join(f"images/{c}/{n}.png {i}\n" for i, c in enumerate(("cat", "dog")) for n in range(3)))
    with tarfile.open(place / "shard-000.tar", "w", format=tarfile.GNU_FORMAT) as archive:
        for number in range(4):
            for suffix, content in (("png", png(6, 6, number)), ("cls", b"%d" % (number % 2))):
                entry = tarfile.TarInfo(f"n/{number:04}.{suffix}")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))


def safetensors(tensors: dict[str, tuple[list[int], list[float]]]) -> bytes:
    """The bytes of a file of 32-bit tensors."""
    header: dict[str, object] = {}
    values = b""
    for name, (shape, numbers) in tensors.items():
        start = len(values)
        values += struct.pack(f"<{len(numbers)}f", *numbers)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, len(values)]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


def _weights(place: Path) -> None:
    for name in ("zipped.pth", "old.pth"):
        shutil.copy(WEIGHTS / name, place / name)
    tensors = {"conv1.weight": ([2, 3], [0.5] * 6), "fc.bias": ([4], [1.0, 2.0, 3.0, 4.0])}
    (place / "net.safetensors").write_bytes(safetensors(tensors))
