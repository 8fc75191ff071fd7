import { ProsoponError } from "@prosopon/errors";
import type { Endpoint } from "./endpoint.ts";

/** Sound on its way into a running job. */
export interface LiveInput {
  /**
   * Sends samples, float32 in [-1, 1], 16 kHz, one channel. Resolves when the gateway took what was sent before, so that a
   * caller who waits is never more than a second ahead of it.
   */
  write(samples: Float32Array): Promise<void>;
  /** Says that the sound has ended and resolves when the gateway knows. */
  close(): Promise<void>;
}

/** Samples of a message; the gateway takes at most a second. */
const most = 16_000;
/** Bytes that may wait in the socket before `write` waits: a second of sound. */
const backlog = 4 * most;

/** Opens the socket that feeds a job; `address` carries a ticket, because a browser's socket sends no header. */
export async function openLiveInput({ WebSocket }: Endpoint, address: string): Promise<LiveInput> {
  if (!WebSocket) throw new ProsoponError("unavailable", "There is no WebSocket here.");
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  let failure: ProsoponError | undefined;
  const closed = new Promise<void>((resolve) => {
    socket.onclose = ({ code, reason }) => {
      if (code !== 1000)
        failure = new ProsoponError(
          "unavailable",
          `The gateway takes no more sound: ${reason || `closed with ${code}`}.`,
          {
            values: { code },
          },
        );
      resolve();
    };
  });
  await new Promise<void>((resolve) => {
    socket.onopen = () => resolve();
    void closed.then(resolve);
  });
  if (failure) throw failure;
  const check = (): void => {
    if (failure) throw failure;
    if (socket.readyState !== 1) throw new ProsoponError("bad-input", "The sound was closed before.");
  };
  return {
    async write(samples) {
      check();
      for (let start = 0; start < samples.length; start += most) {
        const part = samples.slice(start, start + most);
        socket.send(part.buffer);
        while (socket.bufferedAmount > backlog) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          check();
        }
      }
    },
    async close() {
      check();
      socket.send("end");
      await closed;
      if (failure) throw failure;
    },
  };
}
