import {
  averagePool,
  concat,
  constant,
  div,
  gemm,
  globalAveragePool,
  matMul,
  maxPool,
  relu,
  reshape,
  sub,
  tensor,
  transpose,
  type Value,
} from "@prosopon/graph";
import { conv2d, type Scope } from "@prosopon/nn";
import { frozenBatchNorm } from "./frozen-batch-norm.ts";

/** What of Inception-v3 is asked for: the pooled features of Mixed_7c, or the logits without bias that the Inception Score takes. */
export interface InceptionFeatures {
  /** [N, 2048]. */
  readonly pooled: Value;
  /** [N, 1008]. */
  readonly logits: Value;
}

const loaded = { kind: "constant", value: 0 } as const;
const pads = (kernel: readonly [number, number]): readonly number[] => kernel.map((size) => (size - 1) / 2);

interface UnitOptions {
  readonly kernel?: number | readonly [number, number];
  readonly stride?: number;
  /** Default: no padding where there is a stride or the kernel is 1, else so that the size stays. */
  readonly valid?: boolean;
}

/** Convolution, batch normalisation with epsilon 0.001, ReLU. */
function unit(
  scope: Scope,
  x: Value,
  outputs: number,
  { kernel = 1, stride = 1, valid = stride > 1 }: UnitOptions = {},
): Value {
  const size = typeof kernel === "number" ? ([kernel, kernel] as const) : kernel;
  const convolved = conv2d(scope.at("conv"), x, {
    outputs,
    kernel: size,
    stride,
    padding: valid ? 0 : pads(size),
    bias: false,
  });
  return relu(frozenBatchNorm(scope.at("bn"), convolved, 1e-3));
}

const smoothed = (x: Value) => averagePool(x, { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] });
const halved = (x: Value) => maxPool(x, { kernel: [3, 3], strides: [2, 2] });

function blockA(s: Scope, x: Value, pool: number): Value {
  const wide = unit(s.at("branch5x5_1"), x, 48);
  let double = unit(s.at("branch3x3dbl_1"), x, 64);
  double = unit(s.at("branch3x3dbl_2"), double, 96, { kernel: 3 });
  return concat(
    [
      unit(s.at("branch1x1"), x, 64),
      unit(s.at("branch5x5_2"), wide, 64, { kernel: 5 }),
      unit(s.at("branch3x3dbl_3"), double, 96, { kernel: 3 }),
      unit(s.at("branch_pool"), smoothed(x), pool),
    ],
    1,
  );
}

function blockB(s: Scope, x: Value): Value {
  let double = unit(s.at("branch3x3dbl_1"), x, 64);
  double = unit(s.at("branch3x3dbl_2"), double, 96, { kernel: 3 });
  return concat(
    [
      unit(s.at("branch3x3"), x, 384, { kernel: 3, stride: 2 }),
      unit(s.at("branch3x3dbl_3"), double, 96, { kernel: 3, stride: 2 }),
      halved(x),
    ],
    1,
  );
}

function blockC(s: Scope, x: Value, c: number): Value {
  let single = unit(s.at("branch7x7_1"), x, c);
  single = unit(s.at("branch7x7_2"), single, c, { kernel: [1, 7] });
  single = unit(s.at("branch7x7_3"), single, 192, { kernel: [7, 1] });
  let double = unit(s.at("branch7x7dbl_1"), x, c);
  double = unit(s.at("branch7x7dbl_2"), double, c, { kernel: [7, 1] });
  double = unit(s.at("branch7x7dbl_3"), double, c, { kernel: [1, 7] });
  double = unit(s.at("branch7x7dbl_4"), double, c, { kernel: [7, 1] });
  double = unit(s.at("branch7x7dbl_5"), double, 192, { kernel: [1, 7] });
  return concat([unit(s.at("branch1x1"), x, 192), single, double, unit(s.at("branch_pool"), smoothed(x), 192)], 1);
}

function blockD(s: Scope, x: Value): Value {
  const small = unit(s.at("branch3x3_2"), unit(s.at("branch3x3_1"), x, 192), 320, { kernel: 3, stride: 2 });
  let wide = unit(s.at("branch7x7x3_1"), x, 192);
  wide = unit(s.at("branch7x7x3_2"), wide, 192, { kernel: [1, 7] });
  wide = unit(s.at("branch7x7x3_3"), wide, 192, { kernel: [7, 1] });
  return concat([small, unit(s.at("branch7x7x3_4"), wide, 192, { kernel: 3, stride: 2 }), halved(x)], 1);
}

function blockE(s: Scope, x: Value, pooled: Value): Value {
  const single = unit(s.at("branch3x3_1"), x, 384);
  const double = unit(s.at("branch3x3dbl_2"), unit(s.at("branch3x3dbl_1"), x, 448), 384, { kernel: 3 });
  const both = (name: string, from: Value) => [
    unit(s.at(`${name}a`), from, 384, { kernel: [1, 3] }),
    unit(s.at(`${name}b`), from, 384, { kernel: [3, 1] }),
  ];
  return concat(
    [
      unit(s.at("branch1x1"), x, 320),
      ...both("branch3x3_2", single),
      ...both("branch3x3dbl_3", double),
      unit(s.at("branch_pool"), pooled, 192),
    ],
    1,
  );
}

/** Weights [from, to] of TensorFlow 1's bilinear resize: position i takes from i · from / to, with no half pixel. */
function resampling(from: number, to: number): Float32Array {
  const weights = new Float32Array(from * to);
  const step = Math.fround(from / to);
  for (let i = 0; i < to; i++) {
    const at = Math.fround(i * step);
    const low = Math.min(Math.floor(at), from - 1);
    const fraction = Math.fround(at - low);
    weights[low * to + i]! += 1 - fraction;
    weights[Math.min(low + 1, from - 1) * to + i]! += fraction;
  }
  return weights;
}

/** [N, 3, H, W] of any size -> [N, 3, 299, 299] by TensorFlow 1's rule. */
function resized(image: Value): Value {
  const [, , height, width] = image.shape as [number, number, number, number];
  if (height === 299 && width === 299) return image;
  const across = constant(image.graph, tensor("float32", [width, 299], resampling(width, 299)));
  const down = constant(image.graph, tensor("float32", [height, 299], resampling(height, 299)));
  const wide = matMul(image, across);
  return transpose(matMul(transpose(wide, [0, 1, 3, 2]), down), [0, 1, 3, 2]);
}

/**
 * Inception-v3 of 2015 with the weights of the FID (`pt_inception-2015-12-05`, as torch-fidelity and pytorch-fid load them) of images
 * [N, 3, H, W], RGB 0..255 of any size: resized by TensorFlow 1's bilinear rule to 299 x 299, (x - 128) / 128, average pools that do not
 * count padding, a maximum pool in the last block.
 */
export function inceptionV3(scope: Scope, image: Value): InceptionFeatures {
  let x = div(sub(resized(image), 128), 128);
  x = unit(scope.at("Conv2d_1a_3x3"), x, 32, { kernel: 3, stride: 2 });
  x = unit(scope.at("Conv2d_2a_3x3"), x, 32, { kernel: 3, valid: true });
  x = halved(unit(scope.at("Conv2d_2b_3x3"), x, 64, { kernel: 3 }));
  x = unit(scope.at("Conv2d_3b_1x1"), x, 80);
  x = halved(unit(scope.at("Conv2d_4a_3x3"), x, 192, { kernel: 3, valid: true }));
  x = blockA(scope.at("Mixed_5b"), x, 32);
  x = blockA(scope.at("Mixed_5c"), x, 64);
  x = blockA(scope.at("Mixed_5d"), x, 64);
  x = blockB(scope.at("Mixed_6a"), x);
  x = blockC(scope.at("Mixed_6b"), x, 128);
  x = blockC(scope.at("Mixed_6c"), x, 160);
  x = blockC(scope.at("Mixed_6d"), x, 160);
  x = blockC(scope.at("Mixed_6e"), x, 192);
  x = blockD(scope.at("Mixed_7a"), x);
  x = blockE(scope.at("Mixed_7b"), x, smoothed(x));
  x = blockE(scope.at("Mixed_7c"), x, maxPool(x, { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] }));
  const pooled = reshape(globalAveragePool(x), [x.shape[0]!, 2048]);
  const logits = gemm(pooled, scope.at("fc").parameter("weight", [1008, 2048], loaded), undefined, { transB: true });
  return { pooled, logits };
}
