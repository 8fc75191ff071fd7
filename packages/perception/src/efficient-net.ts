import {
  add,
  constant,
  div,
  globalAveragePool,
  mul,
  reshape,
  sigmoid,
  silu,
  sub,
  tensor,
  type Value,
} from "@prosopon/graph";
import { conv2d, type Expert, linear, type ParameterSource, type Scope } from "@prosopon/nn";
import { channelMean } from "./channel-mean.ts";
import { fitted } from "./fitted.ts";
import { frozenBatchNorm } from "./frozen-batch-norm.ts";
import { samePadding } from "./same-padding.ts";

/** B0 sees 224 x 224, B2 260 x 260. */
export type EfficientNetSize = "b0" | "b2";

export interface EfficientNetOptions {
  readonly size: EfficientNetSize;
  readonly classes: number;
  readonly parameters?: ParameterSource;
}

const scales = {
  b0: { width: 1, depth: 1, side: 224 },
  b2: { width: 1.1, depth: 1.2, side: 260 },
} as const;

// Repeats, kernel, stride, expansion, channels (Table 1 of Tan and Le 2019).
const stages = [
  [1, 3, 1, 1, 16],
  [2, 3, 2, 6, 24],
  [2, 5, 2, 6, 40],
  [3, 3, 2, 6, 80],
  [3, 5, 1, 6, 112],
  [4, 5, 2, 6, 192],
  [1, 3, 1, 6, 320],
] as const;

/** Channels scaled, to a multiple of 8 that is not below nine tenths. */
function widened(channels: number, width: number): number {
  const wanted = channels * width;
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8);
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}

interface UnitOptions {
  readonly outputs: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly groups?: number;
}

const convolved = (scope: Scope, x: Value, { outputs, kernel = 1, stride = 1, groups = 1 }: UnitOptions): Value =>
  conv2d(scope, x, {
    outputs,
    kernel,
    stride,
    groups,
    padding: samePadding(x.shape.slice(2), kernel, stride),
    bias: false,
  });

const norm = (scope: Scope, x: Value) => frozenBatchNorm(scope, x, 1e-3);

function excited(scope: Scope, x: Value, reduced: number): Value {
  const narrow = silu(conv2d(scope.at("conv_reduce"), globalAveragePool(x), { outputs: reduced, kernel: 1 }));
  return mul(x, sigmoid(conv2d(scope.at("conv_expand"), narrow, { outputs: x.shape[1]!, kernel: 1 })));
}

/** timm's inverted residual, or, without expansion, its depthwise separable block. */
function block(
  at: Scope,
  x: Value,
  {
    kernel,
    stride,
    expansion,
    outputs,
  }: { readonly kernel: number; readonly stride: number; readonly expansion: number; readonly outputs: number },
): Value {
  const channels = x.shape[1]!;
  const wide = channels * expansion;
  const plain = expansion === 1;
  let h = plain ? x : silu(norm(at.at("bn1"), convolved(at.at("conv_pw"), x, { outputs: wide })));
  h = convolved(at.at("conv_dw"), h, { outputs: wide, kernel, stride, groups: wide });
  h = silu(norm(at.at(plain ? "bn1" : "bn2"), h));
  h = excited(at.at("se"), h, Math.round(channels / 4));
  h = norm(at.at(plain ? "bn2" : "bn3"), convolved(at.at(plain ? "conv_pw" : "conv_pwl"), h, { outputs }));
  return stride === 1 && channels === outputs ? add(h, x) : h;
}

/**
 * EfficientNet with TensorFlow's padding, by the names of timm's `tf_efficientnet_b0` and `_b2`: the classifiers of HSEmotion (`enet_b0_8`: 8
 * classes, `enet_b2_7`: 7, the judge of the thesis). Files of HSEmotion are whole pickled modules: save their `state_dict()` first. Preprocessing is
 * theirs: bilinear to the side, ImageNet mean and deviation. Features: each stage, then the logits [N, classes].
 */
export const efficientNet = ({ size, classes, parameters }: EfficientNetOptions): Expert => {
  const { width, depth, side } = scales[size];
  return {
    specification: "expert/v1",
    name: `efficientnet-${size}`,
    input: { channels: 3, height: side, width: side },
    preprocess(image) {
      const spread = constant(image.graph, tensor("float32", [1, 3, 1, 1], [2 * 0.229, 2 * 0.224, 2 * 0.225]));
      return div(
        sub(
          fitted(image, side),
          channelMean(
            image,
            [0.485, 0.456, 0.406].map((v) => 2 * v - 1),
          ),
        ),
        spread,
      );
    },
    features(scope, image) {
      const outputs: Value[] = [];
      let x = convolved(scope.at("conv_stem"), image, { outputs: widened(32, width), kernel: 3, stride: 2 });
      x = silu(norm(scope.at("bn1"), x));
      stages.forEach(([repeats, kernel, stride, expansion, channels], s) => {
        for (let b = 0; b < Math.ceil(repeats * depth); b++)
          x = block(scope.at("blocks").at(s).at(b), x, {
            kernel,
            stride: b === 0 ? stride : 1,
            expansion,
            outputs: widened(channels, width),
          });
        outputs.push(x);
      });
      x = silu(norm(scope.at("bn2"), convolved(scope.at("conv_head"), x, { outputs: widened(1280, width) })));
      const flat = reshape(globalAveragePool(x), [x.shape[0]!, x.shape[1]!]);
      return [...outputs, linear(scope.at("classifier"), flat, { outputs: classes })];
    },
    ...(parameters ? { parameters } : {}),
  };
};
