import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { graph, input, tensor } from "@prosopon/graph";
import { image } from "@prosopon/media";
import {
  frechetDistance,
  neighbourhoods,
  runtimeProduct,
  setStatistics,
  structuralSimilarity,
} from "@prosopon/metrics";
import { initialize, scope } from "@prosopon/nn";
import { createLpips, lpipsDistance } from "@prosopon/perception";
import { gaussians, uniforms } from "@prosopon/random";
import { interleave } from "./interleave.mjs";
import { lineChild } from "./line-child.mjs";
import { forgetPeak, peakBytes } from "./peak-memory.mjs";
import { median, pairedRatio, summary } from "./statistics.mjs";

const script = fileURLToPath(new URL("metrics-peer.py", import.meta.url));

/** Why the peer cannot take part, or undefined. */
async function without(peer) {
  if (peer.absent) return peer.absent;
  try {
    await promisify(execFile)(peer.python, ["-c", "import piq, lpips, torch_fidelity"]);
    return undefined;
  } catch {
    return `${peer.python} lacks piq, lpips or torch-fidelity`;
  }
}

/** Milliseconds of the processor that a call takes, in all threads: what others do on the machine hardly counts. */
async function processorTime(work) {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

async function turn(work, repetitions) {
  if (repetitions > 1) await work();
  const times = [];
  for (let i = 0; i < repetitions; i++) times.push(await processorTime(work));
  return times;
}

function ourWork(host, { product, single }, { count, size, quick }) {
  const pixels = (name) =>
    image(
      128,
      128,
      3,
      Uint8Array.from(uniforms(1, name, 0, 128 * 128 * 3), (v) => Math.floor(v * 256)),
    );
  const planes = (name) =>
    tensor(
      "float32",
      [1, 3, 128, 128],
      Float32Array.from(uniforms(1, name, 0, 3 * 128 * 128), (v) => 2 * v - 1),
    );
  const rows = (name) => ({ count, size, data: Float32Array.from(gaussians(1, name, 0, count * size)) });
  const place = scope(graph());
  const picture = input(place.graph, "image", "float32", [1, 3, 128, 128]);
  lpipsDistance(place, picture, picture, "alex");
  const judge = createLpips({
    host,
    trunk: "alex",
    parameters: Object.fromEntries(initialize(place.parameters.values(), 1)),
  });
  const [a, b] = [pixels("a"), pixels("b")];
  const [x, y] = [planes("a"), planes("b")];
  const [real, generated] = [rows("real"), rows("generated")];
  const how = { protocol: "benchmark", product };
  return {
    judge,
    repetitions: {
      ssim: quick ? 2 : 30,
      lpips: quick ? 2 : 30,
      statistics: 1,
      frechet: 1,
      neighbourhoods: 1,
      exact: 1,
    },
    work: {
      ssim: () => structuralSimilarity({ reference: a, image: b }),
      lpips: () => judge.distances(x, y),
      statistics: () => setStatistics(real, how),
      frechet: async () => frechetDistance(await setStatistics(real, how), await setStatistics(generated, how), how),
      neighbourhoods: () => neighbourhoods(real, generated, { product: single }),
      exact: () => neighbourhoods(real, generated, { product }),
    },
  };
}

const titles = {
  ssim: "SSIM of 128 x 128",
  lpips: "LPIPS (AlexNet) of 128 x 128",
  statistics: "mean and covariance",
  frechet: "FID, both statistics included",
  neighbourhoods: "precision and recall, float32",
  exact: "precision and recall, float64",
};

export const metrics = {
  name: "metrics",
  description: "SSIM, LPIPS, FID and precision/recall of 10,000 x 2048 features beside piq, lpips and torch-fidelity",
  async run({ rounds, threads, host, peer, quick, log }) {
    const [count, size] = quick ? [300, 32] : [10_000, 2048];
    const [double, single] = [runtimeProduct(host), runtimeProduct(host, { precision: "float32" })];
    const products = { product: double.product, single: single.product };
    const { judge, repetitions, work } = ourWork(host, products, { count, size, quick });
    const absent = await without(peer);
    const facts = JSON.stringify({ threads, count, size });
    const theirs = absent ? undefined : await lineChild(peer.python, [script, facts], process.env);
    try {
      return await contest({ work, repetitions, theirs, absent, rounds, count, size, log });
    } finally {
      for (const one of [theirs, judge, double, single]) await one?.[Symbol.asyncDispose]();
    }
  },
};

async function contest({ work, repetitions, theirs, absent, rounds, count, size, log }) {
  const measurements = [];
  const ratios = [];
  const peaks = { ours: 0, theirs: 0 };
  for (const [name, title] of Object.entries(titles)) {
    const steps = repetitions[name];
    let warm = true;
    forgetPeak();
    const turns = await interleave(
      {
        Prosopon: () => turn(work[name], steps),
        ...(theirs
          ? {
              peer: async () => {
                const { times, peak } = await theirs.ask({ work: name, steps, warm: warm && steps > 1 });
                warm = false;
                peaks.theirs = Math.max(peaks.theirs, peak);
                return times;
              },
            }
          : {}),
      },
      // The large ones take long, and vary little.
      { rounds: steps > 1 ? rounds : Math.ceil(rounds / 7) },
    );
    peaks.ours = Math.max(peaks.ours, peakBytes());
    log(
      `${title}: ${Object.entries(turns)
        .map(([who, samples]) => `${who} ${Math.round(median(samples.flat()))} ms`)
        .join(", ")}`,
    );
    for (const [who, samples] of Object.entries(turns))
      measurements.push({ label: `${title}, ${who}`, unit: "ms", ...summary(samples.flat()) });
    if (turns.peer)
      ratios.push({
        label: `${title}: times as fast as the peer`,
        value: pairedRatio(turns.peer, turns.Prosopon),
        atLeast: 1,
      });
  }
  const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
  return {
    measurements,
    ratios,
    notes: [
      "Times are of the processor, all threads of a side added up.",
      `Features: ${count} x ${size}, two sets of float32. Covariances in float64 on both sides; torch-fidelity's distances are float32.`,
      `Most memory: ${megabytes(peaks.ours)}${theirs ? `, the peer ${megabytes(peaks.theirs)}` : ""}.`,
      ...(absent ? [`No peer: ${absent}.`] : []),
    ],
  };
}
