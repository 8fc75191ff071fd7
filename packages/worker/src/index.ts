export { type Agent, createAgent } from "./agent.ts";
export type { AgentObserver, DeviceState, DeviceStatus } from "./agent-observer.ts";
export type { AgentDevice, AgentOptions } from "./agent-options.ts";
export type { ApplicationsModule, ApplicationsOptions } from "./child/load-applications.ts";
export { loadApplications } from "./child/load-applications.ts";
