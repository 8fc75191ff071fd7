/** Writes a pickle of protocol 2 piece by piece; each call appends to what stands on the stack. Only what a state_dict needs. */
export interface PickleWriter {
  /** A class or function by its name, called by `reduce`. */
  global(module: string, name: string): PickleWriter;
  string(text: string): PickleWriter;
  /** A whole number below 2^63. */
  integer(value: number): PickleWriter;
  boolean(value: boolean): PickleWriter;
  /** A tuple of whole numbers. */
  integers(values: readonly number[]): PickleWriter;
  emptyTuple(): PickleWriter;
  emptyDict(): PickleWriter;
  mark(): PickleWriter;
  /** What stands above the last mark as a tuple. */
  tuple(): PickleWriter;
  /** function, tuple -> the function's result. */
  reduce(): PickleWriter;
  /** What stands on top names a storage. */
  persistent(): PickleWriter;
  /** Keys and values above the last mark go into the dictionary below it. */
  setItems(): PickleWriter;
  /** The whole pickle. */
  end(): Uint8Array;
}

const encoder = new TextEncoder();

function lengthOf(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

export function pickleWriter(): PickleWriter {
  const parts: Uint8Array[] = [Uint8Array.of(0x80, 2)];
  const put = (...more: readonly (Uint8Array | string)[]): PickleWriter => {
    for (const part of more) parts.push(typeof part === "string" ? encoder.encode(part) : part);
    return writer;
  };
  const writer: PickleWriter = {
    global: (module, name) => put(`c${module}\n${name}\n`),
    string(text) {
      const bytes = encoder.encode(text);
      return put("X", lengthOf(bytes.length), bytes);
    },
    integer(value) {
      if (value >= 0 && value < 0x8000_0000) return put("J", lengthOf(value));
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
      return put(Uint8Array.of(0x8a, 8), bytes);
    },
    boolean: (value) => put(Uint8Array.of(value ? 0x88 : 0x89)),
    integers(values) {
      if (values.length === 0) return put(")");
      put("(");
      for (const value of values) writer.integer(value);
      return put("t");
    },
    emptyTuple: () => put(")"),
    emptyDict: () => put("}"),
    mark: () => put("("),
    tuple: () => put("t"),
    reduce: () => put("R"),
    persistent: () => put("Q"),
    setItems: () => put("u"),
    end: () => new Uint8Array(Buffer.concat([...parts, encoder.encode(".")])),
  };
  return writer;
}
