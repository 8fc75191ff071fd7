import { wrong } from "../infer/inference.ts";

/** Index of the element of `size` that stands at each of the `after` places of an axis padded by `begin` in front. */
export function padSources(mode: string, size: number, begin: number, after: number): readonly number[] {
  const period = 2 * Math.max(size - 1, 1);
  const modulo = (i: number, n: number) => ((i % n) + n) % n;
  const at: Readonly<Record<string, (i: number) => number>> = {
    edge: (i) => Math.min(Math.max(i, 0), size - 1),
    reflect: (i) => (size === 1 ? 0 : Math.min(modulo(i, period), period - modulo(i, period))),
    wrap: (i) => modulo(i, size),
  };
  const source = at[mode];
  if (!source) throw wrong(`the gradient of padding by "${mode}" is not known.`);
  return Array.from({ length: after }, (_, i) => source(i - begin));
}
