import type { RawData, WebSocket } from "ws";
import { wireProblem } from "../limits/wire-problem.ts";
import type { Services } from "../services.ts";
import { SOUND_RATE, soundFeeder } from "./sound-feeder.ts";

/** Closed by us, for reasons that the text beside the code tells; graphql-ws has 44xx. */
export const SOUND_REFUSED = 4800;

/** How long a feeder that vanished may come back before its sound counts as ended, milliseconds. */
const GRACE = 10_000;

export interface SoundSocketOptions {
  readonly job: string;
  /** Jobs whose feeder vanished and who would be ended soon. */
  readonly abandoned: Map<string, NodeJS.Timeout>;
}

/**
 * A socket that feeds a job: binary messages are float32 samples (little-endian, 16 kHz, one channel, at most a second each), the text "end"
 * ends the sound and is answered by a close with 1000. A message is taken when the job has room; until then the socket is not read.
 */
export function soundSocket(
  { engine, limits, tell }: Pick<Services, "engine" | "limits" | "tell">,
  socket: WebSocket,
  { job, abandoned }: SoundSocketOptions,
): void {
  const controller = new AbortController();
  const feeder = soundFeeder({ engine, job, seconds: limits.audioSeconds, signal: controller.signal });
  clearTimeout(abandoned.get(job));
  abandoned.delete(job);
  let ended = false;
  let work = Promise.resolve();

  const take = async (data: RawData, binary: boolean): Promise<void> => {
    if (ended || controller.signal.aborted) return;
    if (!binary) {
      if (String(data) !== "end") return socket.close(SOUND_REFUSED, 'Text messages are "end" only.');
      ended = true;
      await feeder.end();
      return socket.close(1000, "end");
    }
    const bytes = data as Buffer;
    if (bytes.length % 4 !== 0 || bytes.length > 4 * SOUND_RATE)
      return socket.close(SOUND_REFUSED, "A message is at most 16000 float32 samples.");
    await feeder.feed(bytes);
  };

  socket.on("message", (data, binary) => {
    socket.pause();
    work = work
      .then(() => take(data, binary))
      .catch((error: unknown) => {
        ended = true;
        const { code, message } = wireProblem(error);
        tell("warn", "sound-refused", { job, code });
        socket.close(SOUND_REFUSED, message.slice(0, 120));
      })
      .finally(() => socket.resume());
  });
  socket.on("error", () => socket.terminate());
  socket.once("close", () => {
    controller.abort(new Error("the feeder is gone"));
    if (ended) return;
    const timer = setTimeout(() => {
      abandoned.delete(job);
      engine.feed(job, "end").catch(() => {});
    }, GRACE);
    timer.unref();
    abandoned.set(job, timer);
  });
}
