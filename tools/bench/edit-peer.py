"""Child process: the same edit with PyTorch, eager, float32, without gradients. Module names are those of taming-transformers."""

import json
import math
import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

from peer import Unet, forget_peak, read_safetensors, status_bytes


def norm(channels):
    return nn.GroupNorm(math.gcd(32, channels), channels, eps=1e-6)


class Block(nn.Module):
    def __init__(self, channels, out):
        super().__init__()
        self.norm1, self.conv1 = norm(channels), nn.Conv2d(channels, out, 3, padding=1)
        self.norm2, self.conv2 = norm(out), nn.Conv2d(out, out, 3, padding=1)
        if channels != out:
            self.nin_shortcut = nn.Conv2d(channels, out, 1)

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return (self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x) + h


class Attention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = norm(channels)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x):
        h = self.norm(x)
        q, k, v = (layer(h).flatten(2).transpose(1, 2) for layer in (self.q, self.k, self.v))
        found = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape)
        return x + self.proj_out(found)


class Middle(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.block_1, self.attn_1, self.block_2 = Block(channels, channels), Attention(channels), Block(channels, channels)

    def forward(self, x):
        return self.block_2(self.attn_1(self.block_1(x)))


class Level(nn.Module):
    def __init__(self, channels, out, blocks, attends):
        super().__init__()
        self.block = nn.ModuleList(Block(channels if i == 0 else out, out) for i in range(blocks))
        self.attn = nn.ModuleList(Attention(out) for _ in range(blocks if attends else 0))

    def forward(self, x):
        for i, block in enumerate(self.block):
            x = block(x)
            if len(self.attn):
                x = self.attn[i](x)
        return x


class Resampling(nn.Module):
    def __init__(self, channels, stride):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=stride, padding=0 if stride == 2 else 1)


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv_in = nn.Conv2d(c["in_channels"], c["ch"], 3, padding=1)
        self.down = nn.ModuleList()
        channels = c["ch"]
        for i, times in enumerate(c["ch_mult"]):
            attends = c["resolution"] // 2**i in c["attn_resolutions"]
            level = Level(channels, c["ch"] * times, c["num_res_blocks"], attends)
            channels = c["ch"] * times
            if i < len(c["ch_mult"]) - 1:
                level.downsample = Resampling(channels, 2)
            self.down.append(level)
        self.mid = Middle(channels)
        self.norm_out, self.conv_out = norm(channels), nn.Conv2d(channels, c["z_channels"], 3, padding=1)

    def forward(self, x):
        h = self.conv_in(x)
        for level in self.down:
            h = level(h)
            if hasattr(level, "downsample"):
                h = level.downsample.conv(F.pad(h, (0, 1, 0, 1)))
        return self.conv_out(F.silu(self.norm_out(self.mid(h))))


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        channels = c["ch"] * c["ch_mult"][-1]
        self.conv_in, self.mid = nn.Conv2d(c["z_channels"], channels, 3, padding=1), Middle(channels)
        levels = []
        for i, times in reversed(list(enumerate(c["ch_mult"]))):
            attends = c["resolution"] // 2**i in c["attn_resolutions"]
            level = Level(channels, c["ch"] * times, c["num_res_blocks"] + 1, attends)
            channels = c["ch"] * times
            if i > 0:
                level.upsample = Resampling(channels, 1)
            levels.insert(0, level)
        self.up = nn.ModuleList(levels)
        self.norm_out, self.conv_out = norm(channels), nn.Conv2d(channels, c["out_ch"], 3, padding=1)

    def forward(self, z):
        h = self.mid(self.conv_in(z))
        for level in reversed(self.up):
            h = level(h)
            if hasattr(level, "upsample"):
                h = level.upsample.conv(F.interpolate(h, scale_factor=2, mode="nearest"))
        return self.conv_out(F.silu(self.norm_out(h)))


class Codebook(nn.Module):
    def __init__(self, count, size):
        super().__init__()
        self.embedding = nn.Embedding(count, size)

    def forward(self, z):
        rows = z.permute(0, 2, 3, 1).reshape(-1, z.shape[1])
        table = self.embedding.weight
        distances = rows.square().sum(1, keepdim=True) + table.square().sum(1) - 2 * rows @ table.T
        batch, size, height, width = z.shape
        return table[distances.argmin(1)].reshape(batch, height, width, size).permute(0, 3, 1, 2)


class FirstStage(nn.Module):
    def __init__(self, config):
        super().__init__()
        c = config["ddconfig"]
        self.encoder, self.decoder = Encoder(c), Decoder(c)
        self.quantize = Codebook(config["n_embed"], config["embed_dim"])
        self.quant_conv = nn.Conv2d(c["z_channels"], config["embed_dim"], 1)
        self.post_quant_conv = nn.Conv2d(config["embed_dim"], c["z_channels"], 1)

    def encode(self, x):
        return self.quant_conv(self.encoder(x))

    def decode(self, z):
        return self.decoder(self.post_quant_conv(self.quantize(z).contiguous()))


def main():
    job = json.loads(sys.argv[1])
    torch.set_num_threads(job["threads"])
    torch.set_grad_enabled(False)
    device = torch.device("cuda" if job["device"] == "cuda" else "cpu")
    library_bytes = status_bytes("VmRSS")
    layout = torch.channels_last if job["layout"] == "channels-last" else torch.contiguous_format

    tensors = read_safetensors(job["file"])

    def under(prefix):
        return {name[len(prefix):]: tensors.pop(name) for name in list(tensors) if name.startswith(prefix)}

    with torch.device("meta"):
        network, stage = Unet(job["denoiser"]["unet"]), FirstStage(job["firstStage"])
    network.load_state_dict(under("denoiser/model.diffusion_model."), strict=True, assign=True)
    stage.load_state_dict(under("first/"), strict=True, assign=True)
    network, stage = (m.to(device).to(memory_format=layout).eval() for m in (network, stage))
    tokens = {name: value.to(device) for name, value in under("denoiser/cond_stage_model.").items()}
    absent, emotions = tokens["uncond_embedding.weight"][:1], tokens["embedding.weight"]
    image = tensors["image"].to(device).contiguous(memory_format=layout)

    schedule = job["denoiser"]["schedule"]
    ends = (math.sqrt(schedule["linear_start"]), math.sqrt(schedule["linear_end"]))
    total = schedule["timesteps"]
    alphas = torch.cumprod(1 - torch.linspace(*ends, total, dtype=torch.float64) ** 2, dim=0).tolist()

    def moved(x, time, a, b, emotion):
        """One DDIM step (eta 0) from level a to level b, guided: both branches in one batch."""
        context = torch.stack([absent[0], emotions[emotion]])[:, None]
        times = torch.full((2,), float(time), device=device)
        without, told = network(torch.cat([x, x]), times, context).chunk(2)
        noise = without + job["guidance"] * (told - without)
        clean = (x - math.sqrt(1 - a) * noise) / math.sqrt(a)
        return math.sqrt(b) * clean + math.sqrt(1 - b) * noise

    def edit(steps):
        times = [1 if i == 0 else int(i * (1 / (steps - 1)) * 500) if i < steps - 1 else 500 for i in range(steps)]
        levels = [alphas[0], *(alphas[t] for t in times)]
        latent = stage.encode(image)
        x = latent
        for i, t in enumerate(times):
            x = moved(x, t, levels[i], levels[i + 1], 0)
        noisy = x
        for i, t in reversed(list(enumerate(times))):
            x = moved(x, t, levels[i + 1], levels[i], 1)
        stage.decode(latent), stage.decode(x)
        return noisy, x

    def say(message):
        print(json.dumps(message), flush=True)

    say({"version": torch.__version__, "libraryBytes": library_bytes})
    for line in sys.stdin:
        message = json.loads(line)
        start = time.perf_counter()
        results = edit(message["steps"])
        noisy, edited = (v.contiguous().flatten()[:64].tolist() for v in results)
        seconds = time.perf_counter() - start
        say({"seconds": seconds, "noisy": noisy, "edited": edited, "peakBytes": status_bytes("VmHWM")})
        if message.get("forget"):
            forget_peak()
    os._exit(0)


if __name__ == "__main__":
    main()
