import { convolutionRules } from "./convolution.ts";
import { elementwiseRules } from "./elementwise.ts";
import type { GradientRule } from "./gradient-rule.ts";
import { matrixRules } from "./matrix.ts";
import { movementRules } from "./movement.ts";
import { normalizationRules } from "./normalization.ts";
import { poolingRules } from "./pooling.ts";
import { quantizationRules } from "./quantization.ts";
import { reductionRules } from "./reduction.ts";

/** The gradient of every operator that has one, by name ("domain.name" outside the ONNX standard). */
export const rules: ReadonlyMap<string, GradientRule> = new Map(
  [
    elementwiseRules,
    reductionRules,
    movementRules,
    matrixRules,
    convolutionRules,
    poolingRules,
    normalizationRules,
    quantizationRules,
  ].flatMap((table) => Object.entries(table)),
);
