import { ProsoponError } from "@prosopon/errors";
import { type Tensor, tensor } from "@prosopon/graph";

/** One input of each sample, all of `shape`, as one tensor [B, ...shape]. @throws `bad-input` for another shape or a number that is not finite. */
export function stackRows(
  what: string,
  inputs: readonly Pick<Tensor<"float32">, "shape" | "data">[],
  shape: readonly number[],
): Tensor<"float32"> {
  const stacked = tensor("float32", [inputs.length, ...shape]);
  inputs.forEach((given, i) => {
    if (`${given.shape}` !== `${shape}`)
      throw new ProsoponError("bad-input", `${what} is [${shape}], but sample ${i} gives [${given.shape}].`, {
        values: { shape: given.shape, sample: i },
      });
    const wrong = given.data.findIndex((v) => !Number.isFinite(v));
    if (wrong >= 0)
      throw new ProsoponError("bad-input", `${what} of sample ${i} holds ${given.data[wrong]} at ${wrong}.`, {
        values: { sample: i, index: wrong },
        mend: "All its numbers must be finite.",
      });
    stacked.data.set(given.data, i * given.data.length);
  });
  return stacked;
}
