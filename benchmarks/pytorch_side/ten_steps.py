"""Trains ten steps from fixed weights on fixed batches, in single and in double precision.

Writes the folder that `../ten_steps.py` describes, and prints the loss of each step as one line of JSON,
{"float32": [...], "float64": [...]}.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from networks import build, nesterov_sgd

OUTPUTS = 11
# Where a network takes images of any size: an odd one for strides, so that both kinds of padding occur.
PIXELS = {"efficientnet-lite0": 50, "efficientnet-lite1": 50, "efficientnet-lite2": 50}
# Small: where a step is large, batch norm blows rounding up until single precision says nothing.
LEARNING_RATE = 0.002
# 49 and more of them in a row blow it up at smaller steps.
LITE_LEARNING_RATE = 0.00002


def learning_rate(name: str) -> float:
    return LITE_LEARNING_RATE if "lite" in name else LEARNING_RATE


def write_task(folder: Path, name: str, network: nn.Module, inputs: Tensor, labels: Tensor) -> None:
    # How many batches a batch norm has seen is in no update as long as its momentum is a number.
    weights = {name: value for name, value in network.state_dict().items() if not name.endswith("num_batches_tracked")}
    save_file(weights, folder / "weights.safetensors")
    save_file({"inputs": inputs, "labels": labels}, folder / "batches.safetensors")
    settings = {"learning_rate": learning_rate(name), "momentum": 0.9, "weight_decay": 1e-4, "nesterov": True, "outputs": OUTPUTS}
    (folder / "settings.json").write_text(json.dumps(settings))


def losses(network: nn.Module, rate: float, inputs: Tensor, labels: Tensor) -> list[float]:
    optimiser = nesterov_sgd(network, rate)
    result = []
    for batch, assigned in zip(inputs, labels, strict=True):
        optimiser.zero_grad()
        loss = functional.cross_entropy(network(batch), assigned)
        loss.backward()
        optimiser.step()
        result.append(loss.item())
    return result


def from_file(name: str, folder: Path, dtype: torch.dtype) -> nn.Module:
    """A fresh network with the written weights, so that both precisions begin at the same place."""
    network, _ = build(name, OUTPUTS, PIXELS.get(name, 32))
    network.load_state_dict(load_file(folder / "weights.safetensors"), strict=False)
    return network.to(dtype)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write a task of ten steps and train it; prints a line of JSON.")
    parser.add_argument("network", help="mlp, lenet, resnet20, resnet32, resnet44, resnet56, or efficientnet-lite0, -lite1 or -lite2")
    parser.add_argument("folder", type=Path, help="existing folder to write to")
    parser.add_argument("--batch", type=int, default=32, help="samples a step (default: 32)")
    parser.add_argument("--steps", type=int, default=10, help="steps (default: 10)")
    parser.add_argument("--seed", type=int, default=0, help="seed of weights and batches (default: 0)")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    torch.manual_seed(arguments.seed)
    network, shape = build(arguments.network, OUTPUTS, PIXELS.get(arguments.network, 32))
    inputs = torch.randn(arguments.steps, arguments.batch, *shape)
    labels = torch.randint(OUTPUTS, (arguments.steps, arguments.batch))
    write_task(arguments.folder, arguments.network, network, inputs, labels)
    rate = learning_rate(arguments.network)
    single = losses(from_file(arguments.network, arguments.folder, torch.float32), rate, inputs, labels)
    double = losses(from_file(arguments.network, arguments.folder, torch.float64), rate, inputs.double(), labels)
    print(json.dumps({"float32": single, "float64": double}))


if __name__ == "__main__":
    main()
