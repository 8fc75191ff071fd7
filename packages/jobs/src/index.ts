export type {
  Application,
  ApplicationContext,
  ApplicationEvent,
  ApplicationFrame,
  Artifact,
  Media,
} from "./application.ts";
export type { BlobRecord, BlobStore, ByteRange, PutOptions } from "./blob-store.ts";
export { type Cursor, compareCursors, formatCursor, parseCursor } from "./cursor.ts";
export { type FileOptions, file, fileOptions } from "./file-input.ts";
export type { Frame, FrameEvent, NewFrame, StreamEnd, StreamGap, StreamReset } from "./frame-event.ts";
export type {
  AppendResult,
  Checkpoint,
  FrameLog,
  ReadOptions,
  Retention,
  StreamEnding,
  StreamStart,
} from "./frame-log.ts";
export {
  type ArtifactReference,
  type EndReason,
  isEnded,
  type Job,
  type JobError,
  type JobProgress,
  type JobSpecification,
  type JobState,
  type Json,
  type Needs,
  type TraceContext,
  type UploadReference,
} from "./job.ts";
export type {
  Capabilities,
  Claim,
  ClaimOutcome,
  EngineLimits,
  FeedResult,
  JobEngine,
  ListOptions,
  Stop,
  SubmitOptions,
  WorkOptions,
} from "./job-engine.ts";
export { loadInput, queuedInput } from "./queued-input.ts";
export { retryAfter } from "./retry-after.ts";
