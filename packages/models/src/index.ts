export { type AddressBook, type AddressedModel, parseAddressBook, publicAddresses } from "./address-book.ts";
export { type Alignment, alignmentOf, alignments } from "./alignment.ts";
export { declaredParameters, reenactmentNames } from "./declared-parameters.ts";
export {
  diffusersFirstStageNames,
  diffusersUnetNames,
  toDiffusersFirstStage,
  toDiffusersUnet,
} from "./importing/diffusers-names.ts";
export { type GivenConfig, givenConfig } from "./importing/given-config.ts";
export {
  averageName,
  type ImportPlan,
  type PlanImportOptions,
  type PlannedModel,
  planImport,
  publishedEmotions,
  type WeightChoice,
} from "./importing/plan-import.ts";
export type { Recognised } from "./importing/recognise.ts";
export { scheduleOfBuffers } from "./importing/schedule-of-buffers.ts";
export { stateTree, type TreeNode, type TreeTensor, treeLines } from "./importing/state-tree.ts";
export {
  type Manifest,
  type ManifestInput,
  type ManifestOf,
  type ModelKind,
  manifestSchema,
  modelKinds,
  parseManifest,
} from "./manifest.ts";
export { modelCard } from "./model-card.ts";
export { parseRanges, rangesText } from "./ranges.ts";
export { type ReenactmentConfig, reenactmentConfigSchema } from "./reenactment-config.ts";
export { type TalkingFaceConfig, talkingFaceConfigSchema } from "./talking-face-config.ts";
