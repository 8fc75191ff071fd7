export { type MicroModel, type MicroModelOptions, microModel } from "./testing/micro-model.ts";
