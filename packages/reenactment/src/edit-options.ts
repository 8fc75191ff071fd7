import { guides } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import * as z from "zod";
import { inversionNames, samplerNames, samplers, sigmaNames, usualSteps } from "./samplers.ts";

/** The numbers of an edit; unknown keys are refused. */
export const editSettingsSchema = z.strictObject({
  /** Up to which of the 1000 times the picture is noised: more changes more. 1..999. */
  strength: z.int().min(1).max(999).default(500),
  /** Network steps each way, 1..1000, as far as they fit below the strength; default 8, or 40 with the sampler ddim. */
  steps: z.int().min(1).max(1000).optional(),
  /** Weight γ of the emotion (eq. 3.70): 1 is none, 0 takes the emotion away. 0..100; default: the model's own, or 5. */
  guidance: z.number().min(0).max(100).optional(),
  /** γ on the way to noise; default: that of the way back, as the reference has it, or less where the model says so (and inversion is not "exact"). */
  inversionGuidance: z.number().min(0).max(100).optional(),
  /** "equation" (default) follows eq. 3.70; "reference": a γ of 1 or less means no guidance, as in the original scripts. */
  guidanceRule: z.enum(["equation", "reference"]).default("equation"),
  /** The way back; default "dpmpp-2m", or "ddim" where `inversion` is ddim or exact, or there is an η. */
  sampler: z.enum(samplerNames).optional(),
  /**
   * At which noise levels it stops: "times", uniform in time; "exponential", uniform in ln σ/α; "karras" (Karras et al. 2022, eq. 5). Default: "times"
   * for ddim and what knows no other, else "karras".
   */
  sigmas: z.enum(sigmaNames).optional(),
  /**
   * The way to noise: "ddim" is the reference's, of first order; "dpmpp-2m" walks the levels of the way back by DPM-Solver++(2M); "exact" (EDICT)
   * comes back to the picture itself when the emotion does not change, at two network calls a step. Default: "ddim" with the sampler ddim, else
   * "dpmpp-2m".
   */
  inversion: z.enum(inversionNames).optional(),
  /** η of DDIM, 0..1: fresh noise on the way back. */
  eta: z.number().min(0).max(1).default(0),
  /** Names the noise of η, and of the samplers that draw some. */
  seed: z.int().min(0).default(0),
});

export type EditSettingsInput = z.input<typeof editSettingsSchema>;
type Parsed = z.output<typeof editSettingsSchema>;
/** Those whose default hangs on others, or on the model. */
type Chosen = "guidance" | "steps" | "sampler" | "sigmas" | "inversion";
export type EditSettings = Omit<Parsed, Chosen> & { [Key in Chosen]: NonNullable<Parsed[Key]> };

const ranges: Readonly<Record<keyof EditSettings, string>> = {
  strength: "a whole number from 1 to 999",
  steps: "a whole number from 1 to 1000",
  guidance: "a number from 0 to 100",
  inversionGuidance: "a number from 0 to 100",
  guidanceRule: "equation or reference",
  sampler: `one of ${samplerNames.join(", ")}`,
  sigmas: `one of ${sigmaNames.join(", ")}`,
  inversion: `one of ${inversionNames.join(", ")}`,
  eta: "a number from 0 to 1",
  seed: "a whole number from 0",
};

/** Where the reference guides nothing, γ is 1. */
function byRule(settings: EditSettings): EditSettings {
  const { guidanceRule, guidance, inversionGuidance } = settings;
  if (guidanceRule === "equation") return settings;
  const of = (scale: number): number => (guides(scale, "reference") ? scale : 1);
  return {
    ...settings,
    guidance: of(guidance),
    ...(inversionGuidance === undefined ? {} : { inversionGuidance: of(inversionGuidance) }),
  };
}

/** What else than the input defaults hang on. */
export interface EditDefaults {
  /** The model's `guidance`; 5, the thesis', if it has none. */
  readonly guidance?: number | undefined;
  /** How many steps but for ddim; enough for an edit if not given. */
  readonly steps?: number;
}

/** Either the thesis' way, DDIM there and back, or the one of second order that needs a fifth of its steps. */
function chosen(parsed: Parsed, { guidance = 5, steps: others = usualSteps.edit }: EditDefaults): EditSettings {
  const thesis = parsed.inversion === "ddim" || parsed.inversion === "exact" || parsed.eta > 0;
  const { sampler = thesis ? "ddim" : "dpmpp-2m" } = parsed;
  const ddim = sampler === "ddim";
  const {
    inversion = ddim ? "ddim" : "dpmpp-2m",
    sigmas = ddim || !samplers[sampler].sigmas ? "times" : "karras",
    steps = ddim ? usualSteps.ddim : others,
  } = parsed;
  return { ...parsed, guidance: parsed.guidance ?? guidance, sampler, inversion, sigmas, steps };
}

/** Settings with their defaults. @throws `bad-input` naming the value and its range, or the unknown key. */
export function editSettings(input: EditSettingsInput, defaults: EditDefaults = {}): EditSettings {
  const result = editSettingsSchema.safeParse(input);
  if (result.success) {
    const settings = chosen(result.data, defaults);
    const { inversion, sampler, eta, sigmas } = settings;
    if (eta > 0 && !samplers[sampler].eta)
      throw new ProsoponError("bad-input", `The sampler ${sampler} has no eta, but ${eta} is given.`, {
        values: { eta, sampler },
        mend: "Use the sampler ddim, or eta 0.",
      });
    if (sigmas !== "times" && !samplers[sampler].sigmas)
      throw new ProsoponError("bad-input", `The sampler ${sampler} has no sigmas but times, not ${sigmas}.`, {
        values: { sampler, sigmas },
        mend: "Leave sigmas out, or use another sampler.",
      });
    if (inversion === "exact" && (sampler !== "ddim" || eta > 0 || sigmas !== "times"))
      throw new ProsoponError("bad-input", "Exact inversion goes with the sampler ddim, eta 0 and sigmas times only.", {
        values: { sampler, eta, sigmas },
        mend: "Leave sampler, eta and sigmas out, or inversion.",
      });
    return byRule(settings);
  }
  const issue = result.error.issues[0]!;
  if (issue.code === "unrecognized_keys")
    throw new ProsoponError("bad-input", `An edit has no setting "${issue.keys[0]}".`, {
      values: { keys: issue.keys },
      mend: `It has ${Object.keys(ranges).join(", ")}.`,
    });
  const key = issue.path[0] as keyof EditSettings;
  const value = input[key];
  throw new ProsoponError("bad-input", `The ${key} ${JSON.stringify(value)} is not ${ranges[key]}.`, {
    values: { [key]: value },
    mend: "Correct it or leave it out.",
  });
}

/** @throws `bad-input` for an emotion that the model does not know, listing those that it does. */
export function checkEmotion(emotions: readonly string[], name: string): void {
  if (emotions.includes(name)) return;
  throw new ProsoponError("bad-input", `This model knows no emotion ${JSON.stringify(name)}.`, {
    values: { emotion: name, emotions },
    mend: `Use one of ${emotions.join(", ")}.`,
  });
}

/** @throws `bad-input` for anything but [1, channels, H, W] with sides that are multiples of `factor`. */
export function checkPlanes({ shape }: Tensor<"float32">, channels: number, factor: number, what: string): void {
  const [batch, depth, height, width] = shape;
  if (
    shape.length === 4 &&
    batch === 1 &&
    depth === channels &&
    height! % factor === 0 &&
    width! % factor === 0 &&
    height! > 0
  )
    return;
  throw new ProsoponError("bad-input", `The ${what} must be [1, ${channels}, H, W], not [${shape}].`, {
    values: { shape },
    mend: factor > 1 ? `H and W must be multiples of ${factor}.` : "Give one at a time.",
  });
}
