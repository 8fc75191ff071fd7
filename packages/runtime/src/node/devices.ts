import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { arch, platform } from "node:process";
import type { DeviceName, DeviceReport } from "../device.ts";
import { deviceFailure } from "./probe-device.ts";
import { spawnedHost } from "./spawned-host.ts";

const mends: Readonly<Record<DeviceName, string | undefined>> = {
  cpu: undefined,
  webgpu: "WebGPU needs a graphics card and its driver (Vulkan on Linux, Metal on macOS, Direct3D 12 on Windows).",
  cuda: "On Linux x64 with an NVIDIA driver and CUDA 12: node node_modules/onnxruntime-node/script/install --onnxruntime-node-install=cuda12",
};

/**
 * Whether a device works here, tried in a child process of its own, since a driver may take its process down.
 * WebGPU on a software driver counts as available, but see `hasGraphicsCard`.
 */
export async function device(name: DeviceName): Promise<DeviceReport> {
  if (name === "cpu") return { name, available: true, reason: "The CPU is always there." };
  const reason = lacks(name) ?? (await tried(name));
  const mend = mends[name];
  if (reason === undefined) return { name, available: true, reason: "It multiplied two matrices." };
  return { name, available: false, reason, ...(mend === undefined ? {} : { mend }) };
}

/** All devices, with reasons. Takes up to a second or two. */
export const devices = (): Promise<DeviceReport[]> => Promise.all((["cpu", "webgpu", "cuda"] as const).map(device));

/** False where only a software driver could stand behind WebGPU, which is slower than the CPU itself. */
export function hasGraphicsCard(): boolean {
  if (platform !== "linux") return true;
  return (
    (existsSync("/dev/dri") && readdirSync("/dev/dri").some((n) => n.startsWith("render"))) ||
    existsSync("/dev/nvidia0")
  );
}

/** What can be told without trying. */
function lacks(name: DeviceName): string | undefined {
  if (name !== "cuda") return undefined;
  const root = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const file = join(root, "bin", "napi-v6", platform, arch, "libonnxruntime_providers_cuda.so");
  return existsSync(file) ? undefined : "The CUDA provider of onnxruntime-node is not downloaded.";
}

async function tried(name: DeviceName): Promise<string | undefined> {
  await using host = spawnedHost({ device: name, cpuFallback: false });
  return await deviceFailure(host); // awaited here: the host closes when this returns
}
