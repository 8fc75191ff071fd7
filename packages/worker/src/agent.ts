import type { DeviceStatus } from "./agent-observer.ts";
import { type AgentOptions, agentSettings } from "./agent-options.ts";
import { deviceRunner } from "./device-runner.ts";

/** Takes jobs from an engine and runs them in child processes, one for each device. */
export interface Agent extends AsyncDisposable {
  /** One for each device, in the order given. */
  readonly devices: readonly DeviceStatus[];
  /** True when some device is READY or BUSY. */
  readonly ready: boolean;
  /** Takes no more jobs, waits for those that run, hands back after `milliseconds` (default 10,000) what is left, ends the children. */
  drain(options?: { readonly milliseconds?: number }): Promise<void>;
}

/**
 * Starts the children. A child that dies is started again after a pause; its job is queued again and goes on from its checkpoint; a job
 * that keeps killing its child fails. This process only passes frames on, so its locks are renewed whatever a model does.
 * @throws `bad-input` for options that make no sense.
 */
export function createAgent(options: AgentOptions): Agent {
  const settings = agentSettings(options);
  const runners = settings.devices.map((device) => deviceRunner(settings, device));
  let drained: Promise<unknown> | undefined;
  const drain = async (milliseconds: number): Promise<void> => {
    drained ??= Promise.all(runners.map((runner) => runner.drain(milliseconds)));
    await drained;
  };
  return {
    get devices() {
      return runners.map(({ status }) => status);
    },
    get ready() {
      return runners.some(({ status: { state } }) => state === "READY" || state === "BUSY");
    },
    drain: ({ milliseconds = 10_000 } = {}) => drain(milliseconds),
    [Symbol.asyncDispose]: () => drain(0),
  };
}
