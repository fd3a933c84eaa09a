"""How many samples a second does PyTorch train on, with its data in memory?

The counterpart of `recorder/examples/training_speed.rs`: the same arguments, the same line of JSON.
Eager mode and PyTorch's defaults, as in a script that somebody writes without tuning it.
"""

import argparse
import json
import resource
import sys
import time

import torch
from torch import Tensor, nn
from torch.nn import functional

from networks import build, nesterov_sgd

OUTPUTS = 11  # ten classes and the one of the threshold samples
LEARNING_RATE = 0.01  # small, so that nothing overflows on random inputs
BATCHES = 4  # the training goes round them


class Training:
    def __init__(self, network: str, batch: int, pixels: int, device: str) -> None:
        torch.manual_seed(0)
        self.network, shape = build(network, OUTPUTS, pixels)
        self.network.to(device)
        self.optimiser = nesterov_sgd(self.network, LEARNING_RATE)
        self.batches = [random_batch(batch, shape, device) for _ in range(BATCHES)]

    def run(self, steps: int) -> float:
        """Trains `steps` steps and returns the last loss."""
        for step in range(steps):
            inputs, labels = self.batches[step % BATCHES]
            loss = train_step(self.network, self.optimiser, inputs, labels)
        return loss.item()


def random_batch(batch: int, shape: tuple[int, ...], device: str) -> tuple[Tensor, Tensor]:
    return torch.randn(batch, *shape, device=device), torch.randint(OUTPUTS, (batch,), device=device)


def train_step(network: nn.Module, optimiser: torch.optim.Optimizer, inputs: Tensor, labels: Tensor) -> Tensor:
    optimiser.zero_grad()
    loss = functional.cross_entropy(network(inputs), labels)
    loss.backward()
    optimiser.step()
    return loss.detach()


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure PyTorch's training speed; prints a line of JSON.")
    parser.add_argument("network", help="such as mlp, lenet, resnet20 or resnet50")
    parser.add_argument("batch", type=int, help="samples a step")
    parser.add_argument("steps", type=int, help="steps to measure, after a warm-up of a tenth as many and two more")
    parser.add_argument("--threads", type=int, default=2, help="threads of PyTorch (default: 2)")
    parser.add_argument("--image-size", type=int, default=32, help="pixels a side, of ResNets (default: 32)")
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: cpu)")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    before = peak_mib()
    torch.set_num_threads(arguments.threads)
    training = Training(arguments.network, arguments.batch, arguments.image_size, arguments.device)
    training.run(arguments.steps // 10 + 2)
    start = time.perf_counter()
    loss = training.run(arguments.steps)
    seconds = time.perf_counter() - start
    result = {
        "network": arguments.network,
        "batch": arguments.batch,
        "steps": arguments.steps,
        "seconds": round(seconds, 4),
        "samples_per_second": round(arguments.batch * arguments.steps / seconds, 1),
        "last_loss": round(loss, 4),
        "mib_before_training": round(before),
    }
    if arguments.device != "cpu":
        result["device_mib"] = round(torch.cuda.max_memory_reserved() / 2**20)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
