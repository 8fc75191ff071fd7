"""Child process of the benchmark `metrics`: the same work through piq, lpips and torch-fidelity. Answers {"work": name, "steps": n} with milliseconds
of the processor."""

import json
import sys
import time
import warnings

import lpips
import numpy as np
import piq
import torch
from torch_fidelity.metric_fid import fid_statistics_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

warnings.filterwarnings("ignore")
torch.set_grad_enabled(False)
job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
count, size = job["count"], job["size"]
random = np.random.RandomState(1)
rows = [random.standard_normal((count, size)).astype(np.float32) for _ in range(2)]
pixels = [torch.tensor(random.randint(0, 256, (1, 3, 128, 128))) for _ in range(2)]
judge = lpips.LPIPS(net="alex", pretrained=False, pnet_rand=True, verbose=False)


def peak():
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def statistics(values):
    values = values.astype(np.float64)
    return {"mu": values.mean(0), "sigma": np.cov(values, rowvar=False)}


def distances():
    a, b = (torch.tensor(values) for values in rows)
    prc_features_to_metric(a, b, prc_neighborhood=3, prc_batch_size=10000, save_cpu_ram=False, verbose=False)


work = {
    "ssim": lambda: piq.ssim(pixels[0].float(), pixels[1].float(), data_range=255),
    "lpips": lambda: judge(pixels[0] / 127.5 - 1, pixels[1] / 127.5 - 1),
    "statistics": lambda: statistics(rows[0]),
    "frechet": lambda: fid_statistics_to_metric(*(statistics(values) for values in rows), verbose=False),
    "neighbourhoods": distances,
    "exact": distances,
}

print(json.dumps({"torch": torch.__version__}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    run = work[asked["work"]]
    if asked["warm"]:
        run()
    times = []
    for _ in range(asked["steps"]):
        start = time.process_time()
        run()
        times.append((time.process_time() - start) * 1000)
    print(json.dumps({"times": times, "peak": peak()}), flush=True)
