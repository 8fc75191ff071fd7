import type { SentError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import type { Program } from "../program.ts";
import type { Feeds, Handle, ValueDescription } from "../session.ts";

/** What a spawned host asks its child, and what comes back. */
export interface Calls {
  load: {
    ask: { readonly program: Program; readonly key?: string };
    reply: { readonly session: number; readonly inputs: ValueDescription[]; readonly outputs: ValueDescription[] };
  };
  run: {
    ask: {
      readonly session: number;
      readonly feeds: Feeds;
      readonly keep?: readonly string[];
      readonly outputs?: readonly string[];
    };
    reply: Record<string, Tensor | Handle>;
  };
  put: { ask: { readonly tensor: Tensor }; reply: Handle };
  read: { ask: { readonly handle: Handle }; reply: Tensor };
}

export type CallName = keyof Calls;

/** From parent to child: a call, or a word that asks for no reply. */
export type ToChild =
  | { [Name in CallName]: { readonly id: number; readonly call: Name; readonly ask: Calls[Name]["ask"] } }[CallName]
  | { readonly word: "cancel"; readonly id: number }
  | { readonly word: "release"; readonly handles: readonly Handle[] }
  | { readonly word: "close"; readonly session: number };

/** From child to parent. */
export type FromChild =
  | { readonly id: number; readonly reply: Calls[CallName]["reply"] }
  | { readonly id: number; readonly error: SentError };
