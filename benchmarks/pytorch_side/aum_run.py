"""Finds mislabeled samples with PyTorch and the authors' `aum` package, as one would without the recorder.

A plain training loop: a DataLoader, label noise, threshold samples in an extra class, AUMCalculator at
each step, a test after each epoch, two passes with disjoint threshold samples, and the authors' rule.
Prints one line of JSON. Seconds count from reading the data to the verdicts; importing PyTorch, another
few seconds, is left out.
"""

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas
import torch
from aum import AUMCalculator, DatasetWithIndex
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, TensorDataset

from datasets import LabelledData, load
from networks import Mlp, build, nesterov_sgd

DIGITS_HIDDEN = 128  # the width of the recorder's `mlp` on digits
PERCENTILE = 99
# The first epoch shows the random initialisation: the authors leave it out.
FIRST_RECORDED_EPOCH = 2
CROP_PADDING = 4


class AugmentedImages(Dataset):
    """Crop with padding and horizontal flip, drawn anew for each sample."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.images = functional.pad(images, [CROP_PADDING] * 4)
        self.labels = labels
        self.side = images.shape[-1]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        top, left, flip = torch.randint(2 * CROP_PADDING + 1, (3,)).tolist()
        image = self.images[index, :, top : top + self.side, left : left + self.side]
        return (image.flip(-1) if flip % 2 else image), self.labels[index]


def uniform_noise(labels: np.ndarray, classes: int, rate: float, generator: np.random.Generator) -> np.ndarray:
    """With probability `rate`, a label becomes one of the other classes, each equally likely."""
    is_wrong = generator.random(len(labels)) < rate
    offsets = generator.integers(1, classes, len(labels))
    return np.where(is_wrong, (labels + offsets) % classes, labels)


def flagged_in_pass(aums: np.ndarray, is_threshold_sample: np.ndarray) -> np.ndarray:
    """The authors' rule: flagged when more than 1 % of the threshold AUMs lie strictly above.

    That is an AUM below the k-th largest of the n threshold AUMs, with k = floor(n · 1 %) + 1.
    """
    threshold_aums = np.sort(aums[is_threshold_sample])
    rank = len(threshold_aums) * (100 - PERCENTILE) // 100 + 1
    return aums < threshold_aums[-rank]


def quality(flagged: np.ndarray, mislabeled: np.ndarray) -> dict[str, float]:
    hits = int((flagged & mislabeled).sum())
    precision, recall = hits / max(flagged.sum(), 1), hits / max(mislabeled.sum(), 1)
    return {
        "flagged": int(flagged.sum()),
        "mislabeled": int(mislabeled.sum()),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(precision + recall, 1e-12), 4),
    }


@dataclass
class Pass:
    """One training with one set of threshold samples."""

    network: nn.Module
    data: LabelledData
    assigned_labels: Tensor
    arguments: argparse.Namespace

    def aums(self, save_dir: str) -> np.ndarray:
        calculator = AUMCalculator(save_dir)
        optimiser = nesterov_sgd(self.network, self.arguments.lr)
        loader = self.loader()
        for epoch in range(1, self.arguments.epochs + 1):
            self.train_epoch(loader, optimiser, calculator if epoch >= FIRST_RECORDED_EPOCH else None)
            self.accuracy = self.test_accuracy()
        calculator.finalize()
        table = pandas.read_csv(Path(save_dir, "aum_values.csv"))
        return table.sort_values("sample_id")["aum"].to_numpy()

    def loader(self) -> DataLoader:
        kind = AugmentedImages if self.arguments.augment else TensorDataset
        samples = DatasetWithIndex(kind(self.data.train_inputs, self.assigned_labels))
        workers = self.arguments.workers
        return DataLoader(samples, self.arguments.batch, shuffle=True, num_workers=workers, persistent_workers=workers > 0)

    def train_epoch(self, loader: DataLoader, optimiser: torch.optim.Optimizer, calculator: AUMCalculator | None) -> None:
        self.network.train()
        for inputs, labels, samples in loader:
            optimiser.zero_grad()
            logits = self.network(inputs)
            functional.cross_entropy(logits, labels).backward()
            optimiser.step()
            if calculator:
                calculator.update(logits.detach(), labels, samples.tolist())

    @torch.no_grad()
    def test_accuracy(self) -> float:
        """Over the real classes: nobody asks a network for the extra one."""
        self.network.eval()
        predicted = [self.network(batch)[:, : self.data.classes].argmax(1) for batch in self.data.test_inputs.split(512)]
        return (torch.cat(predicted) == self.data.test_labels).double().mean().item()


def network_for(arguments: argparse.Namespace, data: LabelledData) -> nn.Module:
    if arguments.network == "mlp":
        return Mlp(data.train_inputs[0].numel(), DIGITS_HIDDEN, data.classes + 1)
    return build(arguments.network, data.classes + 1)[0]


def record(arguments: argparse.Namespace) -> dict[str, object]:
    """All passes; a sample is flagged when every pass that judges it flags it."""
    generator = np.random.default_rng(arguments.seed)
    data = load(arguments.dataset, arguments.data, generator)
    true_labels = data.train_labels.numpy()
    given_labels = uniform_noise(true_labels, data.classes, arguments.noise, generator)
    count = len(true_labels) // (data.classes + 1)
    permutation = generator.permutation(len(true_labels))
    verdicts, accuracies = [], []
    for number in range(arguments.passes):
        is_threshold_sample = np.zeros(len(true_labels), bool)
        is_threshold_sample[permutation[number * count : (number + 1) * count]] = True
        assigned = torch.from_numpy(np.where(is_threshold_sample, data.classes, given_labels))
        this_pass = Pass(network_for(arguments, data), data, assigned, arguments)
        with tempfile.TemporaryDirectory() as save_dir:
            verdicts.append(flagged_in_pass(this_pass.aums(save_dir), is_threshold_sample) | is_threshold_sample)
        accuracies.append(round(this_pass.accuracy, 4))
    # A threshold sample counts as flagged in the pass that cannot judge it; one that no pass judges is flagged by none.
    is_judged = np.ones(len(true_labels), bool) if arguments.passes > 1 else ~is_threshold_sample
    flagged, mislabeled = np.all(verdicts, axis=0), given_labels != true_labels
    return {"test_accuracies": accuracies, **quality(flagged[is_judged], mislabeled[is_judged])}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Flag mislabeled samples with PyTorch and aum; prints a line of JSON.")
    parser.add_argument("dataset", help="digits, mnist or cifar10")
    parser.add_argument("network", help="mlp, lenet, resnet20, resnet32, resnet44 or resnet56")
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--noise", type=float, required=True, help="share of labels to make wrong")
    parser.add_argument("--lr", type=float, required=True, help="learning rate")
    parser.add_argument("--batch", type=int, required=True, help="samples a step")
    parser.add_argument("--epochs", type=int, required=True, help="epochs of each pass; two at least")
    parser.add_argument("--passes", type=int, default=2, help="trainings with disjoint threshold samples (default: 2)")
    parser.add_argument("--augment", action="store_true", help="crop with padding 4 and flip")
    parser.add_argument("--workers", type=int, default=0, help="processes of the DataLoader (default: 0)")
    parser.add_argument("--threads", type=int, default=2, help="threads of PyTorch (default: 2)")
    parser.add_argument("--seed", type=int, default=0, help="seed (default: 0)")
    arguments = parser.parse_args()
    if arguments.epochs < FIRST_RECORDED_EPOCH:
        parser.error("--epochs: the first epoch is not recorded, so there must be two")
    return arguments


def load_all_of_pytorch() -> None:
    """The first optimiser imports another second's worth of PyTorch; that is no part of the training."""
    network = nn.Linear(1, 1)
    optimiser = nesterov_sgd(network, 0.0)
    network(torch.zeros(1, 1)).sum().backward()
    optimiser.step()


def main() -> None:
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    load_all_of_pytorch()
    torch.manual_seed(arguments.seed)
    start = time.perf_counter()
    result = record(arguments)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": round(seconds, 3), **result}))


if __name__ == "__main__":
    main()
