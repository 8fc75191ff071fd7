export { type AgentCase, type AgentHarness, agentConformance } from "./testing/agent-cases.ts";
export { type FakeSettings, fakeApplication, fakeJpeg, fakeText } from "./testing/fake-applications.ts";
export { fakeCuda } from "./testing/fake-cuda.ts";
export { fakeApplicationsModule } from "./testing/fake-module.ts";
