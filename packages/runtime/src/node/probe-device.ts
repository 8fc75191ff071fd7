import { isProsoponError } from "@prosopon/errors";
import { tensor } from "@prosopon/graph";
import type { Host } from "../host.ts";
import { tensorOf } from "../outputs.ts";
import { tinyModel } from "../tiny-model.ts";

/** Why a host's device does not work, or undefined when it multiplied two matrices rightly without help from the CPU. */
export async function deviceFailure(host: Host): Promise<string | undefined> {
  const square = { shape: [2, 2] };
  const model = tinyModel({
    inputs: { a: square },
    outputs: { b: square },
    nodes: [{ operator: "MatMul", inputs: ["a", "a"], outputs: ["b"] }],
  });
  try {
    await using session = await host.load({ model });
    const b = tensorOf(await session.run({ a: tensor("float32", [2, 2], [1, 2, 3, 4]) }), "b");
    const right = [7, 10, 15, 22].every((value, i) => Math.abs(Number(b.data[i]) - value) < 1e-3);
    return right ? undefined : `It computed a wrong product, ${b.data}.`;
  } catch (error) {
    // The runtime puts its source line and the C++ condition first.
    return (isProsoponError(error) ? error.message : String(error)).replace(/^.* was false\. /s, "").trim();
  }
}
