import type { DeviceName, DeviceReport } from "../device.ts";
import { hasGraphicsCard, device as reportOf } from "./devices.ts";

export interface BestDeviceOptions {
  /** Whether a device works here; the default tries it in a child process. */
  readonly report?: (name: DeviceName) => Promise<DeviceReport>;
  /** Whether there is a graphics card behind WebGPU; the default looks. */
  readonly graphicsCard?: boolean;
}

/** The first of cuda, webgpu (with a graphics card behind it) and cpu that works, and why those before it do not. */
export async function bestDevice({
  report = reportOf,
  graphicsCard = hasGraphicsCard(),
}: BestDeviceOptions = {}): Promise<{
  readonly device: DeviceName;
  readonly fallback?: string;
}> {
  const refused: string[] = [];
  for (const name of ["cuda", "webgpu"] as const) {
    const { available, reason } =
      name === "webgpu" && !graphicsCard
        ? { available: false, reason: "There is no graphics card." }
        : await report(name);
    if (available) return { device: name, ...(refused.length > 0 ? { fallback: refused.join(" ") } : {}) };
    refused.push(`${name}: ${reason}`);
  }
  return { device: "cpu", fallback: refused.join(" ") };
}
