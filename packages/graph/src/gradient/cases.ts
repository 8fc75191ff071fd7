import { convolutionCases } from "./convolution.cases.ts";
import { elementwiseCases } from "./elementwise.cases.ts";
import type { GradientCases } from "./gradient-case.ts";
import { matrixCases } from "./matrix.cases.ts";
import { movementCases } from "./movement.cases.ts";
import { normalizationCases } from "./normalization.cases.ts";
import { poolingCases } from "./pooling.cases.ts";
import { reductionCases } from "./reduction.cases.ts";

/** Samples for every row of the table of rules. */
export const gradientCases: GradientCases = {
  ...elementwiseCases,
  ...reductionCases,
  ...movementCases,
  ...matrixCases,
  ...convolutionCases,
  ...poolingCases,
  ...normalizationCases,
};
