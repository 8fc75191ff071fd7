import { unet, unetConfig } from "@prosopon/core-diffusion";
import { countOperations, encodeModel, graph, input, output } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { decode, encode } from "@prosopon/vqgan";

/** The reenactment U-Net of the thesis. */
export const thesisUnet = unetConfig({
  image_size: 32,
  in_channels: 3,
  out_channels: 3,
  model_channels: 160,
  attention_resolutions: [4, 2, 1],
  num_res_blocks: 2,
  channel_mult: [1, 2, 4],
  num_head_channels: 32,
  context_dim: 512,
});

const reduced = (model_channels) =>
  unetConfig({
    image_size: 16,
    in_channels: 4,
    out_channels: 4,
    model_channels,
    attention_resolutions: [2, 4],
    num_res_blocks: 1,
    channel_mult: [1, 2, 3],
    num_head_channels: 32,
    context_dim: 128,
  });

/** What is trained against the peer; `aim` is our speed over PyTorch's. */
export const trained = {
  "train-small": { config: reduced(32), latent: [4, 16, 16], batch: 32, aim: 0.9 },
  "train-middle": { config: reduced(64), latent: [4, 16, 16], batch: 16, aim: 1 },
  "train-large": { config: thesisUnet, latent: [3, 32, 32], batch: 4, aim: 1 },
};

/** A smaller sibling of everything trained, to try the benchmark itself. */
export const tiny = { config: { ...reduced(32), channel_mult: [1, 1] }, latent: [4, 8, 8], batch: 2, aim: 0 };

const count = (g) => {
  const { parameters, operators } = countOperations(g);
  const products = [...operators].filter(([name]) => /Conv|MatMul|Gemm/.test(name));
  return { parameters, flops: products.reduce((sum, [, { flops }]) => sum + flops, 0), graph: g };
};

/** Builds a graph of parameters and gives it with its size, the FLOPs of its products and its parameters' specifications. */
function built(name, build) {
  const g = graph({ name });
  const place = scope(g);
  output(g, "result", build(g, place));
  return { ...count(g), specifications: [...place.parameters.values()] };
}

/** One evaluation of a U-Net. `singleToken`: see `UnetOptions`; "attend" does what PyTorch does. */
export const unetGraph = (config, latent, batch = 1, singleToken = "constant") =>
  built("unet", (g, place) => {
    const x = input(g, "x", "float32", [batch, ...latent]);
    const t = input(g, "t", "float32", [batch]);
    const context = config.context_dim ? input(g, "context", "float32", [batch, 1, config.context_dim]) : undefined;
    return unet(place, { x, t, context }, config, { singleToken });
  });

export const encodeGraph = (config, side) =>
  built("encode", (g, place) => encode(place, input(g, "x", "float32", [1, 3, side, side]), config));

export const decodeGraph = (config, side) => {
  const small = side / 2 ** (config.ddconfig.ch_mult.length - 1);
  return built("decode", (g, place) =>
    decode(place, input(g, "x", "float32", [1, config.embed_dim, small, small]), config),
  );
};

/** A program with its weights baked in, as for inference. */
export const program = ({ graph: g }, parameters) => ({
  model: encodeModel(g, { parameters: "initializers" }),
  parameters,
});
