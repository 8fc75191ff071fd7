import type { Tensor as NativeTensor } from "onnxruntime-node";
import type { Handle } from "../session.ts";
import { freeBuffer } from "./free-buffer.ts";
import { fromNative } from "./native-tensor.ts";
import { lostHandle } from "./refusals.ts";

/** The tensors behind a host's handles. Their memory is theirs alone. */
export interface TensorStore {
  keep(value: NativeTensor): Handle;
  /** @throws `lostHandle` for one that was released. */
  find(handle: Handle): NativeTensor;
  /** Until `letGo`, a run needs them: their memory stays even if their handles are released. */
  hold(values: readonly NativeTensor[]): void;
  letGo(values: readonly NativeTensor[]): void;
  /** Frees their memory as soon as no run needs it. Unknown ones are ignored. */
  release(handles: readonly Handle[]): void;
  clear(): void;
}

/** Handles are numbered by `number`. */
export function tensorStore(number: () => number): TensorStore {
  const living = new Map<number, NativeTensor>();
  const readers = new Map<NativeTensor, number>();
  const leaving = new Set<NativeTensor>();
  const free = ({ data }: NativeTensor) => freeBuffer((data as Float32Array).buffer);
  return {
    keep(value) {
      const id = number();
      living.set(id, value);
      const { dtype, shape } = fromNative(value);
      return { kind: "handle", id, dtype, shape };
    },
    find(handle) {
      const found = living.get(handle.id);
      if (found === undefined) throw lostHandle(handle);
      return found;
    },
    hold(values) {
      for (const value of values) readers.set(value, (readers.get(value) ?? 0) + 1);
    },
    letGo(values) {
      for (const value of values) {
        const left = readers.get(value)! - 1;
        readers.set(value, left);
        if (left > 0) continue;
        readers.delete(value);
        if (leaving.delete(value)) free(value);
      }
    },
    release(handles) {
      for (const { id } of handles) {
        const value = living.get(id);
        if (value === undefined) continue;
        living.delete(id);
        if (readers.has(value)) leaving.add(value);
        else free(value);
      }
    },
    clear() {
      living.clear();
    },
  };
}
