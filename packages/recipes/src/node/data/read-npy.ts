import { readFile } from "node:fs/promises";
import { leftOut } from "./data-item.ts";

const magic = "\x93NUMPY";

/** The numbers of a NumPy file, also of text that spells numbers (as AffectNet's labels are); booleans and complex numbers are not read. */
export async function readNpy(file: string): Promise<readonly number[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw leftOut("no annotation", `There is no ${file}.`, cause);
  }
  const refuse = (reason: string) => leftOut("no annotation", `${file} cannot be read: ${reason}.`);
  if (bytes.length < 12 || bytes.toString("latin1", 0, 6) !== magic) throw refuse("it is no NumPy file");
  const [start, length] = bytes[6] === 1 ? [10, bytes.readUInt16LE(8)] : [12, bytes.readUInt32LE(8)];
  const header = bytes.toString("latin1", start, start + length);
  const type = /'descr':\s*'([<|=>])([a-zA-Z])(\d+)'/.exec(header);
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(header);
  if (!type || !shape || type[1] === ">") throw refuse("its header is unknown");
  const count = shape[1]!
    .split(",")
    .filter((part) => part.trim() !== "")
    .reduce((product, part) => product * Number(part), 1);
  const [kind, width] = [type[2]!, Number(type[3]) * (type[2] === "U" ? 4 : 1)];
  const data = bytes.subarray(start + length);
  if (count > 1e6 || data.length < count * width) throw refuse("it is cut off or very large");
  const at = (index: number): number => {
    const offset = index * width;
    const text = (step: number) =>
      Number(
        Array.from({ length: width / step }, (_, i) => String.fromCharCode(data[offset + step * i]!))
          .join("")
          .replaceAll("\0", ""),
      );
    if (kind === "f" && width === 8) return data.readDoubleLE(offset);
    if (kind === "f" && width === 4) return data.readFloatLE(offset);
    if (kind === "i" && width === 8) return Number(data.readBigInt64LE(offset));
    if (kind === "i" && width < 8) return data.readIntLE(offset, width);
    if (kind === "u" && width < 8) return data.readUIntLE(offset, width);
    if (kind === "U") return text(4);
    if (kind === "S") return text(1);
    throw refuse(`its numbers are of the type ${kind}${type[3]}`);
  };
  const values = Array.from({ length: count }, (_, index) => at(index));
  if (values.some((value) => !Number.isFinite(value))) throw refuse("it holds something else than finite numbers");
  return values;
}
