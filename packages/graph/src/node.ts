export { type ReadModelOptions, readModel } from "./node/read-model.ts";
export { readWeights } from "./node/read-weights.ts";
