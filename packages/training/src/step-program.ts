import type { ParameterSpec } from "@prosopon/nn";
import type { Slot, SlotKind } from "./slot.ts";
import type { InputSpecification } from "./step-definition.ts";

/** How often things were updated before; see `TrainingState`. */
export interface Counters {
  /** Steps done. */
  readonly step: number;
  /** Optimizer steps done, by loss. */
  readonly optimizerSteps: Readonly<Record<string, number>>;
  /** Updates of the averages done. */
  readonly averageUpdates: number;
}

/** A tensor that goes from step to step: what the model calls it when it comes and (unless it is frozen) when it leaves. */
export interface Carried {
  readonly slot: Slot;
  readonly kind: SlotKind;
  readonly input: string;
  readonly output?: string;
}

/** A step as ONNX models: forward pass, gradients and the updates of parameters, optimizer states, buffers and averages. */
export interface StepProgram<Loss extends string = string, Input extends string = string> {
  readonly name: string;
  readonly model: Uint8Array;
  /** How many runs of `model` make a step, each on a part of the batch. */
  readonly microBatches: number;
  /** What moves the parameters, a group of slots each, where `model` only gives gradients; else none. */
  readonly updates: readonly Uint8Array[];
  readonly parameters: readonly ParameterSpec[];
  readonly carried: readonly Carried[];
  readonly inputs: Readonly<Record<Input, InputSpecification>>;
  readonly losses: readonly Loss[];
  /** Names of the other values that a step reads back; `gradientNorm/<loss>` for every loss that clips. */
  readonly metrics: readonly string[];
  /** Number of nodes before the runtime optimises them. */
  readonly nodes: number;
  /** The same losses and metrics without gradients and updates, of the weights alone: for validation. Encoded when it is asked for. */
  evaluation(): Uint8Array;
  /** The scalars that the next step is fed with. */
  scalars(counters: Counters): Readonly<Record<string, number>>;
}
