"""Writes vectors of ten classes that overlap, and their labels, as NPY arrays: train.npy and train-labels.npy."""

import argparse
from pathlib import Path

import numpy as np

CLASSES = 10
SPREAD = 0.15  # of the centres of the classes, in deviations of the vectors about them


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a table of features; the same numbers make the same table.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int, help="vectors")
    parser.add_argument("width", type=int, help="features of each")
    arguments = parser.parse_args()
    draws = np.random.default_rng(0)
    labels = np.arange(arguments.count) % CLASSES
    centres = SPREAD * draws.standard_normal((CLASSES, arguments.width), np.float32)
    features = draws.standard_normal((arguments.count, arguments.width), np.float32)
    features += centres[labels]
    np.save(arguments.folder / "train.npy", features)
    np.save(arguments.folder / "train-labels.npy", labels)


if __name__ == "__main__":
    main()
