import { add, fusedMatMul, mul, relu, reshape, resizeLinear } from "@prosopon/graph";
import { conv2d, type Expert, type ParameterSource } from "@prosopon/nn";

export interface TextureOptions {
  /** Number of filters; default 8. */
  readonly channels?: number;
  /** Trained `conv.weight` [channels, 3, 3, 3] and `conv.bias` [channels]. */
  readonly parameters?: ParameterSource;
}

const side = 32;

/**
 * What surfaces look like, wherever they are: the Gram matrix of convolution features, [N, channels²] (Gatys et al. 2015). Its first
 * feature is the maps themselves, [N, channels, 32, 32].
 */
export const texture = ({ channels = 8, parameters }: TextureOptions = {}): Expert => ({
  specification: "expert/v1",
  name: "texture",
  input: { channels: 3, height: side, width: side },
  preprocess: (image) => add(mul(resizeLinear(image, side, side), 0.5), 0.5),
  features(scope, image) {
    const batch = image.shape[0]!;
    const maps = relu(conv2d(scope.at("conv"), image, { outputs: channels, kernel: 3, padding: 1 }));
    const rows = reshape(maps, [batch, channels, side * side]);
    const gram = fusedMatMul(rows, rows, { transB: true, alpha: 1 / side ** 2 });
    return [maps, reshape(gram, [batch, channels ** 2])];
  },
  ...(parameters ? { parameters } : {}),
});
