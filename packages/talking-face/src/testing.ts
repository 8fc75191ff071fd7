export { type MicroTalker, type MicroTalkerOptions, microFeatures, microTalker } from "./testing/micro-talker.ts";
