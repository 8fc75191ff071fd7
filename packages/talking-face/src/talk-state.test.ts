import { tensor } from "@prosopon/graph";
import { expect, test } from "vitest";
import { decodeTalkState, encodeTalkState } from "./talk-state.ts";

const latent = (seed: number) =>
  tensor(
    "float32",
    [1, 2, 3, 4],
    Float32Array.from({ length: 24 }, (_, i) => Math.sin(seed + i)),
  );

test("a state survives its bytes, bit for bit", () => {
  const state = { index: 1234, identity: latent(1), motion: [latent(2), latent(3)] };
  expect(decodeTalkState(encodeTalkState(state))).toEqual(state);
  expect(decodeTalkState(encodeTalkState({ ...state, motion: [] })).motion).toEqual([]);
});

test("other bytes are refused", () => {
  const bytes = encodeTalkState({ index: 0, identity: latent(1), motion: [] });
  for (const wrong of [
    new Uint8Array(),
    bytes.slice(0, -1),
    bytes.slice(0, 20),
    bytes.map((b, i) => (i === 0 ? b ^ 1 : b)),
  ])
    expect(() => decodeTalkState(wrong)).toThrow(/no state/);
});
