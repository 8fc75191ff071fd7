import { convolutionInferences } from "./convolution.ts";
import { elementwiseInferences } from "./elementwise.ts";
import type { Inference } from "./inference.ts";
import { matrixInferences } from "./matrix.ts";
import { movementInferences } from "./movement.ts";
import { normalizationInferences } from "./normalization.ts";
import { quantizationInferences } from "./quantization.ts";
import { recurrentInferences } from "./recurrent.ts";
import { reductionInferences } from "./reduction.ts";

/** Every operator that can be built, by name ("domain.name" outside the ONNX standard). */
export const inferences: ReadonlyMap<string, Inference> = new Map(
  [
    elementwiseInferences,
    reductionInferences,
    movementInferences,
    matrixInferences,
    convolutionInferences,
    normalizationInferences,
    quantizationInferences,
    recurrentInferences,
  ].flatMap((table) => Object.entries(table())),
);
