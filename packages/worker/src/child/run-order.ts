import { ProsoponError } from "@prosopon/errors";
import { type Application, loadInput } from "@prosopon/jobs";
import { jobSpan } from "../job-spans.ts";
import { type FromChild, framesAhead, type RunOrder, sentError } from "../message.ts";
import { soundQueue } from "./sound-queue.ts";

/** A run that goes on in this child. */
export interface ChildRun {
  cancel(): void;
  stored(): void;
  sound(chunk: Float32Array | "end"): void;
  readonly finished: Promise<void>;
}

export interface RunOptions {
  readonly run: number;
  readonly order: RunOrder;
  readonly application: Application;
  readonly device: string;
  readonly send: (message: FromChild) => void;
}

/** Runs an application and sends what it yields, never more than `framesAhead` frames ahead of the log. */
export function startRun({ run, order, application, device, send }: RunOptions): ChildRun {
  const cancel = new AbortController();
  const sound = soundQueue((waiting) => send({ word: "listening", run, waiting }));
  let free = framesAhead;
  let wake = (): void => {};
  cancel.signal.addEventListener("abort", () => {
    sound.push("end");
    wake();
  });

  async function work(): Promise<void> {
    const { job, files, folder, resume } = order;
    const blobs = {
      describe: async (id: string) => files.find(({ record }) => record.id === id)?.record,
      get: async (id: string) => files.find(({ record }) => record.id === id)!.bytes,
    };
    const loaded = await loadInput(application, job.input, { blobs, tenant: job.tenant });
    const { signal } = cancel;
    const events = application.run(loaded, { device, folder, signal, live: sound, ...(resume && { resume }) });
    let since = performance.now();
    for (;;) {
      const { done, value } = await events.next();
      if (signal.aborted) {
        await events.return(undefined as never).catch(() => {});
        throw new ProsoponError("cancelled", "The run was cancelled.");
      }
      if (done) return send({ word: "done", run, artifact: value });
      send({ word: "event", run, event: value, milliseconds: performance.now() - since });
      if (value.event === "frame") {
        free--;
        while (free <= 0 && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      }
      since = performance.now();
    }
  }

  return {
    cancel: () => cancel.abort(new ProsoponError("cancelled", "The run was cancelled.")),
    stored() {
      free++;
      wake();
    },
    sound: (chunk) => sound.push(chunk),
    finished: jobSpan("prosopon.run", order.job, work, order.trace).catch((error: unknown) => {
      const code = cancel.signal.aborted ? new ProsoponError("cancelled", "The run was cancelled.") : error;
      send({ word: "failed", run, error: sentError(code) });
    }),
  };
}
