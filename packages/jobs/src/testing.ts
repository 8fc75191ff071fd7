export { type BlobsCase, blobsConformance } from "./testing/blobs-conformance.ts";
export { brokenJobs, type Fault } from "./testing/broken-jobs.ts";
export { type JobsCase, jobsConformance } from "./testing/jobs-conformance.ts";
export { memoryBlobs } from "./testing/memory-blobs.ts";
export { type RedisServer, redisServer } from "./testing/redis-server.ts";
export type { HarnessOptions, JobsHarness } from "./testing/workbench.ts";
