import { afterAll, expect, test } from "vitest";
import { hostConformance } from "../testing.ts";
import { inProcessHost } from "./in-process-host.ts";

const host = inProcessHost({ modelCacheSize: 3 });
afterAll(() => host[Symbol.asyncDispose]());

for (const { name, check } of hostConformance()) test(name, () => check(host));

test("refuses everything once closed", async () => {
  const brief = inProcessHost();
  await brief[Symbol.asyncDispose]();
  await expect(brief.load({ model: new Uint8Array() })).rejects.toMatchObject({ code: "bad-input" });
});
