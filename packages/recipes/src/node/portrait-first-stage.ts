import { type VqganConfig, vqganConfig } from "@prosopon/vqgan";

/** The default first stage: f8, four numbers a place, 8192 codes, small enough to decode live on two cores. */
export const portraitFirstStage: VqganConfig = vqganConfig({
  embed_dim: 4,
  n_embed: 8192,
  ddconfig: {
    z_channels: 4,
    resolution: 128,
    ch: 16,
    ch_mult: [1, 2, 4, 4],
    num_res_blocks: 1,
    attn_resolutions: [],
    middleAttention: false,
    groups: 8,
  },
});

/** Pixels of a picture to a place of its latent, along a side. */
export const firstStageFactor = 2 ** (portraitFirstStage.ddconfig.ch_mult.length - 1);
