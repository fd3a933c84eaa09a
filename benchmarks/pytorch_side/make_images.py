"""Writes a folder of small JPEGs, a folder per class, for the benchmark of streaming.

Each image is a random pattern of soft spots, brighter in one channel by its class: as large as a
photograph of its size, and something can be learnt from it. The same numbers make the same images.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = 10
SPOTS = 8  # a side


def picture(draws: np.random.Generator, label: int, side: int) -> Image.Image:
    spots = draws.integers(0, 200, (SPOTS, SPOTS, 3))
    spots[..., label % 3] += 5 * label
    return Image.fromarray(spots.astype(np.uint8)).resize((side, side), Image.Resampling.BICUBIC)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("side", type=int)
    arguments = parser.parse_args()
    draws = np.random.default_rng(0)
    for part, count in (("train", arguments.count), ("test", arguments.count // 100)):
        for label in range(CLASSES):
            (arguments.folder / part / f"class{label}").mkdir(parents=True)
        for number in range(count):
            label = number % CLASSES
            path = arguments.folder / part / f"class{label}" / f"{number}.jpg"
            picture(draws, label, arguments.side).save(path, quality=90)
    print(f"wrote {arguments.count} images to {arguments.folder}", file=sys.stderr)


if __name__ == "__main__":
    main()
