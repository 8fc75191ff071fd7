"""Values of PyTorch implementations on weights and images that both sides make up from a hash, for tests/perception/peer-values.json.

Needs torch, lpips, torch-fidelity and timm:  python tools/peer-values.py > tests/perception/peer-values.json
"""

import json
import tempfile
import warnings

import lpips
import numpy as np
import timm
import torch
from torch import nn
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
torch.set_grad_enabled(False)


def hashed(name, shape):
    """Uniform numbers in -0.5 .. 0.5, by a name and a place (FNV-1a, then the finalizer of xxHash32)."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    x = (np.arange(int(np.prod(shape)), dtype=np.uint64) * 2654435761 + seed) & 0xFFFFFFFF
    x ^= x >> np.uint64(15)
    x = (x * 2246822519) & 0xFFFFFFFF
    x ^= x >> np.uint64(13)
    x = (x * 3266489917) & 0xFFFFFFFF
    x ^= x >> np.uint64(16)
    return (x / 2.0**32 - 0.5).reshape(shape)


def weight(name, shape):
    u = hashed(name, shape)
    if name.endswith("running_var"):
        return 1 + 0.5 * u
    if name.endswith("running_mean") or name.endswith("bias"):
        return 0.2 * u
    if name.startswith("lin"):
        return 0.5 + u
    if "prelu" in name:
        return 0.25 + 0.2 * u
    if len(shape) == 1:
        return 1 + 0.2 * u
    return u * np.sqrt(24 / np.prod(shape[1:]))


def fill(module, rename=lambda name: name):
    """Hashed weights for all but constants and counters."""
    state = module.state_dict()
    for name, tensor in state.items():
        if "num_batches" in name or "scaling_layer" in name:
            continue
        state[name] = torch.tensor(weight(rename(name), tuple(tensor.shape)), dtype=tensor.dtype)
    module.load_state_dict(state)
    return module.eval()


def lpips_name(name):
    if name.startswith("net.slice"):
        return "features." + name.split(".", 2)[2]
    return name.replace("lins.", "lin", 1) if name.startswith("lins.") else name


class Block(nn.Module):
    """insightface's IBasicBlock."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs, eps=1e-5)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs, eps=1e-5)
        self.prelu = nn.PReLU(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs, eps=1e-5)
        if stride > 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs, eps=1e-5)
            )

    def forward(self, x):
        h = self.bn3(self.conv2(self.prelu(self.bn2(self.conv1(self.bn1(x))))))
        return h + (self.downsample(x) if hasattr(self, "downsample") else x)


class IResNet(nn.Module):
    def __init__(self, depths):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(64, eps=1e-5)
        self.prelu = nn.PReLU(64)
        inputs = 64
        for s, depth in enumerate(depths):
            outputs = 64 * 2**s
            blocks = [Block(inputs if b == 0 else outputs, outputs, 2 if b == 0 else 1) for b in range(depth)]
            setattr(self, f"layer{s + 1}", nn.Sequential(*blocks))
            inputs = outputs
        self.bn2 = nn.BatchNorm2d(512, eps=1e-5)
        self.fc = nn.Linear(512 * 49, 512)
        self.features = nn.BatchNorm1d(512, eps=1e-5)

    def forward(self, x):
        x = self.prelu(self.bn1(self.conv1(x)))
        for s in range(4):
            x = getattr(self, f"layer{s + 1}")(x)
        return self.features(self.fc(torch.flatten(self.bn2(x), 1)))


def image(name, shape):
    return torch.tensor(2 * hashed(name, shape), dtype=torch.float32)


def numbers(tensor):
    return [float(v) for v in tensor.flatten()]


def main():
    result = {"lpips": {}}
    for side in (64, 67):
        a, b = (image(name, (2, 3, side, side)) for name in ("first", "second"))
        for net in ("alex", "vgg", "squeeze"):
            model = fill(lpips.LPIPS(net=net, pretrained=False, pnet_rand=True, verbose=False), lpips_name)
            result["lpips"][f"{net} {side}"] = numbers(model(a, b))

    with tempfile.NamedTemporaryFile(suffix=".pth") as file:
        base = FeatureExtractorInceptionV3.__new__(FeatureExtractorInceptionV3)
        original = torch.load
        torch.load = lambda *_, **__: base_state
        base_state = {}
        # The constructor loads weights: an empty state first shows which there are.
        loader = nn.Module.load_state_dict
        nn.Module.load_state_dict = lambda self, state, *_, **__: None
        model = FeatureExtractorInceptionV3("inception", ["2048", "logits_unbiased"], file.name)
        nn.Module.load_state_dict = loader
        torch.load = original
    fill(model)
    pixels = ((hashed("pixels", (2, 3, 128, 100)) + 0.5) * 256).astype(np.uint8)
    pooled, logits = model(torch.tensor(pixels))
    result["inception"] = {"pooled": numbers(pooled[:, :64]), "logits": numbers(logits[:, :64])}

    for size, classes, side in (("b0", 8, 224), ("b2", 7, 260)):
        model = timm.create_model(f"tf_efficientnet_{size}", pretrained=False, num_classes=classes)
        x = (image("face", (1, 3, side, side)) + 1) / 2
        mean, deviation = (torch.tensor(v).reshape(1, 3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
        result[f"efficientnet-{size}"] = numbers(fill(model)((x - mean) / deviation))

    for name, depths in (("r18", (2, 2, 2, 2)), ("r50", (3, 4, 14, 3))):
        result[f"iresnet-{name}"] = numbers(fill(IResNet(depths))(image("face", (1, 3, 112, 112)))[:, :64])
    print(json.dumps(result, indent=1))


main()
