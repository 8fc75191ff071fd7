import { conditions, emotion } from "@prosopon/conditioning";
import {
  ancestralStep,
  boundWeights,
  combine,
  diffuse,
  linearSchedule,
  posteriorAt,
  readingOf,
  scheduleBuffers,
  unet,
  unetConfig,
} from "@prosopon/core-diffusion";
import { sizeOf, type Tensor } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { expect, test } from "vitest";
import { averaged, expectClose, type Fixture, lazily } from "./fixture.ts";
import { runGraph } from "./run-graph.ts";

const schedule = linearSchedule();

/** Buffers, forward process, posterior, one ancestral step, and the class embeddings. */
export function scheduleCases(model: string, open: () => Fixture): void {
  const fixture = lazily(open);
  const face = () =>
    conditions(
      { emotion: emotion({ count: 8, size: fixture().config.class_embed_dim }) },
      { places: { emotion: "cond_stage_model" } },
    );

  test(`${model} classes: embeddings and their absence`, async () => {
    const { in: given, out, tolerance } = fixture().case("classes");
    const feeds = await face().feeds({ emotion: [...(given["labels"]!.data as BigInt64Array)].map(Number) });
    const found = await runGraph(
      {},
      fixture().weights,
      (g) => {
        const encoded = face().encode(scope(g), { batch: 8 });
        return { embedding: encoded.injected().tokens!, null: encoded.injected(["emotion"]).tokens! };
      },
      feeds,
    );
    for (const key of ["embedding", "null"])
      expectClose(`${model} classes ${key}`, found[key]!, out[key]!, tolerance(key));
  });

  test(`${model} ddpm: buffers, forward process, posterior and one ancestral step`, async () => {
    const { in: given, out, tolerance } = fixture().case("ddpm");
    const buffers = Object.entries({ ...scheduleBuffers(schedule), lvlb_weights: boundWeights(schedule) });
    for (const [name, values] of buffers.filter(([name]) => out[`buffer.${name}`]))
      expectClose(`buffer ${name}`, values, out[`buffer.${name}`]!, tolerance(`buffer.${name}`));
    const stored = [...fixture().weights].filter(([name]) => buffers.some(([buffer]) => buffer === name));
    expect(stored).toHaveLength(12);
    for (const [name, value] of stored) {
      const expected = value.data as Float32Array;
      const most = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      expectClose(name, buffers.find(([buffer]) => buffer === name)![1], expected, 1e-6 * most);
    }

    const t = [...(given["t"]!.data as BigInt64Array)].map(Number);
    const size = sizeOf(given["x0"]!.shape) / t.length;
    const rows = (x: Tensor) => t.map((_, i) => x.data.slice(i * size, (i + 1) * size) as Float32Array);
    const [x0, noise, fresh] = [rows(given["x0"]!), rows(given["noise"]!), rows(given["step_noise"]!)];
    const { eps } = await runGraph(
      { x: given["x0"]!, t: given["t"]! },
      averaged(fixture().weights),
      (g, { x, t }) => {
        const { code } = face().encode(scope(g), { batch: x!.shape[0]! }).conditions.emotion;
        const place = scope(g, "model.diffusion_model");
        return { eps: unet(place, { x: x!, t: t!, context: code }, unetConfig(fixture().config.unet)) };
      },
      { "emotion/label": given["labels"]! },
    );
    const predicted = rows(eps!);
    const clean = (i: number, output: Float32Array) => {
      const { denoised } = readingOf("epsilon", schedule[t[i]!]!);
      return combine([denoised.noisy, x0[i]!], [denoised.output, output]);
    };
    const mean = (i: number) => {
      const { first, second } = posteriorAt(schedule, t[i]!);
      return combine([first, x0[i]!], [second, noise[i]!]);
    };
    const all = (f: (i: number) => Float32Array) => Float32Array.from(t.flatMap((_, i) => [...f(i)]));
    const found: Record<string, ArrayLike<number>> = {
      q_sample: all((i) => diffuse(x0[i]!, noise[i]!, schedule[t[i]!]!)),
      x0_from_eps: all((i) => clean(i, noise[i]!)),
      posterior_mean: all(mean),
      posterior_log_variance: t.map((time) => Math.log(Math.max(posteriorAt(schedule, time).variance, 1e-20))),
      p_sample: all((i) => ancestralStep(schedule, t[i]!, x0[i]!, clean(i, predicted[i]!), fresh[i]!)),
    };
    for (const key of Object.keys(found)) expectClose(`${model} ddpm ${key}`, found[key]!, out[key]!, tolerance(key));
  });
}
