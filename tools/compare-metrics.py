"""Child of compare-metrics.mjs: the same cases through piq, scikit-image, torch-fidelity, jiwer and lpips. Reads a folder, prints JSON."""

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import jiwer
import numpy as np
import piq
import torch
from skimage.metrics import structural_similarity
from torch_fidelity.metric_fid import fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kernel_mmd
from torch_fidelity.metric_prc import prc_features_to_metric

warnings.filterwarnings("ignore")
torch.set_grad_enabled(False)
folder = Path(sys.argv[1])
cases = json.loads((folder / "cases.json").read_text())


def read(name, shape, dtype):
    return np.frombuffer((folder / name).read_bytes(), dtype=dtype).reshape(shape)


def images():
    for case in cases["images"]:
        shape = (case["height"], case["width"], case["channels"])
        a, b = (read(case[key], shape, np.uint8) for key in ("a", "b"))
        x, y = (torch.tensor(v.copy()).permute(2, 0, 1)[None].double() for v in (a, b))
        grey = case["channels"] == 1
        pair = (a[..., 0], b[..., 0]) if grey else (a, b)
        axis = {} if grey else {"channel_axis": -1}
        yield {
            "psnr": float(piq.psnr(x, y, data_range=255)),
            "ssim": float(piq.ssim(x, y, data_range=255, downsample=True)),
            "msSsim": float(piq.multi_scale_ssim(x, y, data_range=255)) if min(shape[:2]) >= 161 else None,
            "uniform": float(structural_similarity(*pair, data_range=255, **axis)),
        }


def distribution():
    case = cases["features"]
    a, b = (read(case[key], (case[key + "Count"], case["size"]), np.float64) for key in ("generated", "real"))
    statistics = [{"mu": v.mean(0), "sigma": np.cov(v, rowvar=False)} for v in (a, b)]
    fid = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    kid = kernel_mmd(torch.tensor(a), torch.tensor(b), kid_kernel="poly", verbose=False)
    prc = prc_features_to_metric(torch.tensor(a), torch.tensor(b), prc_neighborhood=3, prc_batch_size=10000, verbose=False, save_cpu_ram=False)
    isc = isc_features_to_metric(torch.tensor(a), splits=4, shuffle=False)
    return {
        "fid": float(fid),
        "kid": float(kid),
        "precision": prc["precision"],
        "recall": prc["recall"],
        "inceptionScore": isc["inception_score_mean"],
    }


def texts():
    for case in cases["texts"]:
        words = jiwer.process_words(case["reference"], case["hypothesis"])
        chars = jiwer.process_characters(case["reference"], case["hypothesis"])
        yield {"wer": words.wer, "mer": words.mer, "wil": words.wil, "cer": chars.cer}


print(
    json.dumps(
        {
            "versions": {name: version(name) for name in ("piq", "scikit-image", "torch-fidelity", "jiwer", "lpips", "timm", "torch")},
            "images": list(images()),
            "features": distribution(),
            "texts": list(texts()),
        }
    )
)
