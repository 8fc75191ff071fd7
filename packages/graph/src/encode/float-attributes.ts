// Every attribute of the ONNX standard and of com.microsoft that holds floats; no such name holds integers elsewhere.
const names = new Set(
  (
    "alpha beta gamma epsilon lambd bias momentum ratio spatial_scale extrapolation_value cubic_coeff_a " +
    "value value_float value_floats activation_alpha activation_beta clip high low mean scale scales min max seed " +
    "mask_filter_value softcap norm_factor"
  ).split(" "),
);

/** True when an attribute of this name holds floats in ONNX; a number under any other name is an integer. */
export const isFloatAttribute = (name: string): boolean => names.has(name);
