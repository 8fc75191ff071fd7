import { hostConformance } from "@prosopon/runtime/testing";
import { expect, test } from "vitest";
import { fakeCuda } from "./fake-cuda.ts";

for (const { name, check } of hostConformance())
  test(name, async () => {
    await using host = await fakeCuda();
    expect(host.device).toBe("cuda");
    await check(host);
  });
