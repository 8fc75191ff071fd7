// Child process: trains a U-Net with our engine. Answers { steps } with the milliseconds and the loss of each, and `cpu`: milliseconds of processor time a step.
import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createHost } from "@prosopon/runtime/node";
import { compileStep, createTrainer, initialState } from "@prosopon/training";
import { openWeights } from "@prosopon/weights/node";
import { forgetPeak, peakBytes, residentBytes } from "./peak-memory.mjs";
import { diffusionStep } from "./step-definition.mjs";

const job = JSON.parse(process.argv[2]);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const host = await createHost({
  kind: "in-process",
  device: job.device,
  threads: job.threads,
  memoryPattern: false,
  arena: false,
});
const libraryBytes = residentBytes();

async function open() {
  const program = compileStep(diffusionStep(job));
  const weights = new Map();
  const feeds = {};
  const file = await openWeights(job.file);
  for (const name of file.names) {
    const value = await file.read(name);
    if (name.startsWith("batch/")) feeds[name.slice("batch/".length)] = value;
    else weights.set(name, value);
  }
  await file[Symbol.asyncDispose]();
  const missing = program.parameters.filter(({ name }) => !weights.has(name));
  if (missing.length > 0) throw new Error(`The exchanged file lacks ${missing.map(({ name }) => name).join(", ")}.`);
  const state = initialState(program, { seed: 0, weights });
  return { program, feeds, trainer: await createTrainer({ host, program, state }) };
}

const { program, feeds, trainer } = await open();
// What loading left behind, up to three times the weights, would stay until the engine happens to collect it, and is none of a step's.
setFlagsFromString("--expose-gc");
runInNewContext("gc")();
say({
  parameters: program.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
  tensors: program.parameters.length,
  nodes: program.nodes,
  libraryBytes,
});

for await (const line of createInterface({ input: process.stdin })) {
  const { steps, forget = false } = JSON.parse(line);
  const ms = [];
  const losses = [];
  const before = process.cpuUsage();
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    const result = await trainer.run(feeds);
    ms.push(performance.now() - start);
    losses.push(result.losses.diffusion);
  }
  const { user, system } = process.cpuUsage(before);
  say({ ms, cpu: (user + system) / 1000 / steps, losses, peakBytes: peakBytes() });
  if (forget) forgetPeak();
}
process.exit(0);
