export { encodeRecord, recordTypes, type StreamRecord } from "./record.ts";
export { type FakeGateway, type FakeGatewayOptions, fakeGateway } from "./testing/fake-gateway.ts";
export type { FakeApplication, FakeArtifact, FakeRun, FakeStep } from "./testing/fake-job.ts";
export type { Faults } from "./testing/wire-faults.ts";
