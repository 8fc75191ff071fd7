import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { drawnPerson, markedPicture } from "@prosopon/applications";
import { render } from "@prosopon/corpus/node";
import { readWav, writeWav } from "@prosopon/media";
import { median, summary } from "./statistics.mjs";

const command = fileURLToPath(new URL("../../apps/cli/bin/prosopon.mjs", import.meta.url));
const speech = fileURLToPath(new URL("../../apps/cli/assets/cold-hearted.wav", import.meta.url));
const stages = ["load", "audio", "denoise", "decode", "encode", "mux"];

/** The recording again and again, to a length. */
async function repeated(seconds) {
  const { sampleRate, channels } = readWav(await readFile(speech));
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  for (let i = 0; i < samples.length; i++) samples[i] = channels[0][i % channels[0].length];
  return writeWav({ sampleRate, channels: [samples] });
}

/** A whole `prosopon talk`, from the start of the process to the closed film, stage by stage. */
export const talk = {
  name: "talk",
  description: "a portrait speaks: 60 s of speech to a closed film",
  async run({ folder, quick, rounds, device }) {
    const seconds = quick ? 2 : 60;
    const [portrait, sound] = [join(folder, "portrait.png"), join(folder, "speech.wav")];
    const mark = { kind: "algorithmicMedia", software: "Prosopon", note: "aligned portrait" };
    await writeFile(portrait, await markedPicture(render(drawnPerson(7)).image, "image/png", mark));
    await writeFile(sound, await repeated(seconds));
    const rates = [];
    const first = [];
    const times = new Map(stages.map((stage) => [stage, []]));
    for (let round = 0; round < Math.min(rounds, 3); round++) {
      const arguments_ = ["talk", portrait, sound, "-o", join(folder, "talk.mp4"), "--device", device, "--json"];
      const { stdout } = await promisify(execFile)(process.execPath, [command, ...arguments_]);
      const result = JSON.parse(stdout);
      rates.push(result.generatedFramesPerSecond);
      first.push(result.firstFrameMs);
      for (const stage of stages) times.get(stage).push(result.stages[stage] / (stage === "load" ? 1 : result.frames));
    }
    return {
      measurements: [
        { label: "frames, process start to file closed, without loading", unit: "1/s", ...summary(rates) },
        { label: "first frame after loading", unit: "ms", ...summary(first) },
        ...stages.map((stage) => ({
          label: stage === "load" ? "load" : `${stage}, a frame`,
          unit: "ms",
          ...summary(times.get(stage)),
        })),
      ],
      ratios: [{ label: "against real time (25 frames a second)", value: median(rates) / 25, atLeast: 1 }],
      notes: [
        `${seconds} s of speech. Denoising and decoding run beside each other in two processes, a thread each; encoding in a third.`,
      ],
    };
  },
};
