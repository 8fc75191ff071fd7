export { declaredParameters, reenactmentNames } from "./declared-parameters.ts";
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
export { type ReenactmentConfig, reenactmentConfigSchema } from "./reenactment-config.ts";
