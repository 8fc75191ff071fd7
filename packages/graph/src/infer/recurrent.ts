import { type Inference, integer, need } from "./inference.ts";

/** Y [steps, directions, batch, hidden], then one last state [directions, batch, hidden] for each that the cell keeps. */
const recurrent =
  (states: number): Inference =>
  (c) => {
    const x = need(c, 0);
    const hidden = integer(c.attributes["hidden_size"], need(c, 2).shape.at(-1) ?? 0);
    const directions = c.attributes["direction"] === "bidirectional" ? 2 : 1;
    const batchFirst = integer(c.attributes["layout"], 0) === 1;
    const [a = 0, b = 0] = x.shape;
    const [steps, batch] = batchFirst ? [b, a] : [a, b];
    const state = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
    const all = batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
    return [
      { dtype: x.dtype, shape: all },
      ...Array.from({ length: states }, () => ({ dtype: x.dtype, shape: state })),
    ];
  };

export const recurrentInferences = (): Record<string, Inference> => ({
  LSTM: recurrent(2),
  GRU: recurrent(1),
  RNN: recurrent(1),
});
