export type { Pulse } from "./child-connection.ts";
export { type CreateHostOptions, createHost } from "./create-host.ts";
export { devices } from "./devices.ts";
export type { HostOptions } from "./host-options.ts";
export type { SpawnedHost, SpawnedHostOptions } from "./spawned-host.ts";
