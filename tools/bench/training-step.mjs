import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { freemem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tensor } from "@prosopon/graph";
import { compileStep } from "@prosopon/training";
import { trainingEnvironment } from "@prosopon/training/node";
import { writeWeights } from "@prosopon/weights/node";
import { filledParameters, normal } from "./filled.mjs";
import { interleave } from "./interleave.mjs";
import { lineChild } from "./line-child.mjs";
import { tiny, trained, unetGraph } from "./networks.mjs";
import { median, pairedRatio, summary } from "./statistics.mjs";
import { diffusionStep } from "./step-definition.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const gigabyte = 2 ** 30;
const learningRate = 1e-4;
/** Steps before anything counts: allocators, thread pools and oneDNN's caches have then seen everything. */
const warmUp = 3;
/** So far may the losses of the same steps lie apart. */
const tolerance = 2e-3;

const sizeOf = (name, { quick }) => (quick ? tiny : trained[name]);

/** Weights and one batch, for both sides. */
async function exchange(folder, { config, latent, batch }) {
  const file = join(folder, `${randomUUID()}.safetensors`);
  const { specifications } = unetGraph(config, latent, batch, "attend");
  const shape = [batch, ...latent];
  await writeWeights(file, [
    ...Object.entries(filledParameters(specifications)),
    ["batch/latent", normal("latent", shape)],
    ["batch/noise", normal("noise", shape)],
    [
      "batch/time",
      tensor(
        "int64",
        [batch],
        Array.from({ length: batch }, (_, i) => Math.floor((999 * (i + 0.5)) / batch)),
      ),
    ],
    ["batch/context", normal("context", [batch, 1, config.context_dim])],
  ]);
  return file;
}

function checkSame(contenders) {
  const [own, ...others] = Object.values(contenders);
  for (const { facts, warm } of others) {
    if (facts.parameters !== own.facts.parameters || facts.tensors !== own.facts.tensors)
      throw new Error(`The networks differ: ${JSON.stringify(own.facts)} and ${JSON.stringify(facts)}.`);
    for (const [i, loss] of warm.losses.entries())
      if (!(Math.abs(loss - own.warm.losses[i]) <= tolerance * Math.abs(own.warm.losses[i])))
        throw new Error(`The losses differ: ${own.warm.losses} and ${warm.losses}.`);
  }
}

/** Starts some contenders, lets them take turns, and gives what each measured. */
async function contest(starts, { rounds, steps, log }) {
  const contenders = {};
  try {
    for (const [name, start] of Object.entries(starts)) {
      log(`  ${name}: building and ${warmUp} steps to warm up`);
      const child = await start();
      contenders[name] = { child, facts: child.facts, warm: await child.ask({ steps: warmUp, forget: true }) };
    }
    checkSame(contenders);
    const peaks = {};
    const cpu = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
    const turns = await interleave(
      Object.fromEntries(
        Object.entries(contenders).map(([name, { child }]) => [
          name,
          async () => {
            const answer = await child.ask({ steps });
            peaks[name] = answer.peakBytes;
            cpu[name].push([answer.cpu]);
            return answer.ms;
          },
        ]),
      ),
      { rounds },
    );
    return Object.fromEntries(
      Object.entries(contenders).map(([name, { facts, warm }]) => [
        name,
        {
          turns: turns[name],
          cpu: cpu[name],
          memory: { library: facts.libraryBytes, build: warm.peakBytes, steps: peaks[name] },
          ...facts,
        },
      ]),
    );
  } finally {
    for (const { child } of Object.values(contenders)) await child[Symbol.asyncDispose]();
  }
}

/** What the steps need beside the program itself. */
const needed = ({ memory }) => memory.steps - memory.library;

function measurements(results, flops) {
  return Object.entries(results).flatMap(([name, { turns, cpu, memory, version }]) => {
    const samples = turns.flat();
    return [
      {
        label: `${name}${version ? ` ${version}` : ""}: step`,
        unit: "ms",
        ...summary(samples),
        rate: flops / median(samples) / 1e6,
      },
      { label: `${name}: processor time of a step`, unit: "ms", ...summary(cpu.flat()) },
      { label: `${name}: peak memory`, unit: "MiB", ...summary([memory.steps / 2 ** 20]), memory },
    ];
  });
}

/** Whether compiling with recomputation makes another program. */
const recomputes = (size) =>
  compileStep(diffusionStep({ ...size, learningRate, recompute: true })).nodes >
  compileStep(diffusionStep({ ...size, learningRate })).nodes;

const training = (name, description) => ({
  name,
  description,
  flops: (options) => {
    const size = sizeOf(name, options);
    const { parameters, flops } = unetGraph(size.config, size.latent, 1, "attend");
    return { parameters, forward: flops, run: 3 * flops * size.batch, what: `step of ${size.batch}` };
  },
  /** Number of runs and the share of the Gemm rate that they are expected to reach. */
  work: ({ rounds, steps, peer }) => ({ runs: (peer.absent ? 2 : 5) * (rounds * steps + warmUp), share: 0.35 }),
  async run(options) {
    const { device, threads, rounds, steps, folder, log, peer, quick } = options;
    const size = sizeOf(name, options);
    const { parameters, flops } = unetGraph(size.config, size.latent, 1, "attend");
    // Weights, gradients, moments and activations of up to three contenders, as measured for the thesis' U-Net.
    const wanted = 115 * parameters;
    const notes = [];
    if (freemem() < wanted && parameters > 1e8)
      return {
        skipped: `it wants about ${(wanted / gigabyte).toFixed(0)} GiB of free memory, there are ${(freemem() / gigabyte).toFixed(0)}`,
      };
    const file = await exchange(folder, size);
    // Both sides get what a training run of ours is started with.
    const env = { ...trainingEnvironment(process.env), OMP_NUM_THREADS: `${threads}` };
    const job = { ...size, file, device, threads, learningRate };
    const ours = (more = {}) =>
      lineChild(process.execPath, [here("own-step.mjs"), JSON.stringify({ ...job, ...more })], env);
    const theirs = (layout) => lineChild(peer.python, [here("peer.py"), JSON.stringify({ ...job, layout })], env);
    const refusal =
      peer.absent ??
      (device === "webgpu"
        ? "it has no WebGPU"
        : device === "cuda" && !peer.cuda
          ? `${peer.python}'s finds no CUDA device`
          : undefined);
    if (refusal) notes.push(`PyTorch is absent: ${refusal}.`);
    const layouts = refusal ? [] : ["NCHW", "channels-last"];
    const peers = Object.fromEntries(layouts.map((layout) => [`PyTorch ${layout}`, () => theirs(layout)]));
    try {
      const results = await contest({ Prosopon: () => ours(), ...peers }, { rounds, steps, log });
      const recomputed = {};
      if (recomputes(quick ? tiny : trained["train-small"]))
        Object.assign(
          recomputed,
          await contest({ "Prosopon, recomputing": () => ours({ recompute: true }) }, { rounds: 1, steps, log }),
        );
      else notes.push("compileStep takes no `recompute` yet, so memory is measured without it.");
      const all = { ...results, ...recomputed };
      const ratios = [];
      const { Prosopon: own, ...others } = results;
      const best = Object.values(others).sort((a, b) => median(a.turns.flat()) - median(b.turns.flat()))[0];
      if (best) {
        ratios.push({
          label: "speed: PyTorch's time over ours",
          value: pairedRatio(best.turns, own.turns),
          atLeast: size.aim,
        });
        ratios.push({ label: "processor time: PyTorch's over ours", value: pairedRatio(best.cpu, own.cpu) });
        const least = Math.min(...Object.values(others).map(needed));
        const lean = recomputed["Prosopon, recomputing"];
        ratios.push({
          label: "memory over PyTorch's, as it is",
          value: needed(own) / least,
          ...(lean ? {} : { atMost: 1.5 }),
        });
        if (lean) {
          ratios.push({ label: "memory over PyTorch's, recomputing", value: needed(lean) / least, atMost: 1.5 });
          ratios.push({
            label: "time of recomputing over ours",
            value: median(lean.turns.flat()) / median(own.turns.flat()),
          });
        }
        if (device !== "cpu") notes.push("Memory is that of the process; what lies on the device is not counted.");
      }
      return {
        parameters,
        batch: size.batch,
        measurements: measurements(all, 3 * flops * size.batch),
        ratios,
        notes,
      };
    } finally {
      await rm(file, { force: true });
    }
  },
});

export const trainSmall = training("train-small", "training step, small U-Net");
export const trainMiddle = training("train-middle", "training step, middle U-Net");
export const trainLarge = training("train-large", "training step, the thesis' U-Net");
