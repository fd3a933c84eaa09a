"""Do pretrained networks compute here what they compute in PyTorch?

Each network of torchvision, timm or its own package gets random weights (EfficientNet-Lite the published ones),
which go to the Rust side as a .pth file; both see the same standardised images. The table has the largest difference of
an output (logits; of DINOv2, features), relative to the largest. It fails above 1e-4.

    python3 benchmarks/pretrained_equality.py
"""

import argparse
import subprocess
import sys
from pathlib import Path

from environment import BENCHMARKS, cargo_build, pretrained_python, release_folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-build", action="store_true", help="take the program that is there")
    parser.add_argument("--program", type=Path, help="the example pretrained_features, where it lies elsewhere")
    arguments = parser.parse_args()
    program = arguments.program
    if program is None:
        if not arguments.no_build:
            cargo_build("-p", "recorder", "--example", "pretrained_features")
        program = release_folder() / "examples" / "pretrained_features"
    side = BENCHMARKS / "pytorch_side" / "pretrained_equality.py"
    sys.exit(subprocess.run([pretrained_python(), side, program]).returncode)


if __name__ == "__main__":
    main()
