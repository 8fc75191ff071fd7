import { mul, relu, sub, type Tensor, tensor } from "@prosopon/graph";
import { adamW, constantRate, linear, meanSquaredError, type Optimizer, type Schedule } from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import { compileStep } from "./compile-step.ts";
import { type DataSource, tensorBatches } from "./data-source.ts";
import type { StepDefinition } from "./step-definition.ts";

export interface MicroModelOptions {
  readonly optimizer?: Optimizer;
  readonly learningRate?: Schedule;
  readonly layout?: "flat" | "per-tensor";
  readonly clip?: number;
  readonly average?: StepDefinition["average"];
  /** Micro-batches of a step; together they have 8 samples. */
  readonly accumulate?: number;
  readonly updateTogether?: number;
}

/** Two linear layers on batches of 8 vectors of 3 numbers, and a frozen gain of 1. */
export const microModel = (options: MicroModelOptions = {}) => {
  const {
    optimizer = adamW(),
    learningRate = constantRate(1e-2),
    layout = "per-tensor",
    clip,
    average,
    accumulate,
    updateTogether,
  } = options;
  const rows = 8 / (accumulate ?? 1);
  return compileStep({
    name: "micro",
    inputs: { x: { shape: [rows, 3] }, target: { shape: [rows, 2] } },
    build({ scope, inputs }) {
      const hidden = relu(linear(scope.at("first"), inputs.x, { outputs: 16 }));
      const gain = scope.parameter("gain", [1], { kind: "constant", value: 1 });
      const out = mul(linear(scope.at("second"), hidden, { outputs: 2 }), gain);
      return {
        losses: { error: meanSquaredError(out, inputs.target) },
        metrics: { difference: sub(out, inputs.target) },
      };
    },
    losses: {
      error: {
        parameters: (name) => name !== "gain",
        optimizer,
        learningRate,
        ...(clip === undefined ? {} : { clip }),
      },
    },
    ...(average ? { average } : {}),
    ...(accumulate === undefined ? {} : { accumulate }),
    ...(updateTogether === undefined ? {} : { updateTogether }),
    layout,
  });
};

/** 64 points of a smooth function of three numbers. */
export function microData(): DataSource {
  const x = gaussians(7, "x", 0, 64 * 3);
  const y = Float32Array.from({ length: 128 }, (_, i) => {
    const row = Math.floor(i / 2) * 3;
    return i % 2 ? x[row]! - x[row + 1]! : 0.5 * Math.abs(x[row + 2]!) + 0.3;
  });
  const tensors: Record<string, Tensor> = { x: tensor("float32", [64, 3], x), target: tensor("float32", [64, 2], y) };
  return tensorBatches({ tensors, batch: 8 });
}
