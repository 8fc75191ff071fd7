import { add, reshape, type Value } from "@prosopon/graph";
import { conv2d, type Expert, linear, type ParameterSource, preluLayer, type Scope } from "@prosopon/nn";
import { fitted } from "./fitted.ts";
import { frozenBatchNorm } from "./frozen-batch-norm.ts";

/** Residual blocks of the four stages. */
const depths = { r18: [2, 2, 2, 2], r34: [3, 4, 6, 3], r50: [3, 4, 14, 3], r100: [3, 13, 30, 3] } as const;

export interface IResNetOptions {
  /** Default `r50`. */
  readonly depth?: keyof typeof depths;
  /** Length of the embedding; default 512. */
  readonly size?: number;
  readonly parameters?: ParameterSource;
}

const convolved = (scope: Scope, x: Value, outputs: number, kernel: number, stride = 1) =>
  conv2d(scope, x, { outputs, kernel, stride, padding: kernel === 3 ? 1 : 0, bias: false });

function block(at: Scope, x: Value, outputs: number, stride: number): Value {
  let h = convolved(at.at("conv1"), frozenBatchNorm(at.at("bn1"), x), outputs, 3);
  h = preluLayer(at.at("prelu"), frozenBatchNorm(at.at("bn2"), h), { perChannel: true });
  h = frozenBatchNorm(at.at("bn3"), convolved(at.at("conv2"), h, outputs, 3, stride));
  if (stride === 1) return add(h, x);
  const down = at.at("downsample");
  return add(h, frozenBatchNorm(down.at(1), convolved(down.at(0), x, outputs, 1, stride)));
}

/**
 * The face embedder of insightface (ArcFace, CosFace; Deng et al. 2019), by the names of its `iresnet`: aligned faces (the five-point template of
 * 112 x 112), RGB. Features: the four stages, then the embedding [N, 512], whose length means nothing: compare by cosine.
 */
export const iresnet = ({ depth = "r50", size = 512, parameters }: IResNetOptions = {}): Expert => ({
  specification: "expert/v1",
  name: `iresnet-${depth}`,
  input: { channels: 3, height: 112, width: 112 },
  preprocess: (image) => fitted(image, 112),
  features(scope, image) {
    const outputs: Value[] = [];
    let x = frozenBatchNorm(scope.at("bn1"), convolved(scope.at("conv1"), image, 64, 3));
    x = preluLayer(scope.at("prelu"), x, { perChannel: true });
    depths[depth].forEach((blocks, s) => {
      for (let b = 0; b < blocks; b++) x = block(scope.at(`layer${s + 1}`).at(b), x, 64 * 2 ** s, b === 0 ? 2 : 1);
      outputs.push(x);
    });
    x = frozenBatchNorm(scope.at("bn2"), x);
    x = linear(scope.at("fc"), reshape(x, [x.shape[0]!, -1]), { outputs: size });
    return [...outputs, frozenBatchNorm(scope.at("features"), x)];
  },
  ...(parameters ? { parameters } : {}),
});
