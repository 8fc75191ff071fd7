/** TensorFlow's "SAME" padding of [H, W] in ONNX order: begin of each axis, then end; the odd element goes to the end. */
export function samePadding(size: readonly number[], kernel: number, stride: number): readonly number[] {
  const totals = size.map((d) => Math.max(0, (Math.ceil(d / stride) - 1) * stride + kernel - d));
  const begin = totals.map((t) => Math.floor(t / 2));
  return [...begin, ...totals.map((t, i) => t - begin[i]!)];
}
