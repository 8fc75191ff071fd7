import { unet, unetConfig } from "@prosopon/core-diffusion";
import type { Tensor, Value } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { describe, expect, test } from "vitest";
import { averaged, expectClose, type Fixture, lazily, maximalError } from "./fixture.ts";
import { runGraph } from "./run-graph.ts";

/** The U-Net against recorded predictions and activations. */
export function unetCases(model: string, open: () => Fixture): void {
  const fixture = lazily(open);

  async function predict(feeds: Record<string, Tensor>, weights: ReadonlyMap<string, Tensor>, attend = false) {
    return runGraph(feeds, weights, (g, { x, t, context }) => {
      const outputs: Record<string, Value> = {};
      const place = scope(g, "model.diffusion_model");
      outputs["eps"] = unet(place, { x: x!, t: t!, context }, unetConfig(fixture().config.unet), {
        singleToken: attend ? "attend" : "constant",
        trace: (name, value) => {
          outputs[`act.${name}`] = value;
        },
      });
      return outputs;
    });
  }

  describe.each(["unet-1", "unet-2", "unet-multitoken", "unet-otherhw"])(`${model} %s`, (name) => {
    const recorded = () => fixture().case(name);
    test("live weights and activations", async () => {
      const found = await predict(recorded().in, fixture().weights);
      for (const key of Object.keys(recorded().out))
        if (key !== "eps_ema")
          expectClose(`${name} ${key}`, found[key]!, recorded().out[key]!, recorded().tolerance(key));
    });
    test("averaged weights, and live ones are no substitute", async () => {
      const { eps } = await predict(recorded().in, averaged(fixture().weights));
      const expected = recorded().out["eps_ema"]!;
      const tolerance = recorded().tolerance("eps_ema");
      expectClose(`${name} eps_ema`, eps!, expected, tolerance);
      const live = await predict(recorded().in, fixture().weights);
      expect(maximalError(live["eps"]!.data, expected.data)).toBeGreaterThan(tolerance);
    });
  });

  test(`${model}: one context token: the shortcut equals attention over it`, async () => {
    const recorded = fixture().case("unet-1");
    const short = await predict(recorded.in, fixture().weights);
    const full = await predict(recorded.in, fixture().weights, true);
    expect(maximalError(short["eps"]!.data, full["eps"]!.data)).toBeLessThan(1e-5);
  });
}
