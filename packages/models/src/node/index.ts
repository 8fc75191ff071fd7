export { type DownloadOptions, download } from "./download.ts";
export { type ExportedModel, type ExportModelOptions, exportModel } from "./export-model.ts";
export { type GetModelOptions, getModel } from "./get-model.ts";
export { type ImportedModels, type ImportModelOptions, importModel, nameOfFile } from "./import-model.ts";
export { type InspectedFile, type InspectOptions, inspectStateDict } from "./inspect-state-dict.ts";
export { type ListedModel, listModels } from "./list-models.ts";
export { type Model, type OpenModelOptions, openModel, openModelFolder } from "./open-model.ts";
export { readManifest } from "./read-manifest.ts";
export { type ParameterStream, type WriteModelOptions, writeModel } from "./write-model.ts";
