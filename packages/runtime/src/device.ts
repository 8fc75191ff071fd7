/** Where a session computes. */
export type DeviceName = "cpu" | "webgpu" | "cuda";

/** What this machine offers of a device. */
export interface DeviceReport {
  readonly name: DeviceName;
  readonly available: boolean;
  /** Why it is available or not, one sentence. */
  readonly reason: string;
  /** What to do to make it available. */
  readonly mend?: string;
}
