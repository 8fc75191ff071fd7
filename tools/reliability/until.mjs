import { setTimeout as sleep } from "node:timers/promises";

/** Waits until `check` gives something true, and gives that. @throws after `milliseconds`. */
export async function until(what, check, milliseconds = 60_000) {
  const late = performance.now() + milliseconds;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (performance.now() > late) throw new Error(`waited ${milliseconds / 1000} s in vain until ${what}`);
    await sleep(20);
  }
}
