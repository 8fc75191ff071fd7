import { ProsoponError } from "@prosopon/errors";

/** Features of many images: `data` holds `count` rows of `size` numbers, one after the other. */
export interface Features {
  readonly count: number;
  readonly size: number;
  readonly data: Float32Array | Float64Array;
}

/** Rows as features. @throws `bad-input` for rows of unlike length, numbers that are not finite, no rows. */
export function features(rows: readonly ArrayLike<number>[]): Features {
  const size = rows[0]?.length ?? 0;
  const data = new Float64Array(rows.length * size);
  rows.forEach((row, i) => {
    checkRow(row, size);
    data.set(Array.from(row), i * size);
  });
  const result = { count: rows.length, size, data };
  checkFeatures(result);
  return result;
}

/** @throws `bad-input` for a row of another length than `size` or with numbers that are not finite. */
export function checkRow(row: ArrayLike<number>, size: number): void {
  if (row.length !== size || size === 0)
    throw new ProsoponError("bad-input", `Features of ${row.length} numbers do not go with features of ${size}.`, {
      values: { size, length: row.length },
      mend: "Use one feature extractor for all images.",
    });
  for (let i = 0; i < size; i++)
    if (!Number.isFinite(row[i]))
      throw new ProsoponError("bad-input", `Feature ${i} is ${row[i]}, not a finite number.`, {
        values: { index: i },
        mend: "Leave out the image, or look why the network fails on it.",
      });
}

/** @throws `bad-input` for an empty set, for a wrong length and for numbers that are not finite. */
export function checkFeatures({ count, size, data }: Features): void {
  if (count < 1 || size < 1 || data.length !== count * size)
    throw new ProsoponError(
      "bad-input",
      `${count} x ${size} features and ${data.length} numbers are no set of features.`,
      {
        values: { count, size, length: data.length },
        mend: "Give at least one image.",
      },
    );
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i]))
      throw new ProsoponError(
        "bad-input",
        `A feature of image ${Math.floor(i / size)} is ${data[i]}, not a finite number.`,
        {
          values: { image: Math.floor(i / size), feature: i % size },
          mend: "Leave out the image, or look why the network fails on it.",
        },
      );
}

/** @throws `bad-input` when one of two sets cannot be judged or they are of unlike networks. */
export function checkFeaturePair(real: Features, generated: Features): void {
  for (const set of [real, generated]) checkFeatures(set);
  if (real.size !== generated.size)
    throw new ProsoponError(
      "bad-input",
      `Features of ${real.size} and of ${generated.size} numbers cannot be compared.`,
      {
        values: { real: real.size, generated: generated.size },
        mend: "Use one feature extractor for both sets.",
      },
    );
}
