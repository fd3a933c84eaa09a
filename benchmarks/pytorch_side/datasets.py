"""The data sets of the end-to-end comparison, read from where the recorder reads them.

Inputs become samples × channels × height × width, with mean 0 and variance 1 over the training samples,
as the recorder makes them.
"""

import gzip
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import torch
from PIL import Image
from torch import Tensor

DIGITS_TEST_SHARE = 0.2


@dataclass(frozen=True)
class LabelledData:
    train_inputs: Tensor
    train_labels: Tensor
    test_inputs: Tensor
    test_labels: Tensor
    classes: int = 10


def load(name: str, data: Path, generator: np.random.Generator) -> LabelledData:
    """The set `name` from `data`, the shared folder of all of them."""
    match name:
        case "digits":
            parts = digits(data / "sklearn" / "digits.csv", generator)
        case "mnist":
            parts = [idx(data / "mnist" / f"{part}.gz") for part in MNIST_PARTS]
        case "cifar10":
            parts = [*images(data / "cifar10" / "train.parquet"), *images(data / "cifar10" / "test.parquet")]
        case _:
            raise SystemExit(f"there is no data set {name!r}; choose digits, mnist or cifar10")
    train, train_labels, test, test_labels = parts
    mean, deviation = np.float32(train.mean()), np.float32(train.std())
    inputs = (torch.from_numpy((part.astype(np.float32) - mean) / deviation) for part in (train, test))
    train_inputs, test_inputs = (part.reshape(len(part), -1, *part.shape[-2:]) for part in inputs)
    labels = (torch.from_numpy(part.astype(np.int64)) for part in (train_labels, test_labels))
    return LabelledData(train_inputs, next(labels), test_inputs, next(labels))


MNIST_PARTS = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]


def digits(path: Path, generator: np.random.Generator) -> list[np.ndarray]:
    """A split of its own: a fifth is for the test, as in the recorder, but not the same fifth."""
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    generator.shuffle(table)
    test, train = np.split(table, [round(len(table) * DIGITS_TEST_SHARE)])
    return [array for part in (train, test) for array in (part[:, :-1].reshape(-1, 8, 8), part[:, -1])]


def idx(path: Path) -> np.ndarray:
    """An array in the IDX format: two zeros, a type (8 is unsigned bytes), dimensions, their sizes, data."""
    content = gzip.decompress(path.read_bytes())
    dimensions = content[3]
    sizes = np.frombuffer(content, ">u4", dimensions, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(sizes)


def images(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of a Parquet file as Hugging Face keeps CIFAR-10: `img.bytes` and `label`."""
    table = parquet.read_table(path).to_pydict()
    decoded = (np.asarray(Image.open(io.BytesIO(image["bytes"])).convert("RGB")) for image in table["img"])
    return np.stack([image.transpose(2, 0, 1) for image in decoded]), np.array(table["label"])
