// npm run bench -- [--device cpu|webgpu|cuda] [--only NAME,...] [--json] [--out FILE] [--rounds N] [--steps N] [--threads N] [--quick]
// Method and how to read the numbers: docs/benchmarks.md.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeFileAtomic } from "@prosopon/media/node";
import { createHost } from "@prosopon/runtime/node";
import { defaultModels } from "./bench/default-models.mjs";
import { edit } from "./bench/edit.mjs";
import { findPeer } from "./bench/find-peer.mjs";
import { fullEdit } from "./bench/full-edit.mjs";
import { openGemm } from "./bench/gemm.mjs";
import { int8 } from "./bench/int8.mjs";
import { largeUnet } from "./bench/large-unet.mjs";
import { metrics } from "./bench/metrics.mjs";
import { noise } from "./bench/noise.mjs";
import { printTable, short } from "./bench/print-table.mjs";
import { renderer } from "./bench/renderer.mjs";
import { median } from "./bench/statistics.mjs";
import { talk } from "./bench/talk.mjs";
import { talkThesis } from "./bench/talk-thesis.mjs";
import { together } from "./bench/together.mjs";
import { trainLarge, trainMiddle, trainSmall } from "./bench/training-step.mjs";
import { trainingTable, workTable } from "./bench/work-table.mjs";

const all = [
  largeUnet,
  trainSmall,
  trainMiddle,
  trainLarge,
  defaultModels,
  edit,
  fullEdit,
  int8,
  talk,
  talkThesis,
  together,
  metrics,
  renderer,
  noise,
];
const { values } = parseArgs({
  options: {
    device: { type: "string", default: "cpu" },
    only: { type: "string" },
    out: { type: "string" },
    rounds: { type: "string" },
    steps: { type: "string" },
    threads: { type: "string" },
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

const usage = `npm run bench -- [options]
  --device cpu|webgpu|cuda  where to compute (default cpu)
  --only NAME,...           some of: ${all.map(({ name }) => name).join(", ")}
  --out FILE                where the JSON goes (default runs/bench/DEVICE.json)
  --json                    the JSON on standard output instead of tables
  --rounds N                turns of every contender (default 7)
  --steps N                 repetitions within a turn (default 3)
  --threads N               threads of both sides (default 2, or 1 on a machine of one)
  --quick                   tiny networks: tries the benchmark, measures nothing
PROSOPON_PEER_PYTHON names the Python whose PyTorch is the peer (default python3).`;
if (values.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}

function positive(name, fallback) {
  const value = Number(values[name] ?? fallback);
  if (!Number.isInteger(value) || value < 1) stop(`--${name} must be a positive whole number, not ${values[name]}.`);
  return value;
}

const { device, quick } = values;
if (!["cpu", "webgpu", "cuda"].includes(device)) stop(`--device must be cpu, webgpu or cuda, not ${device}.`);
const names = values.only?.split(",") ?? all.map(({ name }) => name);
for (const name of names)
  if (!all.some((one) => one.name === name)) stop(`There is no benchmark ${name}; ${usage.split("\n")[2].trim()}`);
const benchmarks = all.filter(({ name }) => names.includes(name));
const rounds = positive("rounds", quick ? 2 : 7);
const steps = positive("steps", quick ? 1 : 3);
const threads = positive("threads", Math.min(2, availableParallelism()));
const gemmSize = quick ? 256 : 2048;

const say = (text = "") => (values.json ? process.stderr : process.stdout).write(`${text}\n`);
const log = (text) => process.stderr.write(`${text}\n`);
const mega = (value) => short(value / 1e6);
const giga = (value) => short(value / 1e9);

const root = fileURLToPath(new URL("..", import.meta.url));
const out = values.out ?? join(root, "runs", "bench", `${device}${quick ? "-quick" : ""}.json`);
const folder = await mkdtemp(join(tmpdir(), "prosopon-bench-"));
await mkdir(dirname(out), { recursive: true });
const host = await createHost({ kind: "in-process", device, threads }).catch((error) => stop(error.message));

try {
  const peer = await findPeer(process.env.PROSOPON_PEER_PYTHON ?? "python3");
  const machine = {
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memory: totalmem(),
    system: `${process.platform} ${release()}`,
    node: process.version,
    load: loadavg()[0],
  };
  const options = { device, threads, rounds, steps, quick, gemmSize, folder, host, peer, log };

  say(`${machine.processor}, ${machine.cores} cores; ${device}, ${threads} threads; Node ${machine.node}`);
  say(peer.absent ? `PyTorch: absent, ${peer.absent}.` : `PyTorch: ${peer.version}.`);
  if (quick) say("--quick: tiny networks. These are no measurements.");
  if (machine.load > 0.5)
    say(`The machine is not idle (load ${short(machine.load)}): trust ratios only, and those little.`);

  const gemm = await openGemm(host, gemmSize);
  const rate = (gemm.flops / median(await gemm.turn(3))) * 1e3;
  await gemm[Symbol.asyncDispose]();
  const work = await workTable(benchmarks, options, rate);
  const recipes = trainingTable(rate);
  say(`\n${gemmSize}^3 Gemm just now: ${giga(rate)} GFLOP/s. What lies ahead:\n`);
  say(
    printTable([
      ["benchmark", "what", "parameters (M)", "forward GFLOP", "one run GFLOP", "runs", "seconds"],
      ...work.rows.map((row) => [
        row.name,
        row.what,
        mega(row.parameters),
        giga(row.forward),
        giga(row.run),
        row.runs,
        short(row.seconds),
      ]),
    ]),
  );
  say(`\nThese benchmarks: about ${short(work.seconds / 60)} minutes (${short(work.seconds / 3600)} hours).\n`);
  say(
    printTable([
      ["recipe with its defaults", "steps", "batch", "forward GFLOP", "all PFLOP", "hours"],
      ...recipes.map((row) => [
        row.name,
        row.steps,
        row.batch,
        giga(row.forward),
        short(row.flops / 1e15),
        short(row.hours),
      ]),
    ]),
  );

  const results = [];
  for (const benchmark of benchmarks) {
    log(`\n${benchmark.name}: ${benchmark.description}`);
    const { name, description } = benchmark;
    const result = await benchmark.run(options).catch((error) => ({ failed: error.message }));
    results.push({ name, description, ...result });
    if (result.failed || result.skipped) {
      say(`\n${name}: ${result.failed ? `failed: ${result.failed}` : `skipped: ${result.skipped}`}`);
      continue;
    }
    say(`\n${name}`);
    const rated = result.measurements.some(({ rate }) => rate !== undefined);
    say(
      printTable([
        ["", "unit", "min", "median", "max", ...(rated ? ["GFLOP/s"] : [])],
        ...result.measurements.map((row) => [
          row.label,
          row.unit,
          ...[row.min, row.median, row.max].map(short),
          ...(rated ? [row.rate === undefined ? "" : short(row.rate)] : []),
        ]),
      ]),
    );
    for (const { label, value, atLeast, atMost } of result.ratios) {
      const aim = atLeast !== undefined ? ` (aim >= ${atLeast})` : atMost !== undefined ? ` (aim <= ${atMost})` : "";
      say(`  ${label}: ${value.toFixed(3)}${aim}`);
    }
    for (const note of result.notes) say(`  ${note}`);
  }

  const report = {
    specification: "benchmarks/v1",
    quick,
    device,
    threads,
    rounds,
    steps,
    machine,
    peer,
    gemmRate: rate,
    work: work.rows,
    recipes,
    results,
  };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  await writeFileAtomic(out, new TextEncoder().encode(text));
  log(`\nWritten: ${out}`);
  if (values.json) process.stdout.write(text);
  if (results.some(({ failed }) => failed)) process.exitCode = 1;
} finally {
  await host[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}
