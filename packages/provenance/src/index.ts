export { DIGITAL_SOURCES, type DigitalSource } from "./digital-source.ts";
export { type MarkedMime, mark } from "./mark.ts";
export type { MarkDetails, Provenance } from "./packet.ts";
export { read } from "./read.ts";
