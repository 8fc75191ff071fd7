// Child process: edits a picture with our editor. Answers { steps, sampler } with the seconds, the first numbers of both latents and the peak.
import { createInterface } from "node:readline";
import { createEditor } from "@prosopon/reenactment";
import { createHost } from "@prosopon/runtime/node";
import { openWeights } from "@prosopon/weights/node";
import { forgetPeak, peakBytes, residentBytes } from "./peak-memory.mjs";

const job = JSON.parse(process.argv[2]);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const host = await createHost({ kind: "in-process", device: job.device, threads: job.threads });
const libraryBytes = residentBytes();
const file = await openWeights(job.file);
const image = await file.read("image");
/** The byte ranges of the file under a prefix, which the runtime maps. */
const under = (prefix) =>
  Object.fromEntries(
    file.names.filter((name) => name.startsWith(prefix)).map((name) => [name.slice(prefix.length), file.info(name)]),
  );
const editor = await createEditor({
  host,
  firstStage: { config: job.firstStage, parameters: under("first/") },
  denoiser: { config: job.denoiser, parameters: under("denoiser/") },
});
say({ libraryBytes });

const [from, to] = job.denoiser.emotions;
for await (const line of createInterface({ input: process.stdin })) {
  const { steps, sampler = "ddim", forget = false } = JSON.parse(line);
  const start = performance.now();
  const run = editor.edit({ image, from, to, steps, sampler, strength: 500, guidance: job.guidance });
  let step = await run.next();
  while (!step.done) step = await run.next();
  const seconds = (performance.now() - start) / 1000;
  const { noisy, edited } = step.value.latents;
  say({ seconds, noisy: [...noisy.data.slice(0, 64)], edited: [...edited.data.slice(0, 64)], peakBytes: peakBytes() });
  if (forget) forgetPeak();
}
process.exit(0);
