import { ProsoponError } from "@prosopon/errors";
import {
  add,
  constant,
  expand,
  type Graph,
  input,
  mul,
  reshape,
  slice,
  type Tensor,
  tensor,
  type Value,
} from "@prosopon/graph";
import type { DdimPlan } from "./ddim-plan.ts";
import { type Parameterisation, readingOf } from "./denoiser.ts";

/** A plan as numbers: a DDIM step is x ← c₀·x + c₁·output + c₂·n. */
export interface PlanValues {
  /** float32 [k]. */
  readonly times: Value;
  /** float32 [k, 3]. */
  readonly coefficients: Value;
}

export interface FusedPhase {
  /** Steps that are built into the graph, or `planInputs` so that one graph serves every grid and strength of k steps. */
  readonly plan: DdimPlan | PlanValues;
  /** The network's output for noisy [B, C, h, w] at time [B] (float32), conditions and guidance included (see `guided`). */
  readonly predict: (noisy: Value, time: Value) => Value;
  /** What the network predicts; default "epsilon". With `PlanValues` it must be that of `planTensors`. */
  readonly parameterisation?: Parameterisation;
  /** Fresh noise [k, B, C, h, w] for plans with σ > 0. */
  readonly noise?: Value;
}

export interface FusedSamplerOptions {
  /** From the last latent to whatever is wanted, such as an image. */
  readonly decode?: (graph: Graph, latent: Value) => Value;
}

export interface FusedSample {
  /** After the last step of the last phase. */
  readonly latent: Value;
  /** For each phase the latents after each of its steps. */
  readonly states: readonly (readonly Value[])[];
  readonly decoded?: Value;
}

/** The numbers behind `PlanValues`: times [k] and coefficients [k, 3], computed in float64. */
export function planTensors(
  plan: DdimPlan,
  parameterisation: Parameterisation = "epsilon",
): { readonly times: Tensor<"float32">; readonly coefficients: Tensor<"float32"> } {
  const rows = plan.map(({ from, to, sigma }) => {
    const { denoised, noise } = readingOf(parameterisation, from);
    const [a, b] = [Math.sqrt(to), Math.sqrt(Math.max(0, 1 - to - sigma ** 2))];
    return [a * denoised.noisy + b * noise.noisy, a * denoised.output + b * noise.output, sigma];
  });
  return {
    times: tensor(
      "float32",
      [plan.length],
      plan.map((step) => step.time),
    ),
    coefficients: tensor("float32", [plan.length, 3], rows.flat()),
  };
}

/** Declares `name/times` [k] and `name/coefficients` [k, 3] as inputs; feed them what `planTensors` gives. */
export const planInputs = (graph: Graph, name: string, steps: number): PlanValues => ({
  times: input(graph, `${name}/times`, "float32", [steps]),
  coefficients: input(graph, `${name}/coefficients`, "float32", [steps, 3]),
});

/**
 * Many DDIM steps as one graph: phases one after another (for instance inversion, then sampling), then the decoder. Noise and
 * conditions come in as values, so that the same seed gives the same picture on any device, and a whole edit is one run.
 * @throws `bad-input` when a plan with σ > 0 gets no noise, or noise of the wrong shape.
 */
export function fusedSampler(
  latent: Value,
  phases: readonly FusedPhase[],
  { decode }: FusedSamplerOptions = {},
): FusedSample {
  const { graph } = latent;
  const states: Value[][] = [];
  let x = latent;
  for (const { plan, predict, parameterisation, noise } of phases) {
    const fixed = "times" in plan ? undefined : plan;
    const { times, coefficients } = "times" in plan ? plan : constants(graph, plan, parameterisation);
    const steps = times.shape[0]!;
    const wanted = [steps, ...latent.shape];
    const draws = fixed?.some(({ sigma }) => sigma > 0);
    if (noise ? `${noise.shape}` !== `${wanted}` : draws)
      throw new ProsoponError(
        "bad-input",
        noise ? `The noise is [${noise.shape}].` : "This plan draws noise, but none is given.",
        {
          values: { given: noise?.shape, wanted },
          mend: `Give noise of the shape [${wanted}].`,
        },
      );
    const walked: Value[] = [];
    for (let i = 0; i < steps; i++) {
      const time = expand(slice(times, { axis: 0, start: i, end: i + 1 }), [latent.shape[0]!]);
      const row = slice(coefficients, { axis: 0, start: i, end: i + 1 });
      const at = (column: number) => reshape(slice(row, { axis: 1, start: column, end: column + 1 }), []);
      let next = add(mul(x, at(0)), mul(predict(x, time), at(1)));
      if (noise && (fixed === undefined || fixed[i]!.sigma > 0)) {
        const fresh = reshape(slice(noise, { axis: 0, start: i, end: i + 1 }), latent.shape);
        next = add(next, mul(fresh, at(2)));
      }
      x = next;
      walked.push(x);
    }
    states.push(walked);
  }
  return { latent: x, states, ...(decode ? { decoded: decode(graph, x) } : {}) };
}

function constants(graph: Graph, plan: DdimPlan, parameterisation: Parameterisation | undefined): PlanValues {
  const { times, coefficients } = planTensors(plan, parameterisation);
  return { times: constant(graph, times), coefficients: constant(graph, coefficients) };
}
