import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AddressBook, parseAddressBook, publicAddresses } from "../address-book.ts";
import { microManifest, microParameters } from "../testing/micro-model.ts";
import { download } from "./download.ts";
import { getModel } from "./get-model.ts";
import { openModel } from "./open-model.ts";
import { writeModel } from "./write-model.ts";

const content = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 251);
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let root = "";
let address = "";
let requests: { readonly url: string; readonly range: string | undefined }[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer((request, response) => {
  requests.push({ url: request.url!, range: request.headers.range });
  answer(request, response);
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-download-"));
  requests = [];
  answer = serve(content);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/weights`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(root, { recursive: true, force: true });
});

/** A server that knows Range and If-Range, and may break off after some bytes. */
const serve =
  (bytes: Uint8Array, { tag = '"one"', breakAfter = Infinity, ranges = true } = {}) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
    const valid = request.headers["if-range"] === undefined || request.headers["if-range"] === tag;
    const from = ranges && wanted && valid ? Number(wanted[1]) : 0;
    response.setHeader("etag", tag);
    if (from > bytes.length) {
      response.writeHead(416).end();
      return;
    }
    const rest = bytes.subarray(from);
    if (from > 0) response.setHeader("content-range", `bytes ${from}-${bytes.length - 1}/${bytes.length}`);
    response.writeHead(from > 0 ? 206 : 200, { "content-length": rest.length });
    if (rest.length <= breakAfter) response.end(rest);
    else response.write(rest.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 20));
  };

const fetchIt = (more: Partial<Parameters<typeof download>[0]> = {}) =>
  download({ url: address, file: join(root, "w.bin"), sha256: hash(content), ...more });

test("a file arrives whole, with progress, and is not asked for again", async () => {
  const seen: number[] = [];
  await fetchIt({ bytes: content.length, onProgress: ({ done, total }) => seen.push(done / total) });
  expect(hash(await readFile(join(root, "w.bin")))).toBe(hash(content));
  expect(seen.at(-1)).toBe(1);
  expect(await readdir(root)).toEqual(["w.bin"]);
  await fetchIt();
  expect(requests).toHaveLength(1);
  await fetchIt({ offline: true });
});

test("what broke off goes on where it stopped", async () => {
  answer = serve(content, { breakAfter: 70_000 });
  await expect(fetchIt()).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("broke off") });
  expect((await readdir(root)).sort()).toEqual(["w.bin.part", "w.bin.part.version"]);
  answer = serve(content);
  await fetchIt();
  expect(requests[1]!.range).toBe("bytes=70000-");
  expect(hash(await readFile(join(root, "w.bin")))).toBe(hash(content));
});

test.each([
  ["the file has changed since", serve(content, { tag: '"two"' })],
  ["the server knows no ranges", serve(content, { ranges: false })],
])("it starts anew where %s", async (_, later) => {
  answer = serve(
    content.map((v) => v ^ 1),
    { breakAfter: 50_000 },
  );
  await expect(fetchIt()).rejects.toThrow("broke off");
  answer = later;
  await fetchIt();
  expect(hash(await readFile(join(root, "w.bin")))).toBe(hash(content));
});

test("a wrong hash, a wrong length, a refusal and silence are told apart, and leave no file", async () => {
  await expect(fetchIt({ sha256: "0".repeat(64) })).rejects.toMatchObject({ code: "bad-file" });
  expect(await readdir(root)).toEqual([]);
  await expect(fetchIt({ bytes: 5 })).rejects.toThrow("200000 bytes, not 5");
  answer = (_, response) => void response.writeHead(403).end("no");
  await expect(fetchIt()).rejects.toThrow("answers 403");
  await expect(fetchIt({ url: "http://127.0.0.1:9/x" })).rejects.toMatchObject({ code: "unavailable" });
  await expect(fetchIt({ offline: true })).rejects.toThrow("not in the cache");
});

test("a signal stops it and keeps what has arrived", async () => {
  const controller = new AbortController();
  answer = (_, response) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, 90_000));
  };
  const running = fetchIt({ signal: controller.signal, onProgress: () => controller.abort() });
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
  expect(await readdir(root)).toContain("w.bin.part");
});

test("file: addresses are copied", async () => {
  await writeFile(join(root, "there.bin"), content);
  await fetchIt({ url: pathToFileURL(join(root, "there.bin")).href, offline: true });
  expect(hash(await readFile(join(root, "w.bin")))).toBe(hash(content));
  await expect(fetchIt({ url: "file:///no/such", file: join(root, "x") })).rejects.toMatchObject({ code: "not-found" });
});

test("get: a model's folder and a checkpoint, from a server, then from the cache alone", async () => {
  const [there, folder, cache] = [join(root, "there"), join(root, "models"), join(root, "cache")];
  await mkdir(folder);
  const { files: _, specification: __, ...manifest } = microManifest("emotion-classifier", { name: "tiny" });
  await writeModel(there, { manifest, parameters: microParameters(microManifest("emotion-classifier")) });
  const names = ["model.json", "model.safetensors", "README.md"];
  const bytes = new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(there, "tiny", name))] as const)),
  );
  answer = (request, response) => serve(bytes.get(request.url!.slice("/weights/".length))!)(request, response);
  const addresses: AddressBook = {
    specification: "addresses/v1",
    models: [
      {
        name: "tiny",
        description: "",
        licence: "Apache-2.0",
        form: "folder",
        files: names.map((name) => ({ url: `${address}/${name}`, sha256: hash(bytes.get(name)!), file: name })),
      },
    ],
  };
  expect((await getModel({ name: "tiny", addresses, folder, cache }))[0]!.name).toBe("tiny");
  expect(requests).toHaveLength(3);
  await rm(join(folder, "tiny"), { recursive: true });
  await getModel({ name: "tiny", addresses, folder, cache, offline: true });
  expect((await openModel([folder], "tiny")).manifest.kind).toBe("emotion-classifier");
  expect(requests).toHaveLength(3);
  expect(await readdir(folder)).toEqual(["tiny"]);
  await expect(getModel({ name: "other", addresses, folder, cache })).rejects.toThrow("Known are tiny");
});

test("an address book is checked; the one that comes with it is empty", () => {
  expect(publicAddresses.models).toEqual([]);
  expect(parseAddressBook(JSON.stringify(publicAddresses), "x")).toEqual(publicAddresses);
  expect(() => parseAddressBook("{", "book.json")).toThrow("book.json is no JSON");
  const evil = {
    specification: "addresses/v1",
    models: [
      {
        name: "../x",
        description: "",
        licence: "x",
        form: "folder",
        files: [{ url: "ftp://x/y", sha256: "1", file: "a/b" }],
      },
    ],
  };
  expect(() => parseAddressBook(JSON.stringify(evil), "book.json")).toThrow(/models.0.name.*url.*sha256.*file/);
});
