import { type Tensor, tensor } from "@prosopon/graph";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shuffledIndices, takeRows, tensorBatches } from "./data-source.ts";

test("every pass shows each sample once, and a step's batch does not depend on what was asked before", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer(),
      (length, batch, seed) => {
        const indices = shuffledIndices({ length, batch });
        const steps = Math.ceil((3 * length) / batch);
        const batches = Array.from({ length: steps }, (_, step) => [...indices(step, seed)]);
        const all = batches.flat();
        for (let pass = 0; pass < 3; pass++)
          expect(all.slice(pass * length, (pass + 1) * length).sort((a, b) => a - b)).toEqual([
            ...new Array(length).keys(),
          ]);
        for (let step = steps - 1; step >= 0; step--)
          expect([...shuffledIndices({ length, batch })(step, seed)]).toEqual(batches[step]);
      },
    ),
  );
});

test("passes and seeds differ in order", () => {
  const indices = shuffledIndices({ length: 100, batch: 100 });
  expect(indices(0, 1)).not.toEqual(indices(1, 1));
  expect(indices(0, 1)).not.toEqual(indices(0, 2));
});

test("batches of tensors keep rows together", async () => {
  const tensors: Record<string, Tensor> = {
    image: tensor("float32", [5, 2], [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5]),
    label: tensor("int64", [5], [0, 1, 2, 3, 4]),
  };
  const data = tensorBatches({ tensors, batch: 3, extra: (step) => ({ noise: tensor("float32", [1], [step]) }) });
  expect(data.length).toBe(2);
  const { image, label, noise } = (await data.batch(4, 1)) as Record<string, Tensor>;
  const rows = Array.from(label!.data as BigInt64Array, Number);
  expect(rows).toHaveLength(3);
  expect(image).toEqual(
    tensor(
      "float32",
      [3, 2],
      rows.flatMap((row) => [row, row + 0.5]),
    ),
  );
  expect(noise!.data[0]).toBe(4);
  expect(takeRows(tensors["label"]!, [4, 4]).data).toEqual(BigInt64Array.of(4n, 4n));
  expect(() => tensorBatches({ tensors: { ...tensors, more: tensor("float32", [4]) }, batch: 1 })).toThrow("5, 5, 4");
  expect(() => shuffledIndices({ length: 0, batch: 1 })).toThrow("0 samples");
});
