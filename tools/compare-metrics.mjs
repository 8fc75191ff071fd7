// node tools/compare-metrics.mjs [--data FOLDER]: our metrics beside piq, scikit-image, torch-fidelity and jiwer on the same cases. Prints the table
// of docs/metrics.md. PROSOPON_PEER_PYTHON names the Python that has them (default python3). Networks: tools/peer-values.py.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { image } from "@prosopon/media";
import { encodeImage, readImage } from "@prosopon/media/node";
import {
  characters,
  features,
  frechetDistance,
  inceptionScore,
  multiScaleSimilarity,
  neighbourhoods,
  peakSignalToNoise,
  setStatistics,
  squaredDiscrepancy,
  structuralSimilarity,
  textErrorRate,
  words,
} from "@prosopon/metrics";
import { gaussians, philox } from "@prosopon/random";

const { values } = parseArgs({ options: { data: { type: "string" } } });
const folder = await mkdtemp(join(tmpdir(), "compare-metrics-"));

async function pictures() {
  const found = [];
  for (const [name, size] of [
    ["rendered 192", 192],
    ["rendered 515", 515],
  ]) {
    const { data } = render(sample({ seed: 7, index: 0, split: "test" }), { size }).image;
    const reference = image(size, size, 3, data);
    found.push({ name, a: reference, b: await readImage(await encodeImage(reference, "image/jpeg", { quality: 30 })) });
  }
  const noise = (seed) =>
    image(
      170,
      163,
      1,
      Uint8Array.from(gaussians(seed, "noise", 0, 170 * 163), (v) => Math.max(0, Math.min(255, 128 + 40 * v))),
    );
  found.push({ name: "noise 170 x 163, grey", a: noise(1), b: noise(2) });
  const files = values.data
    ? [
        ["camera.png", "camera_noisy.png"],
        ["ex_ref.png", "ex_p0.png"],
        ["../faces128/obama.png", "../faces128/obama2.png"],
      ]
    : [];
  for (const names of files) {
    const [a, b] = names.map((name) => join(values.data, "reference", name));
    if (existsSync(a)) found.push({ name: names[0], a: await readImage(a), b: await readImage(b) });
  }
  return found;
}

function texts() {
  const random = philox(5, "texts");
  const vocabulary = ["bin", "blue", "at", "f", "two", "now", "lay", "red", "with", "again"];
  const sentence = () => Array.from({ length: random.integer(12) }, () => random.pick(vocabulary)).join(" ");
  return Array.from({ length: 500 }, () => ({ reference: sentence(), hypothesis: sentence() }));
}

try {
  const images = await pictures();
  const cases = { images: [], features: {}, texts: texts() };
  for (const [i, { a, b }] of images.entries()) {
    await writeFile(join(folder, `a${i}`), a.data);
    await writeFile(join(folder, `b${i}`), b.data);
    cases.images.push({ a: `a${i}`, b: `b${i}`, width: a.width, height: a.height, channels: a.channels });
  }
  const [count, size] = [400, 48];
  const rows = (name, shift) =>
    features(
      Array.from({ length: count }, (_, i) => gaussians(6, name, i, size).map((v, k) => v * (1 + k / size) + shift)),
    );
  const [generated, real] = [rows("generated", 0.1), rows("real", 0)];
  await writeFile(join(folder, "generated"), generated.data);
  await writeFile(join(folder, "real"), real.data);
  cases.features = { generated: "generated", real: "real", generatedCount: count, realCount: count, size };
  await writeFile(join(folder, "cases.json"), JSON.stringify(cases));
  const python = process.env.PROSOPON_PEER_PYTHON ?? "python3";
  const script = fileURLToPath(new URL("compare-metrics.py", import.meta.url));
  const { stdout } = await promisify(execFile)(python, [script, folder], { maxBuffer: 2 ** 26 });
  const peer = JSON.parse(stdout.trim().split("\n").at(-1));

  const lines = [];
  const add = (measure, library, cases, differences) => {
    const worst = differences.reduce((most, d) => Math.max(most, Math.abs(d)), 0);
    lines.push(
      `| ${measure} | ${library} ${peer.versions[library]} | ${cases} | ${worst === 0 ? "0 (exact)" : worst.toExponential(1)} |`,
    );
  };
  const difference = (key, ours) =>
    images.flatMap(({ a, b }, i) => {
      const theirs = peer.images[i][key];
      return theirs === null ? [] : [ours({ reference: a, image: b }) - theirs];
    });
  const psnr = difference("psnr", (pair) => peakSignalToNoise(pair, { epsilon: 1e-8 }));
  add("PSNR, epsilon 1e-8 (dB)", "piq", `${psnr.length} pairs`, psnr);
  const ssim = difference("ssim", (pair) => structuralSimilarity(pair, { downsample: true }));
  add("SSIM, Gaussian 11 x 11, downsampled", "piq", `${ssim.length} pairs`, ssim);
  const scales = difference("msSsim", (pair) => multiScaleSimilarity(pair));
  add("MS-SSIM, 5 scales", "piq", `${scales.length} pairs`, scales);
  const uniform = difference("uniform", (pair) => structuralSimilarity(pair, { window: "uniform" }));
  add("SSIM, uniform 7 x 7, sample covariance", "scikit-image", `${uniform.length} pairs`, uniform);

  const statistics = await Promise.all([real, generated].map((set) => setStatistics(set, { protocol: "comparison" })));
  const what = `${count} x ${size} features`;
  add("FID", "torch-fidelity", what, [(await frechetDistance(...statistics)).distance - peer.features.fid]);
  add("KID, all rows", "torch-fidelity", what, [(await squaredDiscrepancy(real, generated)) - peer.features.kid]);
  const near = await neighbourhoods(real, generated);
  add("precision, recall, k = 3", "torch-fidelity", what, [
    near.precision - peer.features.precision,
    near.recall - peer.features.recall,
  ]);
  const score = inceptionScore({ splits: 4, shuffle: false }).start();
  for (let i = 0; i < count; i++) score.add(generated.data.subarray(i * size, (i + 1) * size));
  add("Inception Score, 4 splits", "torch-fidelity", what, [score.result().mean - peer.features.inceptionScore]);

  const judged = (units, text) => {
    const judgement = textErrorRate(units).start();
    judgement.add(text);
    return judgement.result();
  };
  const ours = cases.texts.map((text) => ({ word: judged(words(), text), character: judged(characters(), text) }));
  const by = (pick) => ours.map((one, i) => pick(one, peer.texts[i]));
  const random = `${ours.length} random pairs`;
  add(
    "WER",
    "jiwer",
    random,
    by(({ word }, { wer }) => word.rate - wer),
  );
  add(
    "match error rate",
    "jiwer",
    random,
    by(({ word }, { mer }) => word.matchErrorRate - mer),
  );
  add(
    "information lost",
    "jiwer",
    random,
    by(({ word }, { wil }) => word.informationLost - wil),
  );
  add(
    "CER",
    "jiwer",
    random,
    by(({ character }, { cer }) => character.rate - cer),
  );
  process.stdout.write(
    `| measure | library | cases | largest difference |\n| --- | --- | --- | ---: |\n${lines.join("\n")}\n`,
  );
} finally {
  await rm(folder, { recursive: true });
}
