"""Trains a perceptron on features as a short PyTorch script would: what `recorder run` does without its log.

Loads the arrays, holds a fifth out, standardises, trains, and prints the time of the last epoch as JSON.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from networks import Mlp, nesterov_sgd
from training_speed import train_step

CLASSES = 10
LEARNING_RATE = 0.01


def load(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """The standardised training part."""
    features = torch.from_numpy(np.load(folder / "train.npy"))
    labels = torch.from_numpy(np.load(folder / "train-labels.npy"))
    kept = torch.randperm(len(labels))[len(labels) // 5 :]
    features, labels = features[kept], labels[kept]
    deviations, means = torch.std_mean(features, dim=0)
    return (features - means) / deviations, labels


def train_epoch(network: Mlp, optimiser: torch.optim.Optimizer, features: torch.Tensor, labels: torch.Tensor, batch: int) -> None:
    for samples in torch.randperm(len(labels)).split(batch):
        train_step(network, optimiser, features[samples], labels[samples])


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure PyTorch on features; prints a line of JSON.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    features, labels = load(arguments.folder)
    network = Mlp(features.shape[1], arguments.hidden, CLASSES + 1)
    optimiser = nesterov_sgd(network, LEARNING_RATE)
    for _ in range(arguments.epochs):
        start = time.perf_counter()
        train_epoch(network, optimiser, features, labels, arguments.batch)
        seconds = time.perf_counter() - start
    print(json.dumps({"samples_per_second": round(len(labels) / seconds, 1)}))


if __name__ == "__main__":
    main()
