import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { freemem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { graph } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { declareFirstStage, vqganConfig } from "@prosopon/vqgan";
import { writeWeights } from "@prosopon/weights/node";
import { filledParameters, normal } from "./filled.mjs";
import { interleave } from "./interleave.mjs";
import { lineChild } from "./line-child.mjs";
import { decodeGraph, encodeGraph, thesisUnet, tiny, unetGraph } from "./networks.mjs";
import { pairedRatio, summary } from "./statistics.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const emotions = ["neutral", "happy", "sad", "surprised", "scared", "disgusted", "angry", "contempt"];
const guidance = 3;
/** So far may the two sides' latents lie apart after a short edit, as a share of their size. */
const tolerance = 1e-2;

const thesisStage = vqganConfig({
  embed_dim: 3,
  n_embed: 16384,
  ddconfig: { z_channels: 3, resolution: 128, ch: 128, ch_mult: [1, 2, 4], num_res_blocks: 2, attn_resolutions: [32] },
});
const tinyStage = vqganConfig({
  embed_dim: 4,
  n_embed: 64,
  ddconfig: { z_channels: 4, resolution: 16, ch: 32, ch_mult: [1, 2], num_res_blocks: 1, attn_resolutions: [8] },
});

/** Second order both ways: as many steps as docs/few-steps.md finds to be as near as the thesis' 40, and as many as the default takes. */
const fewName = (steps) => `${steps} + ${steps} steps of dpmpp-2m`;

const sizeOf = ({ quick }) =>
  quick
    ? { stage: tinyStage, unet: tiny.config, steps: 3, few: [1, 2] }
    : { stage: thesisStage, unet: thesisUnet, steps: 40, few: [4, 8] };

function networks(options) {
  const { stage, unet } = sizeOf(options);
  const side = stage.ddconfig.resolution;
  const small = side / 2 ** (stage.ddconfig.ch_mult.length - 1);
  const pair = unetGraph(unet, [unet.in_channels, small, small], 2);
  return { side, pair, encoder: encodeGraph(stage, side), decoder: decodeGraph(stage, side) };
}

/** Weights of both networks and one picture, for both sides. */
async function exchange(folder, options, denoiser) {
  const { stage, unet } = sizeOf(options);
  const { side, pair } = networks(options);
  const place = scope(graph());
  declareFirstStage(place, stage);
  const size = unet.context_dim;
  const named = (prefix, specifications) =>
    Array.from(specifications, ({ name, shape }) => ({ name: `${prefix}${name}`, shape }));
  const weights = filledParameters([
    ...named("first/", place.parameters.values()),
    ...named("denoiser/model.diffusion_model.", pair.specifications),
    { name: "denoiser/cond_stage_model.embedding.weight", shape: [denoiser.emotions.length, size] },
    { name: "denoiser/cond_stage_model.uncond_embedding.weight", shape: [1, size] },
  ]);
  const file = join(folder, `${randomUUID()}.safetensors`);
  await writeWeights(file, [...Object.entries(weights), ["image", normal("image", [1, 3, side, side])]]);
  return { file, bytes: Object.values(weights).reduce((sum, { data }) => sum + data.byteLength, 0) };
}

const rms = (values) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

/** Both sides must have done the same. */
function checkSame(own, other) {
  for (const key of ["noisy", "edited"]) {
    const apart = rms(own[key].map((v, i) => v - other[key][i])) / rms(other[key]);
    if (!(apart <= tolerance)) throw new Error(`The latents (${key}) lie ${apart} of their size apart.`);
  }
}

export const fullEdit = {
  name: "full-edit",
  description: "one whole edit by the thesis' networks: 40 steps to noise, 40 back, both guided",
  flops: (options) => {
    const { pair, encoder, decoder } = networks(options);
    const { steps } = sizeOf(options);
    return {
      parameters: pair.parameters + encoder.parameters + decoder.parameters,
      forward: pair.flops / 2,
      run: 2 * steps * pair.flops + encoder.flops + 2 * decoder.flops,
      what: "edit",
    };
  },
  work: ({ rounds, peer }) => ({ runs: (peer.absent ? 1.2 : 2.2) * Math.min(rounds, 3) + 0.5, share: 0.6 }),
  async run(options) {
    const { device, threads, folder, log, peer } = options;
    const rounds = Math.min(options.rounds, 3);
    const { stage, unet, steps, few } = sizeOf(options);
    const denoiser = {
      unet,
      emotions,
      embeddingSize: unet.context_dim,
      parameterization: "epsilon",
      schedule: { linear_start: 0.0015, linear_end: 0.0205, timesteps: 1000 },
      scaleFactor: 1,
    };
    const wanted = 12 * 4 * networks(options).pair.parameters;
    if (!options.quick && freemem() < wanted)
      return { skipped: `it wants about ${(wanted / 2 ** 30).toFixed(0)} GiB of free memory` };
    const { file, bytes } = await exchange(folder, options, denoiser);
    const job = { file, device, threads, guidance, firstStage: stage, denoiser };
    const env = { ...process.env, OMP_NUM_THREADS: `${threads}` };
    const starts = { Prosopon: () => lineChild(process.execPath, [here("own-edit.mjs"), JSON.stringify(job)], env) };
    const notes = [];
    const refusal = peer.absent ?? (device === "webgpu" ? "it has no WebGPU" : undefined);
    if (refusal) notes.push(`PyTorch is absent: ${refusal}.`);
    else
      for (const layout of ["NCHW", "channels-last"])
        starts[`PyTorch ${layout}`] = () =>
          lineChild(peer.python, [here("edit-peer.py"), JSON.stringify({ ...job, layout })], env);
    const children = {};
    const warm = {};
    try {
      for (const [name, start] of Object.entries(starts)) {
        log(`  ${name}: loading and a short edit`);
        children[name] = await start();
        warm[name] = await children[name].ask({ steps: 2, forget: true });
      }
      const [own, ...others] = Object.keys(children);
      for (const name of others) checkSame(warm[own], warm[name]);
      for (const name of others) warm[name] = await children[name].ask({ steps: 2, forget: true });
      const rival = others.sort((a, b) => warm[a].seconds - warm[b].seconds)[0];
      const last = {};
      const asked = (name, message) => async () => {
        last[name] = await children[name].ask(message);
        return [last[name].seconds];
      };
      const turns = await interleave(
        {
          [own]: asked(own, { steps }),
          ...(rival ? { [rival]: asked(rival, { steps }) } : {}),
          ...Object.fromEntries(
            few.map((steps) => [
              fewName(steps),
              async () => [(await children[own].ask({ steps, sampler: "dpmpp-2m" })).seconds],
            ]),
          ),
        },
        { rounds },
      );
      const needed = (name) => last[name].peakBytes - children[name].facts.libraryBytes;
      const ratios = [
        { label: "peak memory over the weights", value: needed(own) / bytes, atMost: 2.5 },
        ...few.map((steps) => ({
          label: `${fewName(steps)} over the whole edit`,
          value: pairedRatio(turns[fewName(steps)], turns[own]),
          ...(steps === few[0] ? { atMost: 0.2 } : {}),
        })),
      ];
      if (rival) {
        ratios.unshift({ label: "time over PyTorch's", value: pairedRatio(turns[own], turns[rival]), atMost: 0.9 });
        ratios.push({ label: "PyTorch's peak memory over the weights", value: needed(rival) / bytes });
      }
      return {
        measurements: [own, ...(rival ? [rival] : [])].flatMap((name) => [
          { label: `${name}: edit, ${steps} + ${steps} steps`, unit: "s", ...summary(turns[name].flat()) },
          { label: `${name}: peak memory`, unit: "MiB", ...summary([last[name].peakBytes / 2 ** 20]) },
        ]),
        ratios,
        notes,
      };
    } finally {
      for (const child of Object.values(children)) await child[Symbol.asyncDispose]();
      await rm(file, { force: true });
    }
  },
};
