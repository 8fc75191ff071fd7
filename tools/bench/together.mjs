import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { drawnPerson, openTalkingFace, portraitFrames } from "@prosopon/applications";
import { render } from "@prosopon/corpus/node";
import { readWav } from "@prosopon/media";
import { interleave } from "./interleave.mjs";
import { pairedRatio, summary } from "./statistics.mjs";

const models = fileURLToPath(new URL("../../models/", import.meta.url));
const recording = fileURLToPath(new URL("../../apps/cli/assets/cold-hearted.wav", import.meta.url));
const signal = new AbortController().signal;
const emotions = ["happy", "sad", "angry", "neutral"];

/** Speech that arrives a tenth of a second at a time, so that it is there before it is wanted. */
async function* speech(samples) {
  for (let at = 0; at < samples.length; at += 1600) yield samples.subarray(at, at + 1600);
}

async function speak(opened, samples, which) {
  const { image: portrait } = render(drawnPerson(which + 1));
  const frames = [];
  const run = portraitFrames(
    opened,
    { portrait, speech: speech(samples), emotion: emotions[which], seed: which, motion: 1 },
    { signal },
  );
  for await (const frame of run) frames.push(frame.pixels);
  return frames;
}

/** Several portraits speak at the same time on one device: whether sharing calls of the network makes more frames. */
export const together = {
  name: "together",
  description: "2 to 4 portraits speak at the same time: shared calls of the network against calls of their own",
  async run({ quick, rounds, device }) {
    const seconds = quick ? 0.5 : 1;
    const { channels } = readWav(await readFile(recording));
    const samples = channels[0].slice(0, 16_000 * seconds);
    const measurements = [];
    const ratios = [];
    const notes = [];
    for (const count of quick ? [2] : [2, 3, 4]) {
      const made = {};
      const shared = await openTalkingFace({ folders: [models], device, together: count, signal });
      const own = await openTalkingFace({ folders: [models], device, together: 1, signal });
      const contender = (name, opened) => async () => {
        const begun = performance.now();
        const each = await Promise.all(Array.from({ length: count }, (_, which) => speak(opened, samples, which)));
        made[name] = each;
        return [performance.now() - begun];
      };
      const contenders = { shared: contender("shared", shared), own: contender("own", own) };
      // Once without counting: sessions open.
      for (const warm of Object.values(contenders)) await warm();
      const turns = await interleave(contenders, { rounds: Math.min(rounds, 5) });
      const frames = made.own.reduce((sum, one) => sum + one.length, 0);
      for (const name of ["own", "shared"])
        measurements.push({
          label: `${count} portraits, ${name} calls`,
          unit: "1/s",
          ...summary(turns[name].flat().map((milliseconds) => (1000 * frames) / milliseconds)),
        });
      ratios.push({
        label: `${count} portraits: frames with shared calls over those with own`,
        value: pairedRatio(turns.own, turns.shared),
      });
      const pixels = made.own.flatMap((one, which) => one.map((frame, at) => [frame, made.shared[which][at]]));
      let [differ, most, all] = [0, 0, 0];
      for (const [a, b] of pixels)
        for (let i = 0; i < a.length; i++, all++) {
          const far = Math.abs(a[i] - b[i]);
          if (far > 0) differ++;
          most = Math.max(most, far);
        }
      notes.push(`${count} portraits: ${differ} of ${all} bytes of the pictures differ, by ${most} of 255 at most.`);
      await shared[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    }
    return { measurements, ratios, notes };
  },
};
