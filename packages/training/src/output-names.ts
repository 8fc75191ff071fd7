import type { Slot } from "./slot.ts";

// What the models of a step call what goes from one to another.

const prefix = "next/";

/** The output that takes the place of the input `name`. */
export const nextName = (name: string): string => `${prefix}${name}`;

/** The input whose place an output takes; undefined for other outputs. */
export const inputOf = (output: string): string | undefined =>
  output.startsWith(prefix) ? output.slice(prefix.length) : undefined;

export const gradientName = (slot: Slot): string => `gradient/${slot.name}`;

/** What all gradients of a loss are multiplied by. */
export const factorName = (loss: string): string => `factor/${loss}`;

/** The norm of all gradients of a loss, a metric. */
export const normName = (loss: string): string => `metric/gradientNorm/${loss}`;

/** Where gradients are added up, the norm and the factor of the last sum are those that count. */
export const lastCounts = (output: string): boolean =>
  output.startsWith(factorName("")) || output.startsWith(normName(""));
