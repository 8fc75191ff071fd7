import { expect, test } from "vitest";
import { hostConformance } from "../testing.ts";
import { createHost } from "./create-host.ts";
import { devices } from "./devices.ts";

test("options out of range are refused", async () => {
  await expect(createHost({ threads: 0 })).rejects.toMatchObject({ code: "bad-input" });
  await expect(createHost({ modelCacheSize: 1.5 })).rejects.toMatchObject({ code: "bad-input" });
});

test("every device is there or says why not; what is not there cannot be opened", async () => {
  const found = await devices();
  expect(found.map(({ name }) => name)).toEqual(["cpu", "webgpu", "cuda"]);
  expect(found[0]).toMatchObject({ available: true });
  for (const { name, available, reason, mend } of found) {
    expect(reason).not.toMatch(/^$|host was closed/);
    if (available) continue;
    expect(mend).toBeTruthy();
    await expect(createHost({ device: name })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(mend ?? ""),
    });
  }
});

test("auto takes what there is and says what it could not take", async () => {
  await using host = await createHost({ device: "auto" });
  if (host.device !== "cuda") expect(host.fallback).toContain("cuda");
  if (host.device === "cpu") expect(host.fallback).toContain("webgpu");
  await hostConformance()[0]?.check(host);
});

for (const kind of ["spawned", "in-process"] as const)
  test(`${kind} on request, with every option`, async () => {
    await using host = await createHost({
      kind,
      threads: 1,
      graphOptimization: "basic",
      spinning: false,
      memoryPattern: false,
      modelCacheSize: 1,
    });
    expect(host).toMatchObject({ kind, device: "cpu" });
    await hostConformance()[0]?.check(host);
  });
