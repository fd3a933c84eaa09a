"""Does the recorder's engine compute what PyTorch computes?

Both train ten steps from equal weights on equal batches, and the losses are compared step by step. The
measure is PyTorch in double precision: from it, single precision strays by rounding, PyTorch's as well as
ours, and batch norm over a deep network blows that up from step to step. So ours may stray ten times as
far as PyTorch's single precision does, which is luck's share; a wrong gradient goes far beyond.

    python3 benchmarks/ten_steps.py
    python3 benchmarks/ten_steps.py --network lenet

For each network, PyTorch writes a folder, and the Rust side is called as
`target/release/examples/ten_steps NETWORK FOLDER`:

    FOLDER/weights.safetensors   float32, PyTorch's names and layouts:
        mlp       hidden.{weight,bias}  output.{weight,bias}         (768-512-11)
        lenet     conv1 conv2 fc1 fc2 .{weight,bias}
        resnetN   conv1.weight  bn1.{weight,bias,running_mean,running_var}
                  layer{1,2,3}.{block}.{conv1,conv2}.weight
                  layer{1,2,3}.{block}.{bn1,bn2}.{weight,bias,running_mean,running_var}
                  fc.{weight,bias}
        efficientnet-liteN
                  the names of the PyPI package efficientnet-lite-pytorch
        a convolution's weight is outputs × inputs × height × width, a linear layer's outputs × inputs
    FOLDER/batches.safetensors
        inputs    float32, steps × batch × the shape of a sample (768, or channels × height × width)
        labels    int64, steps × batch
    FOLDER/settings.json
        {"learning_rate", "momentum", "weight_decay", "nesterov", "outputs"}

It trains step k on batch k, in training mode, and prints the mean cross-entropy of each step, before its
update, as a JSON list on the last line of standard output.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from comparison import markdown_table, measure
from environment import BENCHMARKS, cargo_build, pretrained_python, pytorch_python, release_folder

LITES = ["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"]
NETWORKS = ["mlp", "lenet", "resnet20", "resnet32", *LITES]
# Of a loss of about 2.5 in single precision.
ROUNDING = 2.5e-7
HEADER = ["network", "loss, first step", "last step", "ours, largest deviation", "PyTorch's, largest deviation"]


def largest_deviation(losses: list[float], exact: list[float]) -> float:
    return max(abs(loss - truth) for loss, truth in zip(losses, exact, strict=True))


@dataclass(frozen=True)
class Comparison:
    exact: list[float]
    our_deviation: float
    pytorch_deviation: float

    def row(self, network: str) -> list[str]:
        losses = (f"{loss:.4f}" for loss in (self.exact[0], self.exact[-1]))
        return [network, *losses, f"{self.our_deviation:.1e}", f"{self.pytorch_deviation:.1e}"]

    def is_close(self, tolerance: float) -> bool:
        # Written so that NaN is not close.
        return self.our_deviation <= tolerance * max(self.pytorch_deviation, ROUNDING)


def compare(network: str, program: Path, python: Path) -> Comparison:
    with tempfile.TemporaryDirectory() as folder:
        script = BENCHMARKS / "pytorch_side" / "ten_steps.py"
        pytorch = measure([python, script, network, folder], {}).result
        ours = measure([program, network, folder], {}).result
    exact = pytorch["float64"]
    return Comparison(exact, largest_deviation(ours, exact), largest_deviation(pytorch["float32"], exact))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare ten steps with PyTorch from equal weights; prints a Markdown table.")
    parser.add_argument("--network", choices=NETWORKS, action="append", help="what to train; may be repeated (default: all)")
    help_tolerance = "how many times PyTorch's own deviation ours may be (default: 10)"
    parser.add_argument("--tolerance", type=float, default=10.0, help=help_tolerance)
    parser.add_argument("--no-build", action="store_true", help="take target/release/examples/ten_steps as it is")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    networks = arguments.network or NETWORKS
    python = pretrained_python() if set(networks) & set(LITES) else pytorch_python()
    folder = release_folder() if arguments.no_build else cargo_build("-p", "recorder", "--example", "ten_steps")
    program = folder / "examples" / "ten_steps"
    comparisons = {name: compare(name, program, python) for name in networks}
    print(markdown_table(HEADER, (comparison.row(name) for name, comparison in comparisons.items())))
    far = [name for name, comparison in comparisons.items() if not comparison.is_close(arguments.tolerance)]
    if far:
        sys.exit(f"{', '.join(far)}: our losses stray more than {arguments.tolerance:g} times as far as PyTorch's in single precision")


if __name__ == "__main__":
    main()
