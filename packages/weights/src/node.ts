export { type Checkpoint, type OpenCheckpointOptions, openCheckpoint } from "./open-checkpoint.ts";
export { openStateDict, type StateDict } from "./open-state-dict.ts";
export { type OpenWeightsOptions, openWeights, type WeightInfo, type Weights } from "./open-weights.ts";
export { type Sha256Options, sha256 } from "./sha256.ts";
export { type WriteCheckpointOptions, writeCheckpoint } from "./write-checkpoint.ts";
export { type PlannedWeights, type WeightEntry, type WriteWeightsOptions, writeWeights } from "./write-weights.ts";
