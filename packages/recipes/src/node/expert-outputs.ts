import { type Tensor, tensor } from "@prosopon/graph";
import type { Expert } from "@prosopon/nn";
import { createExpertRunner } from "@prosopon/perception";
import type { Host } from "@prosopon/runtime";

/** What an expert with these weights says of planes [N, 3, side, side]. */
export async function expertOutputs(
  host: Host,
  expert: Expert,
  weights: ReadonlyMap<string, Tensor>,
  planes: Float32Array,
  side: number,
): Promise<Tensor<"float32">> {
  await using runner = createExpertRunner({ host, expert, parameters: Object.fromEntries(weights) });
  return await runner.run(tensor("float32", [planes.length / (3 * side * side), 3, side, side], planes));
}
