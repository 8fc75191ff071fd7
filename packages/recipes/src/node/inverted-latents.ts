import {
  denoiser,
  exponentialGrid,
  gridPlan,
  type NoiseSchedule,
  reversedPlan,
  solverLevel,
  type UnetConfig,
  unet,
} from "@prosopon/core-diffusion";
import { graph, input, output, type Tensor, tensor } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { planSolver } from "@prosopon/reenactment";
import { programOf, tensorOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { reenactmentConditions } from "../denoiser-step.ts";
import { stopIfCancelled } from "./data/stop-if-cancelled.ts";

export interface InvertedLatentsOptions {
  /** Scaled, [N, C, h, w]. */
  readonly latents: Tensor<"float32">;
  /** The emotion that each shows, by its number. */
  readonly emotions: ArrayLike<number>;
  readonly unet: UnetConfig;
  readonly schedule: NoiseSchedule;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Rising times at which a way to noise is looked at; it goes on to the last. */
  readonly times: readonly number[];
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const batch = 16;
/** λ between two levels: a dozen calls to time 700, as near to the flow as 200 steps of DDIM. */
const stride = 0.45;

/** A way to noise about uniform in λ that stops at each of the times, and after how many steps it does. */
function upThrough(schedule: NoiseSchedule, times: readonly number[]) {
  const lambda = (time: number) => solverLevel(schedule, (time + 1) / schedule.length).lambda;
  const parts = times.map((from, i) => {
    const to = times[i - 1] ?? 0;
    const steps = Math.max(1, Math.round((lambda(to) - lambda(from)) / stride));
    return gridPlan(exponentialGrid(schedule, { from, to, steps }));
  });
  const plan = reversedPlan(parts.toReversed().flat());
  return { plan, reached: parts.map((_, i) => parts.slice(0, i + 1).flat().length) };
}

/**
 * Where deterministic inversion under their own emotion, unguided, brings latents (thesis section 4.4): for each of `times` a tensor of their shape.
 * @throws `cancelled`.
 */
export async function invertedLatents(options: InvertedLatentsOptions): Promise<readonly Tensor<"float32">[]> {
  const { latents, emotions, unet: config, schedule, weights, times, onProgress, signal } = options;
  const [count, ...rest] = latents.shape as [number, ...number[]];
  const size = rest.reduce((a, b) => a * b, 1);
  const shape = [batch, ...rest];
  const g = graph({ name: "step" });
  const place = scope(g);
  const told = reenactmentConditions(config.context_dim ?? 0).encode(place, { batch });
  const x = input(g, "x", "float32", shape);
  const t = input(g, "t", "float32", [batch]);
  const context = told.injected().tokens;
  output(g, "result", unet(place.at("model").at("diffusion_model"), { x, t, context }, config));
  await using host = await createHost({ kind: "in-process" });
  const session = await host.load(programOf(g, Object.fromEntries(weights)));
  const { plan, reached } = upThrough(schedule, times);
  const found = times.map(() => tensor("float32", [...latents.shape]));
  for (let from = 0; from < count; from += batch) {
    stopIfCancelled(signal, "Inverting");
    const rows = Math.min(batch, count - from);
    const labels = tensor(
      "int64",
      [batch],
      Array.from({ length: batch }, (_, i) => emotions[Math.min(from + i, count - 1)]!),
    );
    const denoise = denoiser(async (noisy: Float32Array, time) => {
      const outputs = await session.run({
        x: tensor("float32", shape, noisy),
        t: tensor("float32", [batch], new Float32Array(batch).fill(time)),
        "emotion/label": labels,
      });
      return tensorOf(outputs, "result").data as Float32Array;
    }, "v");
    const start = new Float32Array(batch * size);
    start.set(latents.data.subarray(from * size, (from + rows) * size));
    for await (const { index, noisy } of planSolver(plan, { lowerOrderFinal: false }).sample(denoise, start)) {
      const nth = reached.indexOf(index + 1);
      if (nth >= 0) found[nth]!.data.set(noisy.subarray(0, rows * size), from * size);
    }
    onProgress?.(from + rows, count);
  }
  return found;
}
