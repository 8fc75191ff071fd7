export { type MicroModelOptions, microManifest, microParameters } from "./testing/micro-model.ts";
