import { concat, input, reshape, type Tensor, type Value, where } from "@prosopon/graph";
import type { Scope } from "@prosopon/nn";
import type { ConditionEncoder, EncodedCondition, Injection } from "./condition-encoder.ts";
import { dropInput } from "./drop-masks.ts";

/** Encoders by the names that feeds, drop rates and guidance know them by. */
// biome-ignore lint/suspicious/noExplicitAny: an encoder of any input; `unknown` would refuse every one, inputs being contravariant
export type ConditionRecord = Readonly<Record<string, ConditionEncoder<any>>>;

export type InputOf<E> = E extends ConditionEncoder<infer Input> ? Input : never;

export interface ConditionsOptions<Key extends string> {
  /** Where an encoder's parameters stand, such as "cond_stage_model"; default: its key. */
  readonly places?: Readonly<Partial<Record<Key, string>>>;
  /**
   * How several token conditions become a context: joined into one token, in the record's order ("features", default: the thesis' emotion ‖
   * audio), or as tokens one after another ("tokens").
   */
  readonly join?: "features" | "tokens";
}

export interface EncodeConditionsOptions<Key extends string> {
  readonly batch: number;
  /** Conditions that may be dropped: each gets a bool input [B] named by `dropInput`, fed by `dropMasks`. For training. */
  readonly droppable?: readonly Key[];
}

/** What the network is given; absent where no condition enters there. */
export type Injected = Readonly<Partial<Record<Injection, Value>>>;

export interface EncodedConditions<Key extends string> {
  /** Each condition by itself, drops applied. */
  readonly conditions: Readonly<Record<Key, EncodedCondition>>;
  /** All conditions, with the named ones absent: `injected(["emotion"])` is the unconditional branch of guidance in the emotion. */
  injected(without?: readonly Key[]): Injected;
}

export interface Conditions<R extends ConditionRecord> {
  readonly encoders: R;
  encode(
    top: Scope,
    options: EncodeConditionsOptions<Extract<keyof R, string>>,
  ): EncodedConditions<Extract<keyof R, string>>;
  /** Raw inputs by condition, one for each sample -> tensors by graph input. */
  feeds(inputs: { readonly [K in keyof R]: readonly InputOf<R[K]>[] }): Promise<Readonly<Record<string, Tensor>>>;
}

/** Several conditions as one; the record's keys name them everywhere. */
export function conditions<R extends ConditionRecord>(
  encoders: R,
  { places, join = "features" }: ConditionsOptions<Extract<keyof R, string>> = {},
): Conditions<R> {
  type Key = Extract<keyof R, string>;
  const keys = Object.keys(encoders) as Key[];
  return {
    encoders,
    encode(top, { batch, droppable = [] }) {
      const encoded = {} as Record<Key, EncodedCondition>;
      for (const name of keys) {
        const { code, absent } = encoders[name]!.encode(top.at(places?.[name] ?? name), { batch, name });
        if (!droppable.includes(name)) {
          encoded[name] = { code, absent };
          continue;
        }
        const mask = input(top.graph, dropInput(name), "bool", [batch]);
        const wide = reshape(mask, [batch, ...code.shape.slice(1).map(() => 1)]);
        encoded[name] = { code: where(wide, absent, code), absent };
      }
      return {
        conditions: encoded,
        injected(without = []) {
          const found: Partial<Record<Injection, Value>> = {};
          for (const injection of ["channels", "tokens", "embedding"] as const) {
            const parts = keys
              .filter((name) => encoders[name]!.injection === injection)
              .map((name) => (without.includes(name) ? encoded[name].absent : encoded[name].code));
            const axis = injection === "tokens" && join === "features" ? 2 : 1;
            if (parts.length > 0) found[injection] = concat(parts, axis);
          }
          return found;
        },
      };
    },
    async feeds(inputs) {
      const parts = await Promise.all(keys.map((name) => encoders[name]!.feeds(inputs[name], { name })));
      return Object.assign({}, ...parts) as Record<string, Tensor>;
    },
  };
}
