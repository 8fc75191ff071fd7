export { gaussians, uniforms } from "./noise.ts";
export { normalPair } from "./normal-pair.ts";
export { permutation } from "./permutation.ts";
export { philox, type Random, type RandomState, restore } from "./philox.ts";
export { philoxBlock } from "./philox-block.ts";
export type { Seed, Stream } from "./philox-key.ts";
