import { ProsoponError } from "@prosopon/errors";
import type { Application, ApplicationFrame } from "@prosopon/jobs";
import * as z from "zod";
import type { ApplicationsOptions } from "../child/load-applications.ts";

const input = z.strictObject({
  /** Frames of the stream. */
  frames: z.int().min(0).default(25),
  /** 0 for as fast as it goes. */
  fps: z.number().min(0).default(0),
  /** Gives its state with each frame whose number is a multiple of it; 0 for none. */
  checkpointEvery: z.int().min(0).default(0),
  /** The process dies after this frame. */
  crashAt: z.int().optional(),
  /** The process stops answering after this frame, as in a native call. */
  hangAt: z.int().optional(),
  /** After this frame it heeds nothing, but its process lives. */
  sleepAt: z.int().optional(),
  failAt: z.int().optional(),
  failWith: z.enum(["bad-input", "internal", "unavailable"]).default("bad-input"),
  /** Misbehave only in an attempt that resumes nothing. */
  once: z.boolean().default(false),
  /** Listens to live sound: a frame for each chunk. */
  live: z.boolean().default(false),
  /** Bytes of a frame. */
  size: z.int().min(64).max(1_000_000).default(64),
  /** Bytes of the artifact; 0 for one that holds the number of frames. */
  artifact: z.int().min(0).max(10_000_000).default(0),
});

/** The settings that the fake takes from its agent. */
export interface FakeSettings {
  /** Devices on which setting up fails. */
  readonly broken?: readonly string[];
  /** How long setting up takes, milliseconds. */
  readonly setupMilliseconds?: number;
}

/** Bytes like those of a small JPEG: its markers, then who made it: process, resumed or not, frame. */
export function fakeJpeg(text: string, size = 64): Uint8Array {
  const bytes = new Uint8Array(Math.max(size, text.length + 6)).fill(0x80);
  bytes.set([0xff, 0xd8, 0xff, 0xfe]);
  bytes.set(new TextEncoder().encode(text), 4);
  bytes.set([0xff, 0xd9], bytes.length - 2);
  return bytes;
}

/** What `fakeJpeg` was given. */
export const fakeText = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes.subarray(4)).replace(/\ufffd.*$/s, "");

/** An application without a model, for tests of whatever stands around one: pictures in one colour, at a rate, with every fault on demand. */
export const fakeApplication = ({ device }: { readonly device: string }): Application<typeof input> => ({
  specification: "application/v1",
  name: "fake",
  description: "Frames without a model, for tests.",
  input,
  output: "frames",
  async *run(options, { signal, resume, live }) {
    const { frames, fps, checkpointEvery, once } = options;
    const first = resume ? resume.index + 1 : 0;
    const author = `${device}.${process.pid}.${resume ? "resumed" : "fresh"}`;
    const mischief = (at: number | undefined, index: number): boolean =>
      at === index && !(once && resume !== undefined);
    yield { event: "progress", label: "frames", done: first, total: frames };
    const picture = (index: number): ApplicationFrame => ({
      event: "frame",
      index,
      pts: index / (fps || 25),
      duration: 1 / (fps || 25),
      width: 8,
      height: 8,
      mime: "image/jpeg",
      bytes: fakeJpeg(`${author}.${index}`, options.size),
      ...(checkpointEvery > 0 &&
        (index + 1) % checkpointEvery === 0 && { state: new TextEncoder().encode(`${index}`) }),
    });
    if (options.live) {
      let index = first;
      for await (const chunk of live ?? []) yield { ...picture(index++), width: chunk.length };
      return { bytes: Uint8Array.of(index), mime: "application/octet-stream", name: "fake.bin" };
    }
    const began = performance.now();
    for (let index = first; index < frames; index++) {
      if (fps > 0) await sleep(began + ((index - first) * 1000) / fps - performance.now(), signal);
      signal.throwIfAborted();
      yield picture(index);
      if (mischief(options.crashAt, index)) process.kill(process.pid, "SIGKILL");
      if (mischief(options.hangAt, index)) for (;;);
      if (mischief(options.sleepAt, index)) await new Promise(() => {});
      if (mischief(options.failAt, index)) throw new ProsoponError(options.failWith, `Failed at frame ${index}.`);
    }
    yield { event: "progress", label: "frames", done: frames, total: frames };
    return {
      bytes: options.artifact > 0 ? new Uint8Array(options.artifact) : Uint8Array.of(frames),
      mime: "application/octet-stream",
      name: "fake.bin",
      table: { frames, author },
    };
  },
});

/** The module's entry for agents. */
export async function applications({ device, settings }: ApplicationsOptions): Promise<readonly Application[]> {
  const { broken = [], setupMilliseconds = 0 } = (settings ?? {}) as FakeSettings;
  await new Promise((resolve) => setTimeout(resolve, setupMilliseconds));
  if (broken.includes(device))
    throw new ProsoponError("unavailable", `The device "${device}" is gone.`, { values: { device } });
  return [fakeApplication({ device }) as unknown as Application];
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, milliseconds));
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
