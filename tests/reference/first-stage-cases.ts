import { gradients, mul, reduceMean, type Value } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { decode, discriminator, encode, encoder, quantize, vqganConfig, vqganLosses } from "@prosopon/vqgan";
import { expect, test } from "vitest";
import { expectClose, type Fixture, lazily, maximalError } from "./fixture.ts";
import { runGraph } from "./run-graph.ts";

/** The first stage against recorded pictures, codes, losses and gradients. */
export function firstStageCases(model: string, open: () => Fixture): void {
  const fixture = lazily(open);

  test(`${model} vq: encode, quantise, decode with and without the codebook`, async () => {
    const config = vqganConfig(fixture().config.first_stage);
    const { in: given, out, tolerance } = fixture().case("vq");
    const found = await runGraph(given, fixture().weights, (g, { image }) => {
      const place = scope(g, "first_stage_model");
      const h = encode(place, image!, config);
      const { codes, indices, loss } = quantize(place.at("quantize"), h, config);
      return {
        encoder_out: encoder(place.at("encoder"), image!, config),
        h,
        indices,
        zq: codes,
        vq_loss: loss,
        decode: decode(place, h, config),
        decode_noquant: decode(place, h, config, { quantize: false }),
      };
    });
    for (const key of Object.keys(found)) expectClose(`vq ${key}`, found[key]!, out[key]!, tolerance(key));
    expect(maximalError(found["decode"]!.data, out["decode_noquant"]!.data)).toBeGreaterThan(0.01);
  });

  test(`${model} vqtrain: losses, adaptive weight, gradients and buffers of one step`, async () => {
    const config = vqganConfig(fixture().config.first_stage);
    const { in: given, out, params, tolerance } = fixture().case("vqtrain");
    const weights = fixture().firstStageWeights();
    const judge = { channels: params["disc_ndf"] as number, layers: params["disc_num_layers"] as number };
    const named = Object.keys(out).flatMap((key) => (key.startsWith("grad.") ? [key.slice("grad.".length)] : []));
    const found = await runGraph(given, weights, (g, { image, probe }) => {
      const place = scope(g);
      const options = { discriminator: judge, discriminatorWeight: params["disc_weight"] as number };
      const made = vqganLosses(place, image!, config, options);
      const { losses, parts, updates, latent } = made;
      const parameter = (name: string) => g.parameters.find((p) => p.name === name)!;
      const again = quantize(place.at("quantize"), latent, config);
      const [hLoss, codebookLoss] = gradients(again.loss, [latent, parameter("quantize.embedding.weight")]);
      const [straight] = gradients(mul(again.codes, probe!), [latent]);
      const adversary = place.at("loss").at("discriminator");
      const trial = (x: Value) => discriminator(adversary, x, judge, { updates: new Map() });
      const outputs: Record<string, Value> = {
        xrec: made.reconstruction,
        h: latent,
        qloss: again.loss,
        "grad_h.qloss": hLoss!,
        "grad_codebook.qloss": codebookLoss!,
        "grad_h.straight_through": straight!,
        aeloss: losses.generator,
        discloss: losses.discriminator!,
        quant_loss: parts.codebook,
        nll_loss: parts.negativeLogLikelihood,
        rec_loss: parts.reconstruction,
        g_loss: parts.adversarial!,
        d_weight: parts.adaptiveWeight!,
        logits_fake_first: trial(made.reconstruction),
        logits_fake_mean: reduceMean(trial(made.reconstruction)),
        logits_real_mean: reduceMean(trial(image!)),
        logits_eval: discriminator(adversary, image!, judge),
        aeloss_before_start: vqganLosses(place, image!, config, { ...options, discriminatorFactor: 0 }).losses
          .generator,
      };
      for (const name of named) {
        const loss = made.parameters.discriminator(name) ? losses.discriminator! : losses.generator;
        expect(made.parameters.generator(name)).toBe(loss === losses.generator);
        outputs[`grad.${name}`] = gradients(loss, [parameter(name)])[0]!;
      }
      for (const [name, value] of updates) outputs[`after.${name}`] = value;
      return outputs;
    });
    const keys = Object.keys(out).filter((key) => key !== "disc_factor");
    expect(keys.length).toBeGreaterThan(30);
    for (const key of keys) expectClose(`vqtrain ${key}`, found[key]!, out[key]!, tolerance(key));
  });
}
