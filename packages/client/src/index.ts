export { type AudioClock, type AudioClockOptions, audioClock } from "./audio-clock.ts";
export type { BackoffOptions } from "./backoff.ts";
export type {
  Client,
  ConnectOptions,
  DubInput,
  FaceInput,
  Input,
  Model,
  ReenactInput,
  RunnableApplication,
  RunOptions,
  StreamOptions,
  TalkInput,
  Upload,
} from "./client.ts";
export { connect } from "./connect.ts";
export { cursorOf, isAfter, type Position, positionOf } from "./cursor.ts";
export type { EndpointOptions, WebSocketConstructor } from "./endpoint.ts";
export { type Artifact, isEnded, type Job } from "./job.ts";
export type { LiveInput } from "./live-input.ts";
export { type PlayClock, type PlayerOptions, type PlayReport, play } from "./player.ts";
export { type Interruption, type OpenStream, type ResumeOptions, resumeStream } from "./resume-stream.ts";
export type { Frame, StreamEnd, StreamEvent, StreamGap, StreamReset } from "./stream-event.ts";
