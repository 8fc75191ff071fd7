import type * as z from "zod";

/** A picture, a frame of video or a sound as bytes of a file. */
export interface Media {
  readonly bytes: Uint8Array;
  /** Such as "image/jpeg", "audio/wav". */
  readonly mime: string;
}

export type ApplicationEvent =
  | { readonly event: "progress"; readonly label: string; readonly done: number; readonly total?: number }
  | ApplicationFrame;

/** One encoded picture of a stream. */
export interface ApplicationFrame extends Media {
  readonly event: "frame";
  /** Position from 0 in the whole stream, also after a resumption. */
  readonly index: number;
  /** When it is shown and for how long, seconds. */
  readonly pts: number;
  readonly duration: number;
  readonly width: number;
  readonly height: number;
  /** What `run` needs to go on after this frame, given now and then; kept as the job's checkpoint. */
  readonly state?: Uint8Array;
}

/** What a run leaves behind: a file, and a table of numbers where it has one. */
export interface Artifact extends Media {
  /** A file name with its ending, no folder. */
  readonly name: string;
  readonly table?: Readonly<Record<string, unknown>>;
}

export interface ApplicationContext {
  /** "cpu", "webgpu" or "cuda": where the agent placed this run. */
  readonly device: string;
  /** A folder of its own, deleted after the run. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** The last state that a lost attempt gave; the run goes on with the frame after it. */
  readonly resume?: { readonly index: number; readonly state: Uint8Array };
  /** Speech that arrives while the run goes on (float32 chunks, 16 kHz mono), for inputs that ask for live sound. */
  readonly live?: AsyncIterable<Float32Array>;
}

/**
 * A named method that a command line, a mutation or a queue can run from its input schema alone. A plugin: a plain value made by a
 * factory. Commands, mutations and job kinds are derived from a list of these.
 */
export interface Application<Schema extends z.ZodObject = z.ZodObject> {
  readonly specification: "application/v1";
  /** Lower case letters, digits and hyphens; the command, the job's kind and (in camel case) the mutation. */
  readonly name: string;
  /** One line for --help and the schema. */
  readonly description: string;
  /** Strict object of strings, numbers, booleans, enums, arrays of them, and files (`file(...)`). Every field may be described. */
  readonly input: Schema;
  readonly output: "image" | "frames" | "table";
  /** What a worker must have; nothing if not given. */
  readonly needs?: { readonly devices?: readonly string[]; readonly megabytes?: number };
  /**
   * Runs in a worker's child process. Validates nothing again: `input` went through the schema.
   * @throws ProsoponError `bad-input` for content it cannot use, `cancelled` when the signal fires.
   */
  run(input: z.output<Schema>, context: ApplicationContext): AsyncGenerator<ApplicationEvent, Artifact, undefined>;
  /** Frees models; called once before the child ends. */
  close?(): Promise<void>;
}
