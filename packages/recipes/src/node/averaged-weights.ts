/** The averaged weights that a run ends with, and others start from: a file in its folder. */
export const averagedWeights = "averages.safetensors";
