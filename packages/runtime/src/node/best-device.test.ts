import { tensor } from "@prosopon/graph";
import { expect, test } from "vitest";
import type { DeviceName } from "../device.ts";
import type { Host } from "../host.ts";
import type { Session } from "../session.ts";
import { bestDevice } from "./best-device.ts";
import { deviceFailure } from "./probe-device.ts";
import { sessionOptions } from "./session-options.ts";

/** A machine on which only these devices work; it notes what was asked. */
function machine(...works: DeviceName[]) {
  const asked: DeviceName[] = [];
  const report = async (name: DeviceName) => {
    asked.push(name);
    return { name, available: works.includes(name), reason: works.includes(name) ? "It works." : "No driver." };
  };
  return { asked, report };
}

test("CUDA comes first, and nothing else is tried where it works", async () => {
  const { asked, report } = machine("cuda", "webgpu");
  expect(await bestDevice({ report, graphicsCard: true })).toEqual({ device: "cuda" });
  expect(asked).toEqual(["cuda"]);
});

test("what cannot be taken is explained", async () => {
  const fallback = "cuda: No driver.";
  expect(await bestDevice({ ...machine("webgpu"), graphicsCard: true })).toEqual({ device: "webgpu", fallback });
  expect(await bestDevice({ ...machine("webgpu"), graphicsCard: false })).toEqual({
    device: "cpu",
    fallback: `${fallback} webgpu: There is no graphics card.`,
  });
  expect(await bestDevice({ ...machine(), graphicsCard: true })).toEqual({
    device: "cpu",
    fallback: `${fallback} webgpu: No driver.`,
  });
});

test("CUDA gets the session first, the CPU what is left, unless that is forbidden", () => {
  expect(sessionOptions({ device: "cuda" }).executionProviders).toEqual(["cuda", "cpu"]);
  const strict = sessionOptions({ device: "cuda", cpuFallback: false });
  expect(strict.executionProviders).toEqual(["cuda"]);
  expect(strict.extra).toMatchObject({ session: { disable_cpu_ep_fallback: "1" } });
  expect(sessionOptions({}).executionProviders).toEqual(["cpu"]);
  expect(sessionOptions({}).extra).not.toHaveProperty("session.disable_cpu_ep_fallback");
});

/** A CUDA host whose session answers the probe with this product, or fails. */
function cudaHost(answer: readonly number[] | Error): Host {
  const session = {
    run: async () => {
      if (answer instanceof Error) throw answer;
      return { b: tensor("float32", [2, 2], answer) };
    },
    [Symbol.asyncDispose]: async () => {},
  } as unknown as Session;
  return { device: "cuda", kind: "spawned", load: async () => session } as unknown as Host;
}

test("a device that computes wrongly or fails is not taken, and the runtime's preamble is cut from the reason", async () => {
  expect(await deviceFailure(cudaHost([7, 10, 15, 22]))).toBeUndefined();
  expect(await deviceFailure(cudaHost([7, 10, 15, 23]))).toContain("wrong product");
  const error = new Error("/onnxruntime/core/cuda_call.cc:121 CudaCall status was false. CUDA failure 35: no driver");
  expect(await deviceFailure(cudaHost(error))).toBe("CUDA failure 35: no driver");
});
