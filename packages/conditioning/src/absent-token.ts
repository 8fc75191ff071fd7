import { expand, type Value } from "@prosopon/graph";
import type { Scope } from "@prosopon/nn";

/** A trained stand-in for a token [B, 1, size] that is not there: parameter `absent` [1, 1, size]. */
export const absentToken = (place: Scope, batch: number, size: number): Value =>
  expand(place.parameter("absent", [1, 1, size], { kind: "normal", std: 0.02 }), [batch, 1, size]);
