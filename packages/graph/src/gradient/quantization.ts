import type { GradientRules } from "./gradient-rule.ts";

/** Rounded numbers are constant between steps: networks are trained in floating point and quantised afterwards. */
export const quantizationRules: GradientRules = {
  QuantizeLinear: "none",
  DequantizeLinear: "none",
  QLinearConv: "none",
  "com.microsoft.QGemm": "none",
};
