export { type ListedModel, listModels } from "./list-models.ts";
export { type Model, type OpenModelOptions, openModel, openModelFolder } from "./open-model.ts";
export { readManifest } from "./read-manifest.ts";
export { type WriteModelOptions, writeModel } from "./write-model.ts";
