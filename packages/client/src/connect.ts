import { ProsoponError } from "@prosopon/errors";
import { anySignal } from "./any-signal.ts";
import { binaryStream } from "./binary-stream.ts";
import type {
  Client,
  ConnectOptions,
  DubInput,
  Input,
  Model,
  RunnableApplication,
  TalkInput,
  Upload,
} from "./client.ts";
import { endpoint } from "./endpoint.ts";
import { eventStream } from "./event-stream.ts";
import { framesOf } from "./frames-of.ts";
import { isEnded, type Job } from "./job.ts";
import { openLiveInput } from "./live-input.ts";
import { mutationOf, operations } from "./operations.ts";
import { resumeStream } from "./resume-stream.ts";
import { type FrameRequest, socketStream, socketSubscription } from "./socket-stream.ts";
import type { StreamEvent } from "./stream-event.ts";
import { succeeded } from "./succeeded.ts";
import { watchJob } from "./watch-job.ts";

/** The name of a value in the schema: "very happy" is VERY_HAPPY. */
const enumName = (value: string): string =>
  value
    .trim()
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();

const withEmotion = ({ emotion, ...rest }: TalkInput | DubInput): Input =>
  emotion === undefined ? rest : { ...rest, emotion: enumName(emotion) };

/** A client of the gateway at `url`. Opens nothing until it is asked for something. @throws `bad-input` for a malformed address. */
export function connect({ backoff, ...options }: ConnectOptions): Client {
  const place = endpoint(options);
  const closing = new AbortController();
  const until = (signal?: AbortSignal): AbortSignal => (signal ? anySignal(signal, closing.signal) : closing.signal);

  const events: Client["events"] = (id, streamOptions = {}) => {
    const {
      after,
      transport = "binary",
      delivery = "RELIABLE",
      maxFps,
      idleMs = 30_000,
      onReconnect,
      signal,
    } = streamOptions;
    const open = (from: string | undefined, attempt: AbortSignal): AsyncIterable<StreamEvent> => {
      const request: FrameRequest = { jobId: id, after: from, delivery, maxFps, signal: attempt };
      if (transport === "binary") return binaryStream(place, request, idleMs);
      return transport === "sse" ? eventStream(place, request, idleMs) : socketStream(place, request, idleMs);
    };
    const sparse = delivery === "LIVE" || maxFps !== undefined;
    return resumeStream(open, { after, signal: until(signal), backoff, sparse, onReconnect });
  };

  const run: Client["run"] = async (application, input, { idempotencyKey = crypto.randomUUID(), signal } = {}) => {
    if (!/^[a-z][a-z0-9-]{0,63}$/.test(application)) {
      throw new ProsoponError("bad-input", `"${application}" is no name of an application.`, {
        values: { application },
      });
    }
    const { job } = await place.ask<{ job: Job }>(mutationOf(application), { input, idempotencyKey }, until(signal));
    return job;
  };

  const jobOf: Client["job"] = async (id) => {
    const { job } = await place.ask<{ job: Job | null }>(operations.job, { id }, closing.signal);
    if (!job) throw new ProsoponError("not-found", `There is no job ${id}.`, { values: { id } });
    return job;
  };

  const watch: Client["watch"] = (id, { signal } = {}) =>
    watchJob(
      (attempt) =>
        socketSubscription(place, {
          query: operations.watch,
          variables: { id },
          value: ({ job }: { job: Job }) => job,
          signal: attempt,
          hold: 256,
          idleMs: 15_000,
        }),
      { signal: until(signal), backoff },
    );

  return {
    models: async () => (await place.ask<{ models: Model[] }>(operations.models)).models,
    emotions: async () => (await place.ask<{ emotions: string[] }>(operations.emotions)).emotions,
    applications: async () =>
      (await place.ask<{ applications: RunnableApplication[] }>(operations.applications)).applications,
    async upload(content, mime, { signal } = {}) {
      const type = mime ?? (content instanceof Blob ? content.type : "");
      const answer = await place.request("/uploads", {
        method: "POST",
        headers: { "content-type": type || "application/octet-stream" },
        body: content as Blob | Uint8Array<ArrayBuffer>,
        signal: until(signal),
      });
      return (await answer.json()) as Upload;
    },
    run,
    reenact: ({ from, to, ...rest }, runOptions) =>
      run(
        "reenact",
        { ...rest, ...(from === undefined ? {} : { from: enumName(from) }), to: to.map(enumName) },
        runOptions,
      ),
    talk: (input, runOptions) => run("talk", withEmotion(input), runOptions),
    dub: (input, runOptions) => run("dub", withEmotion(input), runOptions),
    job: jobOf,
    watch,
    async finished(id, { signal } = {}) {
      for await (const job of watch(id, signal ? { signal } : {})) if (isEnded(job)) return succeeded(job);
      return succeeded(await jobOf(id));
    },
    cancel: async (id) => (await place.ask<{ cancelJob: Job }>(operations.cancel, { id })).cancelJob,
    async delete(id) {
      await place.ask(operations.delete, { id });
    },
    events,
    frames: (id, streamOptions) => framesOf(events(id, streamOptions)),
    async artifact(id, { signal } = {}) {
      const { artifact, state } = await jobOf(id);
      if (!artifact) {
        throw new ProsoponError("not-found", `Job ${id} has no file (${state.toLowerCase()}).`, {
          values: { id, state },
        });
      }
      const answer = await place.request(artifact.url, { signal: until(signal) });
      return { ...artifact, content: await answer.blob() };
    },
    async live(id) {
      const { job } = await place.ask<{ job: { live: { url: string; ticket: string } | null } | null }>(
        operations.live,
        {
          id,
        },
      );
      if (!job?.live) {
        throw new ProsoponError("not-found", `Job ${id} takes no live sound.`, {
          values: { id },
          mend: "Start it with an input that asks for live sound, and feed it before it ends.",
        });
      }
      return openLiveInput(place, `${place.socketUrl(job.live.url)}?ticket=${encodeURIComponent(job.live.ticket)}`);
    },
    close: () => closing.abort(new ProsoponError("cancelled", "The client was closed.")),
  };
}
