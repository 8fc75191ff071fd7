export type { MarkedMime } from "./container.ts";
export { DIGITAL_SOURCES, type DigitalSource } from "./digital-source.ts";
export { mark } from "./mark.ts";
export type { MarkDetails, Provenance } from "./packet.ts";
export { read } from "./read.ts";
