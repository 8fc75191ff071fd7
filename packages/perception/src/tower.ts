import { add, averagePool, leakyRelu, reshape, silu, type Value } from "@prosopon/graph";
import { conv2d, groupNorm, type Scope } from "@prosopon/nn";

/** `plain`: strided convolutions that see 128 x 128. `residual`: residual stages that see 64 x 64. `slim`: the same, narrower. */
export const architectures = ["plain", "residual", "slim"] as const;
export type Architecture = (typeof architectures)[number];

export interface Tower {
  /** Activations from fine to coarse. */
  readonly stages: readonly Value[];
  /** [N, D]: the last stage with its places, since mouth and brows say different things. */
  readonly flat: Value;
}

const groups = 8;

function plainStages(scope: Scope, image: Value): readonly Value[] {
  let x = image;
  return [16, 32, 64, 96, 128].map((outputs, i) => {
    const kernel = i === 0 ? 5 : 3;
    x = conv2d(scope.at(`conv.${i}`), x, { outputs, kernel, stride: 2, padding: (kernel - 1) / 2 });
    x = silu(groupNorm(scope.at(`norm.${i}`), x, { groups }));
    return x;
  });
}

function residualStages(scope: Scope, image: Value, widths: readonly number[]): readonly Value[] {
  let x = averagePool(image, { kernel: [2, 2] });
  return widths.map((outputs, i) => {
    const at = scope.at(`stage.${i}`);
    x = groupNorm(at.at("norm0"), conv2d(at.at("down"), x, { outputs, kernel: 3, stride: 2, padding: 1 }), { groups });
    let h = conv2d(at.at("conv1"), leakyRelu(x, 0.1), { outputs, kernel: 3, padding: 1 });
    h = conv2d(at.at("conv2"), leakyRelu(groupNorm(at.at("norm1"), h, { groups }), 0.1), {
      outputs,
      kernel: 3,
      padding: 1,
    });
    x = leakyRelu(add(x, h), 0.1);
    return x;
  });
}

const stagesOf: Readonly<Record<Architecture, (scope: Scope, image: Value) => readonly Value[]>> = {
  plain: plainStages,
  residual: (scope, image) => residualStages(scope, image, [24, 48, 96, 128]),
  slim: (scope, image) => residualStages(scope, image, [16, 32, 56, 72]),
};

/** The body of the small networks: [N, 3, 128, 128] in [-1, 1] -> features. Unlike bodies, so that a judge is not its own pupil. */
export function tower(scope: Scope, image: Value, architecture: Architecture): Tower {
  const stages = stagesOf[architecture](scope, image);
  const last = stages.at(-1)!;
  return { stages, flat: reshape(last, [last.shape[0]!, -1]) };
}
