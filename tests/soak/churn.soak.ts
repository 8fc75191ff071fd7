import { existsSync, readdirSync, readFileSync } from "node:fs";
import { relu, tensor } from "@prosopon/graph";
import { adamW, constantRate, linear, meanSquaredError } from "@prosopon/nn";
import { gaussians, uniforms } from "@prosopon/random";
import { createEditor, finish } from "@prosopon/reenactment";
import { microModel } from "@prosopon/reenactment/testing";
import { createHost } from "@prosopon/runtime/node";
import { hostConformance } from "@prosopon/runtime/testing";
import { compileStep, createTrainer, initialState } from "@prosopon/training";
import { expect, test } from "vitest";
import { memoryGrowth } from "../../tools/reliability/memory-growth.mjs";

// PROSOPON_SOAK_MINUTES says for how long; a short run tries the code only.
const minutes = Number(process.env["PROSOPON_SOAK_MINUTES"] ?? 30);
const mega = 2 ** 20;
/** Allocators move by this much without any leak. */
const allowed = 32 * mega;
const linux = existsSync("/proc/self/status");

const resident = (processId: number | "self"): number =>
  1024 * Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${processId}/status`, "utf8"))![1]);
const openFiles = (processId: number | "self"): number => readdirSync(`/proc/${processId}/fd`).length;

const step = (width: number, accumulate: number) =>
  compileStep({
    name: `churn-${width}`,
    inputs: { x: { shape: [8, 3] }, y: { shape: [8, 2] } },
    build: ({ scope, inputs }) => ({
      losses: {
        error: meanSquaredError(
          linear(scope.at(1), relu(linear(scope.at(0), inputs.x, { outputs: width })), { outputs: 2 }),
          inputs.y,
        ),
      },
    }),
    losses: { error: { parameters: () => true, optimizer: adamW(), learningRate: constantRate(1e-3), clip: 1 } },
    average: {},
    accumulate,
  });

test.skipIf(!linux)(
  `editing, training and opening sessions for ${minutes} minutes leaves memory flat${linux ? "" : " (skipped: it reads /proc)"}`,
  async () => {
    expect(minutes).toBeGreaterThan(0);
    await using edits = await createHost({ threads: 1 });
    await using trains = await createHost({ threads: 1, memoryPattern: false });
    await using opens = await createHost({ threads: 1, modelCacheSize: 3 });
    const hosts = { edits, trains, opens };
    const processes: Record<string, number | "self"> = { parent: "self" };
    for (const [name, host] of Object.entries(hosts)) processes[name] = (await host.ping()).processId;

    const image = tensor(
      "float32",
      [1, 3, 16, 16],
      uniforms(5, "image", 0, 768).map((v) => 2 * v - 1),
    );
    const [x, y] = [
      tensor("float32", [24, 3], gaussians(1, "x", 0, 72)),
      tensor("float32", [24, 2], gaussians(1, "y", 0, 48)),
    ];
    const programs = [step(8, 3), step(64, 3)];
    const cases = hostConformance();
    const emotions = ["happy", "sad", "angry"] as const;
    const round = async (i: number): Promise<void> => {
      {
        await using editor = await createEditor({ host: edits, ...microModel({ scaleFactor: i % 2 ? 0.7 : 1 }) });
        const request = { image, from: "neutral", to: emotions[i % 3]!, steps: 4, guidance: 2, seed: i } as const;
        await finish(editor.edit(request));
        const stopped = editor.edit(request);
        await stopped.next();
        await stopped.return(undefined as never);
      }
      {
        const program = programs[i % 2]!;
        await using trainer = await createTrainer({ host: trains, program, state: initialState(program, { seed: i }) });
        for (let n = 0; n < 5; n++) await trainer.run({ x, y });
        await trainer.evaluate({ x, y }, { averages: true });
        await trainer.state();
      }
      await cases[i % cases.length]!.check(opens);
      if (i % 20 === 0) {
        await using passing = await createHost({ threads: 1 });
        await passing.ping();
      }
    };

    const samples = Object.fromEntries(Object.keys(processes).map((name) => [name, [] as number[]]));
    const end = Date.now() + minutes * 60_000;
    /** About a hundred samples, whatever the length. */
    const pause = (minutes * 60_000) / 100;
    let next = Date.now();
    let files: Record<string, number> = {};
    let rounds = 0;
    for (; Date.now() < end || rounds < 10; rounds++) {
      await round(rounds);
      if (rounds === 5)
        files = Object.fromEntries(Object.entries(processes).map(([name, id]) => [name, openFiles(id)]));
      if (Date.now() < next) continue;
      next = Date.now() + pause;
      for (const [name, id] of Object.entries(processes)) samples[name]!.push(resident(id));
    }

    // Nobody died on the way: the same children answer.
    for (const [name, host] of Object.entries(hosts)) expect((await host.ping()).processId).toBe(processes[name]);
    const growth = Object.entries(samples).map(([name, bytes]) => [name, memoryGrowth(bytes)] as const);
    console.log(
      [
        `${rounds} rounds in ${minutes} minutes`,
        ...growth.map(
          ([name, more]) =>
            `${name} ${(samples[name]!.at(-1)! / mega).toFixed(0)} MiB, grown by ${(more / mega).toFixed(1)}`,
        ),
      ].join("; "),
    );
    for (const [name, more] of growth) expect(more, `${name} grew`).toBeLessThan(allowed);
    for (const [name, id] of Object.entries(processes))
      expect(openFiles(id), `open files of ${name}`).toBeLessThanOrEqual(files[name]! + 3);
  },
  minutes * 60_000 + 600_000,
);
