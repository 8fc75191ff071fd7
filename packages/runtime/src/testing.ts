export { type HostCase, hostConformance } from "./testing/host-conformance.ts";
export { type TinyModel, type TinyNode, type TinyValue, tinyModel } from "./tiny-model.ts";
