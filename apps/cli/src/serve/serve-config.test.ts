import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveConfig } from "./serve-config.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(content: unknown): Promise<string> {
  const path = join(folder, `${Math.random()}.json`);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

test("the command line wins over the environment, that over the file, that over the defaults", async () => {
  const path = await file({ port: 1, host: "::1", slots: 2, limits: { depth: 5 }, auth: { jwt: undefined } });
  const env = {
    PROSOPON_HOST: "localhost",
    PROSOPON_PORT: "2",
    PROSOPON_API_KEYS: `anna:${"a".repeat(64)}`,
    PROSOPON_WORKER: "false",
  };
  const config = await serveConfig({ env }, { port: 3, slots: undefined }, path);
  expect(config).toMatchObject({ port: 3, host: "localhost", slots: 2, worker: false, devices: ["cpu"] });
  expect(config.limits).toMatchObject({ depth: 5, aliases: 10 });
  expect(config.auth.keys).toEqual([{ tenant: "anna", sha256: "a".repeat(64) }]);
});

test.each([
  [{ prot: 1 }, /prot/],
  [{ port: "x" }, /port/],
  [{ redis: "http://x" }, /redis/],
  [{ limits: { depht: 1 } }, /limits/],
  [{ auth: { keys: [{ tenant: "A", sha256: "secret-key" }] } }, /auth\.keys\.0/],
  [{ origins: ["javascript:alert(1)"] }, /origins/],
])("%j is refused, naming the key", async (content, key) => {
  const error = await serveConfig({ env: {} }, {}, await file(content)).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ code: "bad-input" });
  expect((error as Error).message).toMatch(key);
  expect((error as Error).message).not.toContain("secret-key");
});

test("variables are checked like keys; a file that is absent or no JSON is told", async () => {
  await expect(serveConfig({ env: { PROSOPON_PORT: "many" } }, {})).rejects.toThrow("port");
  await expect(serveConfig({ env: { PROSOPON_CONFIG: join(folder, "none.json") } }, {})).rejects.toThrow(
    "cannot be read",
  );
  await expect(serveConfig({ env: {} }, {}, await file("{"))).rejects.toThrow("no JSON");
});
