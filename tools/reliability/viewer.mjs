// A viewer, through the client package as anybody would, and what it saw.
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fakeText } from "../../packages/worker/dist/testing/fake-applications.js";

export const transports = ["binary", "websocket", "sse"];

/** Reads a whole stream. The fake application's frames say who made them and which they are: device.process.kind.index. */
export async function view(client, job, { transport = "binary", idleMs = 2000, pause = 0, delivery, signal } = {}) {
  const seen = { transport, places: [], hashes: [], authors: [], resets: 0, gaps: [], ends: [], after: 0 };
  Object.assign(seen, { reconnections: 0, longest: 0, wrong: 0, error: undefined });
  let before;
  const options = { transport, idleMs, onReconnect: () => void seen.reconnections++ };
  if (delivery) options.delivery = delivery;
  if (signal) options.signal = signal;
  try {
    for await (const event of client.events(job, options)) {
      if (seen.ends.length > 0) seen.after++;
      if (event.type === "reset") seen.resets++;
      else if (event.type === "gap") seen.gaps.push(`${event.fromSeq}-${event.toSeq} ${event.reason}`);
      else if (event.type === "end") seen.ends.push(`${event.reason} ${event.lastSeq}`);
      else {
        const now = performance.now();
        if (before !== undefined) seen.longest = Math.max(seen.longest, now - before);
        before = now;
        const [, author, , index] = fakeText(event.data)
          .replace(/[^\x20-\x7e].*$/s, "")
          .split(".");
        if (Number(index) !== event.seq - 1) seen.wrong++;
        seen.places.push(`${event.epoch}.${event.seq}`);
        seen.authors.push(author);
        seen.hashes.push(createHash("sha256").update(event.data).digest("base64").slice(0, 16));
        if (pause > 0) await sleep(pause);
      }
    }
  } catch (error) {
    seen.error = error.message;
  }
  return seen;
}

/** Viewers of one job over every transport. */
export const viewAll = (client, job, options = {}) =>
  Promise.all(transports.map((transport) => view(client, job, { ...options, transport })));

/** For reports: the longest time that any of them saw nothing new. */
export const pauses = (seen) =>
  `longest pause ${(Math.max(...seen.map(({ longest }) => longest)) / 1000).toFixed(1)} s`;

/** For reports: how often they connected again, together. */
export const reconnections = (seen) => `${seen.reduce((sum, one) => sum + one.reconnections, 0)} reconnections`;
