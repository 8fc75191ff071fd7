"""Child process: trains the same U-Net with PyTorch. Answers {"steps": n} with the milliseconds and the loss of each.

Eager, float32, `torch.optim.AdamW` as it comes. Module names are those of latent diffusion's checkpoints, so that both sides
load one file.
"""

import json
import math
import os
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


def status_bytes(key):
    try:
        with open("/proc/self/status") as lines:
            for line in lines:
                if line.startswith(key + ":"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def forget_peak():
    try:
        with open("/proc/self/clear_refs", "w") as out:
            out.write("5")
    except OSError:
        pass


def read_safetensors(file):
    """name -> tensor, copied out of the file."""
    dtypes = {"F32": torch.float32, "I64": torch.int64}
    tensors = {}
    with open(file, "rb") as source:
        (length,) = struct.unpack("<Q", source.read(8))
        header = json.loads(source.read(length))
        start = 8 + length
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            source.seek(start + begin)
            data = bytearray(source.read(end - begin))
            tensors[name] = torch.frombuffer(data, dtype=dtypes[entry["dtype"]]).reshape(entry["shape"])
    return tensors


class ResidualBlock(nn.Module):
    def __init__(self, channels, out, embedding, groups):
        super().__init__()
        self.in_layers = nn.Sequential(
            nn.GroupNorm(groups, channels), nn.SiLU(), nn.Conv2d(channels, out, 3, padding=1)
        )
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding, out))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(groups, out), nn.SiLU(), nn.Dropout(0), nn.Conv2d(out, out, 3, padding=1)
        )
        self.skip_connection = nn.Identity() if channels == out else nn.Conv2d(channels, out, 1)

    def forward(self, x, embedding, context):
        h = self.in_layers(x) + self.emb_layers(embedding)[:, :, None, None]
        return self.skip_connection(x) + self.out_layers(h)


class Attention(nn.Module):
    def __init__(self, width, tokens, heads):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(tokens, width, bias=False)
        self.to_v = nn.Linear(tokens, width, bias=False)
        self.to_out = nn.Sequential(nn.Linear(width, width), nn.Dropout(0))

    def forward(self, x, tokens):
        batch, length, width = x.shape

        def split(y):
            return y.view(batch, -1, self.heads, width // self.heads).transpose(1, 2)

        y = F.scaled_dot_product_attention(split(self.to_q(x)), split(self.to_k(tokens)), split(self.to_v(tokens)))
        return self.to_out(y.transpose(1, 2).reshape(batch, length, width))


class GatedGelu(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.proj = nn.Linear(width, 8 * width)

    def forward(self, x):
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.net = nn.Sequential(GatedGelu(width), nn.Dropout(0), nn.Linear(4 * width, width))

    def forward(self, x):
        return self.net(x)


class TransformerBlock(nn.Module):
    def __init__(self, width, context, heads):
        super().__init__()
        self.attn1 = Attention(width, width, heads)
        self.ff = FeedForward(width)
        self.norm1 = nn.LayerNorm(width)
        self.norm3 = nn.LayerNorm(width)
        self.attn2 = None
        if context:
            self.attn2 = Attention(width, context, heads)
            self.norm2 = nn.LayerNorm(width)

    def forward(self, x, context):
        h = self.norm1(x)
        x = x + self.attn1(h, h)
        if self.attn2 is not None:
            x = x + self.attn2(self.norm2(x), context)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    def __init__(self, channels, config, groups):
        super().__init__()
        heads = config.get("num_heads") or channels // config["num_head_channels"]
        self.norm = nn.GroupNorm(groups, channels, eps=1e-6)
        self.proj_in = nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList(
            TransformerBlock(channels, config["context_dim"], heads) for _ in range(config["transformer_depth"])
        )
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x, embedding, context):
        batch, channels, height, width = x.shape
        h = self.proj_in(self.norm(x)).flatten(2).transpose(1, 2)
        for block in self.transformer_blocks:
            h = block(h, context)
        h = h.transpose(1, 2).reshape(batch, channels, height, width)
        return self.proj_out(h) + x


class Downsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x, embedding, context):
        return self.op(x)


class Upsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x, embedding, context):
        return self.conv(F.interpolate(x, scale_factor=2, mode="nearest"))


class First(nn.Conv2d):
    def forward(self, x, embedding, context):
        return super().forward(x)


class Stage(nn.Sequential):
    def forward(self, x, embedding, context):
        for layer in self:
            x = layer(x, embedding, context)
        return x


class Unet(nn.Module):
    def __init__(self, config):
        super().__init__()
        base = config["model_channels"]
        groups = config.get("groups") or math.gcd(32, base)
        embedding = 4 * base
        self.base = base
        self.time_embed = nn.Sequential(nn.Linear(base, embedding), nn.SiLU(), nn.Linear(embedding, embedding))
        attends = set(config["attention_resolutions"])
        factors = config["channel_mult"]
        repeats = config["num_res_blocks"]

        self.input_blocks = nn.ModuleList([Stage(First(config["in_channels"], base, 3, padding=1))])
        channels, factor, skips = base, 1, [base]
        for level, multiple in enumerate(factors):
            for _ in range(repeats):
                layers = [ResidualBlock(channels, multiple * base, embedding, groups)]
                channels = multiple * base
                if factor in attends:
                    layers.append(SpatialTransformer(channels, config, groups))
                self.input_blocks.append(Stage(*layers))
                skips.append(channels)
            if level < len(factors) - 1:
                self.input_blocks.append(Stage(Downsample(channels)))
                skips.append(channels)
                factor *= 2

        middle = [ResidualBlock(channels, channels, embedding, groups)]
        if config["middleAttention"]:
            middle.append(SpatialTransformer(channels, config, groups))
        middle.append(ResidualBlock(channels, channels, embedding, groups))
        self.middle_block = Stage(*middle)

        self.output_blocks = nn.ModuleList()
        for level, multiple in reversed(list(enumerate(factors))):
            for i in range(repeats + 1):
                layers = [ResidualBlock(channels + skips.pop(), multiple * base, embedding, groups)]
                channels = multiple * base
                if factor in attends:
                    layers.append(SpatialTransformer(channels, config, groups))
                if level and i == repeats:
                    layers.append(Upsample(channels))
                    factor //= 2
                self.output_blocks.append(Stage(*layers))
        self.out = nn.Sequential(
            nn.GroupNorm(groups, channels), nn.SiLU(), nn.Conv2d(channels, config["out_channels"], 3, padding=1)
        )

    def forward(self, x, t, context):
        half = self.base // 2
        frequencies = torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float32, device=x.device) / half)
        angles = t.float()[:, None] * frequencies
        embedding = self.time_embed(torch.cat([angles.cos(), angles.sin()], dim=1))
        kept = []
        h = x
        for block in self.input_blocks:
            h = block(h, embedding, context)
            kept.append(h)
        h = self.middle_block(h, embedding, context)
        for block in self.output_blocks:
            h = block(torch.cat([h, kept.pop()], dim=1), embedding, context)
        return self.out(h)


def main():
    job = json.loads(sys.argv[1])
    torch.set_num_threads(job["threads"])
    device = torch.device("cuda" if job["device"] == "cuda" else "cpu")
    library_bytes = status_bytes("VmRSS")

    with torch.device("meta"):
        model = Unet(job["config"])
    tensors = read_safetensors(job["file"])
    batch = {name[len("batch/"):]: tensors.pop(name) for name in list(tensors) if name.startswith("batch/")}
    model.load_state_dict(tensors, strict=True, assign=True)
    del tensors
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    layout = torch.channels_last if job["layout"] == "channels-last" else torch.contiguous_format
    model = model.to(device).to(memory_format=layout).train()
    latent, noise = (batch[name].to(device).contiguous(memory_format=layout) for name in ("latent", "noise"))
    t, context = batch["time"].to(device), batch["context"].to(device)

    beta = torch.linspace(math.sqrt(0.0015), math.sqrt(0.0205), 1000, dtype=torch.float64) ** 2
    alpha = torch.cumprod(1 - beta, dim=0)
    signal, sigma = (v.sqrt().float().to(device)[t][:, None, None, None] for v in (alpha, 1 - alpha))
    optimizer = torch.optim.AdamW(model.parameters(), lr=job["learningRate"])

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.mse_loss(model(signal * latent + sigma * noise, t, context), noise)
        loss.backward()
        optimizer.step()
        return loss.item()

    def say(message):
        print(json.dumps(message), flush=True)

    parameters = list(model.parameters())
    say(
        {
            "parameters": sum(p.numel() for p in parameters),
            "tensors": len(parameters),
            "version": torch.__version__,
            "libraryBytes": library_bytes,
        }
    )
    for line in sys.stdin:
        message = json.loads(line)
        ms, losses = [], []
        before = time.process_time()
        for _ in range(message["steps"]):
            start = time.perf_counter()
            losses.append(step())
            ms.append(1000 * (time.perf_counter() - start))
        cpu = 1000 * (time.process_time() - before) / message["steps"]
        say({"ms": ms, "cpu": cpu, "losses": losses, "peakBytes": status_bytes("VmHWM")})
        if message.get("forget"):
            forget_peak()
    os._exit(0)


if __name__ == "__main__":
    main()
