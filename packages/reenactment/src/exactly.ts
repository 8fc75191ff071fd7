import { blend, type Denoiser, ddimPlan, denoiser, edict, maskedDenoiser } from "@prosopon/core-diffusion";
import { tensor } from "@prosopon/graph";
import type { EditEvent } from "./edit-event.ts";
import type { EditModel } from "./edit-model.ts";
import type { EditSettings } from "./edit-options.ts";
import type { EditAllOptions } from "./edit-picture.ts";
import { editTimes } from "./edit-times.ts";
import type { Planes } from "./planes.ts";

/** Both ways with coupled latents in float64, so that nothing is lost on the way there and back (see `edict`). */
export async function* exactly(
  { schedule, times, config, network }: EditModel,
  clean: Planes,
  { from, to, mask, signal }: Pick<EditAllOptions, "from" | "to" | "mask" | "signal">,
  settings: EditSettings,
): AsyncGenerator<EditEvent, { readonly noisy: Planes; readonly edited: Planes }, undefined> {
  const { steps, strength, guidance, inversionGuidance = guidance } = settings;
  const call = signal ? { signal } : {};
  const total = 2 * steps;
  const coupled = edict(ddimPlan(schedule, editTimes(steps, strength, times)));
  const wide = async (shape: readonly number[], names: readonly string[], scale: number) => {
    const ask = await network(shape, names, scale);
    return denoiser<Float64Array>(
      async (x, time, options) => Float64Array.from(await ask(Float32Array.from(x), time, options)),
      config.parameterization,
    );
  };
  const planes = (shape: readonly number[], x: Float64Array) => tensor("float32", shape, Float32Array.from(x));
  const { shape } = clean;
  const exact = Float64Array.from(clean.data);
  let pair = { x: exact, y: exact };
  const up = await wide(shape, [from], inversionGuidance);
  for await (const step of coupled.invert(up, pair, call)) {
    pair = step.pair as typeof pair;
    yield {
      event: "inversion",
      index: step.index + 1,
      total,
      time: step.time,
      denoised: planes(shape, step.denoised),
    };
  }
  const noisy = planes(shape, pair.x);
  const all = [to.length, ...shape.slice(1)];
  const many = (x: Float64Array) => Float64Array.from({ length: x.length * to.length }, (_, i) => x[i % x.length]!);
  pair = { x: many(pair.x), y: many(pair.y) };
  const free = await wide(all, to, guidance);
  const down: Denoiser<Float64Array> = mask ? maskedDenoiser(free, mask.data, exact) : free;
  for await (const step of coupled.sample(down, pair, call)) {
    pair = step.pair as typeof pair;
    const index = steps + step.index + 1;
    yield { event: "sampling", index, total, time: step.time, denoised: planes(all, step.denoised) };
  }
  return { noisy, edited: planes(all, mask ? blend(mask.data, pair.x, exact) : pair.x) };
}
