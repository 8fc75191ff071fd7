import { talkConditions, talkNetwork } from "@prosopon/conditioning";
import { unetConfig } from "@prosopon/core-diffusion";
import { emotions } from "@prosopon/corpus";
import { graph, input, output } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { createTalker } from "@prosopon/talking-face";
import { decode, encode, vqganConfig } from "@prosopon/vqgan";
import { filledParameters, normal } from "./filled.mjs";
import { median, summary } from "./statistics.mjs";

const side = 128;

/** The thesis' talking face (163 million parameters in the U-Net) and its first stage, or small ones of the same make. */
const networks = (quick) => ({
  stage: vqganConfig({
    embed_dim: 3,
    n_embed: quick ? 64 : 16_384,
    ddconfig: {
      z_channels: 3,
      resolution: side,
      in_channels: 3,
      out_ch: 3,
      ch: quick ? 32 : 128,
      ch_mult: [1, 2, 4],
      num_res_blocks: quick ? 1 : 2,
      attn_resolutions: quick ? [] : [32],
    },
  }),
  config: {
    unet: unetConfig({
      image_size: 32,
      in_channels: 9,
      out_channels: 3,
      model_channels: quick ? 32 : 160,
      attention_resolutions: [4, 2, 1],
      num_res_blocks: quick ? 1 : 2,
      channel_mult: [1, 2, 4],
      num_head_channels: 32,
      context_dim: 1024,
    }),
    emotions: [...emotions],
    conditions: {
      emotion: { size: 256 },
      audio: {
        features: "wav2vec2-base",
        featureSize: 768,
        before: 4,
        after: 4,
        encode: "temporal-attention",
        size: 768,
      },
      masked: true,
      identity: true,
    },
    enter: "tokens",
    parameterization: "epsilon",
    schedule: { linear_start: 0.0015, linear_end: 0.0205, timesteps: 1000 },
    scaleFactor: 1,
    framesPerSecond: 30,
    codebook: true,
  },
});

const declared = (build) => {
  const g = graph({ name: "declared" });
  const place = scope(g);
  build(g, place);
  return filledParameters(place.parameters.values());
};

/** Frames of the thesis' own talking face, by network steps: weights are arbitrary, the work is not. */
export const talkThesis = {
  name: "talk-thesis",
  description: "the thesis' talking face (163 M): frames a second by network steps",
  async run({ host, quick, rounds, steps: most }) {
    const { stage, config } = networks(quick);
    const latent = [3, side / 4, side / 4];
    const firstStage = {
      config: stage,
      parameters: declared((g, place) => {
        const h = encode(place, input(g, "image", "float32", [1, 3, side, side]), stage);
        output(g, "result", decode(place, h, stage, { quantize: true }));
      }),
    };
    const parameters = declared((g, place) => {
      const told = talkConditions(config, latent).encode(place, { batch: 1 });
      const x = input(g, "x", "float32", [1, ...latent]);
      output(g, "result", talkNetwork(place, config, told)(x, input(g, "t", "float32", [1])));
    });
    const measurements = [];
    let rate = 0;
    for (const steps of quick ? [1, 2] : [1, 2, 5, 10, 25]) {
      const talker = createTalker({ host, firstStage, denoiser: { config, parameters } });
      const rows = Array.from({ length: 2 + Math.min(rounds, most) }, (_, k) => normal(`row ${k}`, [768]).data);
      const times = [];
      let begun = performance.now();
      for await (const { index } of talker.synthesize({
        portrait: normal("portrait", [1, 3, side, side]),
        speech: rows,
        emotion: "happy",
        steps,
        guidance: 1,
        audioGuidance: 1,
        detail: false,
      })) {
        const now = performance.now();
        // The first frame opens the sessions.
        if (index > 0) times.push(1000 / (now - begun));
        begun = now;
      }
      await talker[Symbol.asyncDispose]();
      if (steps === 1) rate = median(times);
      measurements.push({ label: `${steps} ${steps === 1 ? "step" : "steps"}`, unit: "1/s", ...summary(times) });
    }
    return {
      measurements,
      ratios: [{ label: "one step against the thesis' 0.18 frames a second", value: rate / 0.18 }],
      notes: [
        "Frames of 128 x 128, without guidance, features of speech given. The thesis names 0.18 frames a second on an RTX 3090.",
      ],
    };
  },
};
