export { type BatchedSession, type BatchedSessionOptions, batchedSession } from "./batched-session.ts";
export type { DeviceName, DeviceReport } from "./device.ts";
export type { Host, LoadOptions } from "./host.ts";
export { handleOf, isHandle, tensorOf } from "./outputs.ts";
export type { ByteRange, Program } from "./program.ts";
export { programOf } from "./program-of.ts";
export type { Feeds, Handle, RunOptions, Session, ValueDescription } from "./session.ts";
export { type SessionPool, sessionPool } from "./session-pool.ts";
