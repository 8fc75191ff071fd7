import { ProsoponError } from "@prosopon/errors";
import type { ValueInfoMessage } from "../protobuf/messages.ts";
import { toNumber } from "./read-tensor.ts";

export interface BindOptions {
  /** Sizes of symbolic dimensions by name, such as `{ batch: 1 }`. */
  readonly dimensions?: Readonly<Record<string, number>>;
  /** Whole shapes of inputs by name; they bind the symbols in them too. */
  readonly inputs?: Readonly<Record<string, readonly number[]>>;
}

const bad = (message: string, values: Record<string, unknown>, mend?: string) =>
  new ProsoponError("bad-input", message, mend ? { values, mend } : { values });

/** Concrete shapes for declared inputs. @throws `bad-input` naming a symbol that stays free or does not fit. */
export function bindShapes(
  declared: readonly ValueInfoMessage[],
  { dimensions = {}, inputs = {} }: BindOptions,
): ReadonlyMap<string, readonly number[]> {
  const sizes = new Map(Object.entries(dimensions));
  // Names come from the file: "constructor" must not find a function.
  const givenTo = (name: string) => (Object.hasOwn(inputs, name) ? inputs[name] : undefined);
  const dimsOf = (info: ValueInfoMessage) => info.type?.tensor_type?.shape?.dim;
  const known = new Set(declared.map((info) => info.name ?? ""));
  for (const name of Object.keys(inputs))
    if (!known.has(name))
      throw bad(`The model has no input "${name}"; it has ${[...known].join(", ")}.`, { name, inputs: [...known] });
  for (const [symbol, size] of sizes)
    if (!Number.isInteger(size) || size < 0)
      throw bad(`The dimension "${symbol}" cannot be ${size}.`, { symbol, size });

  for (const info of declared) {
    const given = givenTo(info.name ?? "");
    const dims = dimsOf(info);
    if (!given || !dims) continue;
    if (dims.length !== given.length)
      throw bad(`The input "${info.name}" has ${dims.length} dimensions, not [${given}].`, { given });
    dims.forEach((dim, i) => {
      const size = given[i]!;
      const fixed = dim.dim_param
        ? sizes.get(dim.dim_param)
        : (dim.dim_value ?? -1) === -1
          ? undefined
          : toNumber(dim.dim_value);
      if (fixed !== undefined && fixed >= 0 && fixed !== size)
        throw bad(`Dimension ${i} of the input "${info.name}" is ${fixed}, not ${size}.`, { given, fixed });
      if (dim.dim_param) sizes.set(dim.dim_param, size);
    });
  }

  const shapes = new Map<string, readonly number[]>();
  for (const info of declared) {
    const name = info.name ?? "";
    const dims = dimsOf(info);
    const given = givenTo(name);
    const example = (i: number) =>
      `Give inputs: { "${name}": [...] }${dims?.[i]?.dim_param ? ` or dimensions: { "${dims[i].dim_param}": n }` : ""}.`;
    if (given) shapes.set(name, given);
    else if (!dims) throw bad(`The input "${name}" says no shape.`, { name }, example(0));
    else
      shapes.set(
        name,
        dims.map((dim, i) => {
          const size = dim.dim_param
            ? sizes.get(dim.dim_param)
            : dim.dim_value === undefined
              ? undefined
              : toNumber(dim.dim_value);
          if (size === undefined || size < 0)
            throw bad(
              `Dimension ${i} of the input "${name}" is free${dim.dim_param ? ` ("${dim.dim_param}")` : ""}.`,
              { name, axis: i, symbol: dim.dim_param },
              example(i),
            );
          return size;
        }),
      );
  }
  return shapes;
}
