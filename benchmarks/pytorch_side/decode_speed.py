"""How long does PIL take to decode the images of a Parquet file into one array?

The counterpart of `recorder/examples/decode_speed.rs`: the same file, the same line of JSON. Threads
(PIL decodes without the interpreter's lock) or processes, each with an equal share of the images.
"""

import argparse
import io
import json
import multiprocessing
import time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pyarrow.parquet as parquet
from PIL import Image

CHUNK = 500  # images at a time: few enough to share evenly, enough to hand over cheaply


def decode(images: list[bytes]) -> np.ndarray:
    pixels = [np.asarray(Image.open(io.BytesIO(image)).convert("RGB")) for image in images]
    return np.stack(pixels)


def executor(kind: str, workers: int) -> Executor:
    if kind == "threads":
        return ThreadPoolExecutor(workers)
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("kind", choices=["threads", "processes"])
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    began = time.perf_counter()
    column = parquet.read_table(arguments.file, columns=["img"])["img"].combine_chunks()
    images = column.field("bytes").to_pylist()
    chunks = [images[start : start + CHUNK] for start in range(0, len(images), CHUNK)]
    with executor(arguments.kind, arguments.workers) as workers:
        pixels = np.concatenate(list(workers.map(decode, chunks)))
    seconds = time.perf_counter() - began
    means = pixels.reshape(-1, 3).mean(axis=0).tolist()
    print(json.dumps({"seconds": seconds, "images": len(pixels), "means": means}))


if __name__ == "__main__":
    main()
