import type { BackoffOptions } from "./backoff.ts";
import type { EndpointOptions } from "./endpoint.ts";
import type { Artifact, Job } from "./job.ts";
import type { LiveInput } from "./live-input.ts";
import type { Frame, StreamEvent } from "./stream-event.ts";

export interface ConnectOptions extends EndpointOptions {
  /** Waits between attempts to reach a stream again. */
  readonly backoff?: BackoffOptions;
}

export interface StreamOptions {
  /** The cursor of the last frame that was used; from the start if not given. */
  readonly after?: string;
  /** How frames travel; default "binary", the cheapest. The others are for what lies between that lets it not through. */
  readonly transport?: "binary" | "websocket" | "sse";
  /** "RELIABLE" (default) gives every frame; "LIVE" skips to the newest when the reader is behind, and says so with a gap. */
  readonly delivery?: "RELIABLE" | "LIVE";
  /** Frames per second at most; default all. */
  readonly maxFps?: number;
  /** Told at every reconnection but the first connection. */
  readonly onReconnect?: (why: { readonly reason: string; readonly failures: number }) => void;
  /**
   * Silence after which a connection counts as lost, milliseconds; default 30000. A WebSocket is asked first and has as long again
   * to answer.
   */
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
}

export interface RunOptions {
  /** The same key with the same input is the same job, so that a repeated call after a lost answer starts nothing twice; default random. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Fields of an application's input; files are ids of uploads. */
export type Input = Readonly<Record<string, unknown>>;

/** Whose face it is: a picture, or one of the people that the gateway draws. */
export interface FaceInput extends Input {
  /** Id of an uploaded picture. */
  readonly picture?: string;
  /** Number of a drawn person, instead of a picture. */
  readonly person?: number;
  /** The person in the picture has agreed to this use; uploaded pictures are refused without it. */
  readonly consent?: boolean;
}

export interface TalkInput extends FaceInput {
  /** Id of an uploaded sound; none where `live` is true. */
  readonly speech?: string;
  readonly live?: boolean;
  /** One of `emotions()`. */
  readonly emotion?: string;
  /** How strongly it shows: 1, 2 or 3. */
  readonly intensity?: number;
}

export interface DubInput extends Input {
  /** Id of an uploaded film. */
  readonly video: string;
  /** Id of an uploaded sound. */
  readonly speech: string;
  /** The person in the film has agreed to this use; films are refused without it, but those of drawn people. */
  readonly consent?: boolean;
  /** One of `emotions()`; it shows in the lower face. */
  readonly emotion?: string;
}

export interface ReenactInput extends FaceInput {
  /** The emotion that the picture shows; recognised if not given. */
  readonly from?: string;
  /** The emotions wanted; several make one labelled sheet. */
  readonly to: readonly string[];
}

export interface Upload {
  readonly id: string;
  readonly mime: string;
  /** Bytes. */
  readonly size: number;
}

export interface Model {
  readonly name: string;
  readonly kind: string;
  readonly description: string;
}

export interface RunnableApplication {
  readonly name: string;
  readonly description: string;
  readonly output: "IMAGE" | "FRAMES" | "TABLE";
  /** The mutation that starts it. */
  readonly mutation: string;
}

/** A gateway, seen from outside. Every method throws `ProsoponError`; `unavailable` may work later, the others not. */
export interface Client {
  models(): Promise<readonly Model[]>;
  /** Names of the emotions that applications take. */
  emotions(): Promise<readonly string[]>;
  applications(): Promise<readonly RunnableApplication[]>;
  /** Stores a file; its id goes into an application's input. */
  upload(content: Blob | Uint8Array, mime?: string, options?: { readonly signal?: AbortSignal }): Promise<Upload>;
  /** Starts an application by name; the input is as the schema has it, so that values of enums are in capitals. */
  run(application: string, input: Input, options?: RunOptions): Promise<Job>;
  /** A picture and emotions in, pictures out. */
  reenact(input: ReenactInput, options?: RunOptions): Promise<Job>;
  /** A portrait and speech in, video out. */
  talk(input: TalkInput, options?: RunOptions): Promise<Job>;
  /** A film and speech in, the film with the speech out. */
  dub(input: DubInput, options?: RunOptions): Promise<Job>;
  job(id: string): Promise<Job>;
  /** The job as it stands, then at each change, until it has ended; over reconnections. */
  watch(id: string, options?: { readonly signal?: AbortSignal }): AsyncIterable<Job>;
  /** Waits for the end. @throws `crashed` if the job failed, `cancelled` if it was cancelled, `unavailable` if it expired. */
  finished(id: string, options?: { readonly signal?: AbortSignal }): Promise<Job>;
  cancel(id: string): Promise<Job>;
  /** Deletes the job, its frames and its files. */
  delete(id: string): Promise<void>;
  /** Everything that a stream says, each event once and in order, over reconnections. */
  events(id: string, options?: StreamOptions): AsyncIterableIterator<StreamEvent>;
  /**
   * The frames of a stream alone, each once and in order. Ends with the stream.
   * @throws `crashed` if the job failed, `cancelled` if it was cancelled, `unavailable` if it expired or cannot be reached.
   */
  frames(id: string, options?: StreamOptions): AsyncIterable<Frame>;
  /** The finished file. @throws `not-found` while there is none. */
  artifact(id: string, options?: { readonly signal?: AbortSignal }): Promise<Artifact & { readonly content: Blob }>;
  /** Feeds sound to a job whose input asked for live sound. */
  live(id: string): Promise<LiveInput>;
  /** Ends everything that is open. */
  close(): void;
}
