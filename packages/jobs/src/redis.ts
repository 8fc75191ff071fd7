export { type RedisBlobsOptions, redisBlobs } from "./redis/redis-blobs.ts";
export { type RedisJobs, type RedisOptions, redisJobs } from "./redis/redis-jobs.ts";
export type { LockTimes } from "./redis/redis-work.ts";
