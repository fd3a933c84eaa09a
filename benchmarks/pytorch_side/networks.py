"""The recorder's networks in PyTorch, layer for layer, for training side by side and from equal weights.

Sources: LeNet 20-50-500 and the CIFAR ResNets as in Pleiss et al. 2020 and its replication code
(shortcuts by average pooling and zero channels, no parameters; He initialisation with fan-out).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Mlp(nn.Module):
    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(inputs, hidden)
        self.output = nn.Linear(hidden, outputs)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.output(functional.relu(self.hidden(inputs.flatten(1))))


class LeNet(nn.Module):
    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5)
        self.conv2 = nn.Conv2d(20, 50, 5)
        self.fc1 = nn.Linear(50 * 4 * 4, 500)
        self.fc2 = nn.Linear(500, outputs)

    def forward(self, images: Tensor) -> Tensor:
        features = functional.max_pool2d(functional.relu(self.conv1(images)), 2)
        features = functional.max_pool2d(functional.relu(self.conv2(features)), 2)
        return self.fc2(functional.relu(self.fc1(features.flatten(1))))


class Block(nn.Module):
    """Two 3×3 convolutions beside a shortcut; halves the image where it doubles the channels."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.stride = channels // inputs
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride=self.stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, images: Tensor) -> Tensor:
        features = functional.relu(self.bn1(self.conv1(images)))
        return functional.relu(self.bn2(self.conv2(features)) + self.shortcut(images))

    def shortcut(self, images: Tensor) -> Tensor:
        if self.stride == 1:
            return images
        pooled = functional.avg_pool2d(images, 2)
        return torch.cat([pooled, torch.zeros_like(pooled)], 1)


class CifarResNet(nn.Module):
    def __init__(self, depth: int, outputs: int) -> None:
        super().__init__()
        blocks = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = stage(16, 16, blocks)
        self.layer2 = stage(16, 32, blocks)
        self.layer3 = stage(32, 64, blocks)
        self.fc = nn.Linear(64, outputs)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Tensor) -> Tensor:
        features = functional.relu(self.bn1(self.conv1(images)))
        features = self.layer3(self.layer2(self.layer1(features)))
        return self.fc(features.mean((2, 3)))


def stage(inputs: int, channels: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(Block(inputs, channels), *(Block(channels, channels) for _ in range(blocks - 1)))


def build(name: str, outputs: int, pixels: int = 32) -> tuple[nn.Module, tuple[int, ...]]:
    """A network by the name that the Rust side knows it by, and the shape of one of its inputs; images that networks
    take in any size have so many pixels a side."""
    match name:
        case "mlp":
            return Mlp(768, 512, outputs), (768,)
        case "lenet":
            return LeNet(outputs), (1, 28, 28)
        case "resnet20" | "resnet32" | "resnet44" | "resnet56":
            return CifarResNet(int(name.removeprefix("resnet")), outputs), (3, pixels, pixels)
        case "resnet18" | "resnet34" | "resnet50":
            import torchvision  # only these need it

            network = torchvision.models.get_model(name, num_classes=outputs)
            if pixels < 96:  # as ours, which has a stem for small images there
                network.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
                network.maxpool = nn.Identity()
            return network, (3, pixels, pixels)
        case "efficientnet-lite0" | "efficientnet-lite1" | "efficientnet-lite2":
            from efficientnet_lite_pytorch import EfficientNet  # in the environment of pretrained networks

            # It pads for one size, and ours leaves nothing out at random.
            settings = {"image_size": pixels, "dropout_rate": 0.0, "drop_connect_rate": 0.0}
            return EfficientNet.from_name(name, num_classes=outputs, **settings), (3, pixels, pixels)
    known = "mlp, lenet, resnet20, resnet32, resnet44, resnet56, resnet18, resnet34, resnet50 or efficientnet-lite0, -lite1 or -lite2"
    raise SystemExit(f"there is no network {name!r}; choose {known}")


def nesterov_sgd(network: nn.Module, learning_rate: float) -> torch.optim.SGD:
    """The optimiser of the paper; what every benchmark trains with."""
    return torch.optim.SGD(network.parameters(), lr=learning_rate, momentum=0.9, weight_decay=1e-4, nesterov=True)
