import { ProsoponError } from "@prosopon/errors";
import { type CheckpointParts, longestPickle, type StorageBytes } from "./checkpoint-parts.ts";
import type { RandomAccessFile } from "./random-access-file.ts";
import { storages as kinds } from "./stored-dtype.ts";
import { unpickleTorch } from "./torch-pickle.ts";
import { readZip, type ZipMember } from "./zip-archive.ts";

const bad = (message: string, values: Record<string, unknown> = {}): ProsoponError =>
  new ProsoponError("bad-file", `Not a complete PyTorch checkpoint: ${message}`, { values });

async function readMember(member: ZipMember, limit: number, signal?: AbortSignal): Promise<Uint8Array> {
  if (member.size > limit)
    throw bad(`the member "${member.name}" has ${member.size} bytes, more than ${limit}.`, { name: member.name });
  const chunks: Uint8Array[] = [];
  for await (const chunk of member.content(signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function isBigEndian(member: ZipMember | undefined): Promise<boolean> {
  if (member === undefined) return false;
  const order = new TextDecoder().decode(await readMember(member, 64)).trim();
  if (order !== "little" && order !== "big") throw bad(`its byte order is "${order}".`, { order });
  return order === "big";
}

/** The format of PyTorch 1.6 and later: a ZIP of `<top>/data.pkl` and `<top>/data/<key>`. */
export async function readZipCheckpoint(file: RandomAccessFile, signal?: AbortSignal): Promise<CheckpointParts> {
  const members = await readZip(file);
  const pickles = [...members.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickleName] = pickles;
  if (pickleName === undefined || pickles.length > 1)
    throw bad(`it has ${pickles.length} members named <folder>/data.pkl.`, { pickles });
  const folder = pickleName.slice(0, -"data.pkl".length);
  const pickle = unpickleTorch(await readMember(members.get(pickleName)!, longestPickle, signal));
  const bigEndian = await isBigEndian(members.get(`${folder}byteorder`));
  const storages = new Map<string, StorageBytes>();
  for (const { key, dtype, length } of pickle.storages.values()) {
    const member = members.get(`${folder}data/${key}`);
    if (member === undefined) throw bad(`the storage "${key}" is missing.`, { key });
    const bytes = length * kinds[dtype].bytes;
    if (member.size !== bytes)
      throw bad(`the storage "${key}" should have ${bytes} bytes and has ${member.size}.`, { key });
    const position = await member.position();
    storages.set(key, { ...(position === undefined ? {} : { position }), content: member.content, checked: true });
  }
  return { format: "zip", pickle, storages, bigEndian };
}
