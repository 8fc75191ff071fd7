import type { BlobStore } from "../blob-store.ts";
import { refuses, same } from "./workbench.ts";

export interface BlobsCase {
  readonly name: string;
  check(blobs: BlobStore): Promise<void>;
}

const options = { mime: "image/png", tenant: "anna", name: "face.png", limit: 1000 };

async function* pieces(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let value = 0;
  for (const size of sizes) yield Uint8Array.from({ length: size }, () => value++ % 256);
}

async function gathered(source: AsyncIterable<Uint8Array>): Promise<number[]> {
  const all: number[] = [];
  for await (const part of source) all.push(...part);
  return all;
}

/** What every blob store does. Run each case on a fresh one. */
export const blobsConformance = (): readonly BlobsCase[] => [
  {
    name: "gives back what it was given, bytes or a stream, whole or in part",
    async check(blobs) {
      const record = await blobs.put(pieces(100, 0, 156, 44), options);
      same([record.size, record.mime, record.tenant, record.name], [300, "image/png", "anna", "face.png"]);
      const all = Array.from({ length: 300 }, (_, i) => i % 256);
      same([...(await blobs.get(record.id))], all);
      same(await blobs.describe(record.id), record);
      same(await gathered(blobs.range(record.id)), all);
      same(await gathered(blobs.range(record.id, { start: 290 })), all.slice(290));
      same(await gathered(blobs.range(record.id, { start: 10, end: 12 })), [10, 11, 12]);
      const abc = await blobs.put(new TextEncoder().encode("abc"), options);
      same(abc.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
      const empty = await blobs.put(new Uint8Array(0), options);
      same([empty.size, await gathered(blobs.range(empty.id))], [0, []]);
    },
  },
  {
    name: "keeps the whole file or nothing",
    async check(blobs) {
      await refuses("bad-input", () => blobs.put(pieces(600, 401), options));
      same((await blobs.put(pieces(600, 400), options)).size, 1000);
      const cancel = new AbortController();
      async function* cancelled() {
        yield new Uint8Array(10);
        cancel.abort();
        yield new Uint8Array(10);
      }
      await refuses("cancelled", () => blobs.put(cancelled(), { ...options, signal: cancel.signal }));
      async function* broken() {
        yield new Uint8Array(10);
        throw new Error("the socket broke");
      }
      const outcome = await blobs.put(broken(), options).then(
        () => "kept",
        () => "refused",
      );
      same([outcome, await blobs.used("anna")], ["refused", 1000]);
    },
  },
  {
    name: "refuses names that lead elsewhere, and what is no range, type or tenant",
    async check(blobs) {
      const bad = [
        { name: "../x" },
        { name: "a/b" },
        { name: "a\\b" },
        { name: "" },
        { name: ".hidden" },
        { name: "a\u0000b" },
        { mime: "text/html; charset=x" },
        { mime: "" },
        { tenant: "a/b" },
      ];
      for (const one of bad) await refuses("bad-input", () => blobs.put(new Uint8Array(1), { ...options, ...one }));
      const { id } = await blobs.put(new Uint8Array(10), options);
      for (const range of [{ start: 10 }, { start: -1 }, { start: 4, end: 3 }, { start: 0, end: 10 }, { start: 0.5 }])
        await refuses("bad-input", () => gathered(blobs.range(id, range)));
      for (const wrong of ["../../etc/passwd", "", "0".repeat(32), `${id}/../${id}`]) {
        same(await blobs.describe(wrong), undefined);
        await refuses("not-found", () => blobs.get(wrong));
        await refuses("not-found", () => gathered(blobs.range(wrong)));
        await blobs.delete(wrong);
      }
      same((await blobs.get(id)).length, 10);
    },
  },
  {
    name: "forgets what is deleted or old, by tenant",
    async check(blobs) {
      const a = await blobs.put(new Uint8Array(10), options);
      const b = await blobs.put(new Uint8Array(20), { ...options, tenant: "bert" });
      same([await blobs.used("anna"), await blobs.used("bert"), await blobs.used("carl")], [10, 20, 0]);
      same([await blobs.expire(60_000), await blobs.expire(0, { tenant: "carl" })], [0, 0]);
      same(await blobs.expire(-1000, { tenant: "bert" }), 1);
      same([await blobs.describe(b.id), (await blobs.describe(a.id))?.id], [undefined, a.id]);
      await blobs.delete(a.id);
      same([await blobs.describe(a.id), await blobs.used("anna")], [undefined, 0]);
    },
  },
];
