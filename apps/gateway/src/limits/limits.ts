import * as z from "zod";

const count = (fallback: number, description: string) => z.int().positive().default(fallback).describe(description);

/** Every bound that the gateway holds, with its default. Unknown keys are refused. */
export const limitsSchema = z.strictObject({
  depth: count(8, "levels of selection in one operation"),
  aliases: count(10, "aliases in one operation"),
  directives: count(20, "directives in one operation"),
  tokens: count(1000, "lexical tokens in one document"),
  complexity: count(2000, "fields that one operation may ask for, lists counted by their length"),
  requestBytes: count(1_000_000, "body of a GraphQL request, multipart included"),
  uploadBytes: count(64 * 2 ** 20, "one upload"),
  uploadBytesPerHour: count(1024 * 2 ** 20, "all uploads of a tenant in an hour"),
  operationsPerMinute: count(600, "operations of a tenant in a minute, over HTTP and sockets"),
  jobsPerMinute: count(60, "jobs that a tenant may start in a minute"),
  streamsPerTenant: count(2000, "streams that a tenant may hold open"),
  subscriptionsPerSocket: count(8, "subscriptions on one socket"),
  socketsPerAddress: count(64, "sockets of one remote address"),
  failuresPerMinute: count(30, "refused credentials of one remote address in a minute"),
  bytesPerSecond: count(32 * 2 ** 20, "bytes of frames in a second on one stream"),
  pageSize: count(50, "jobs in one page"),
  batchFrames: count(50, "frames in one batch"),
  liveLag: count(8, "frames that a LIVE reader may be behind before it skips"),
  audioSeconds: count(600, "seconds of live sound in one job"),
  stallSeconds: count(60, "how long a reader over HTTP may read nothing before it is cut"),
  ticketSeconds: count(300, "life of a ticket"),
  uploadSeconds: count(7200, "life of an upload"),
  artifactSeconds: count(86_400, "life of an artifact"),
  drainSeconds: count(20, "time for streams to end when the gateway stops"),
});

export type Limits = z.output<typeof limitsSchema>;
export type LimitsOptions = z.input<typeof limitsSchema>;
