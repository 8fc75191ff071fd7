import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { isProsoponError } from "@prosopon/errors";
import type {
  ApplicationEvent,
  ApplicationFrame,
  Artifact,
  ArtifactReference,
  Claim,
  ClaimOutcome,
  StreamEnding,
} from "@prosopon/jobs";
import type { AgentSettings } from "./agent-options.ts";
import type { WorkerChild } from "./child-process.ts";
import { gatherFiles } from "./gather-files.ts";
import { appendSpans, traceHere } from "./job-spans.ts";
import { tenantMessage } from "./tenant-message.ts";

export interface RunClaimOptions {
  readonly settings: AgentSettings;
  readonly child: WorkerChild;
  /** Fires when the agent is to give its jobs back. */
  readonly handBack: AbortSignal;
  /** Ends the child on this run's account. */
  readonly condemn: (reason: string) => void;
  /** Whether a dead child may be this run's fault. If not, the job is handed back. */
  readonly blamed: () => boolean;
}

/** Errors that another attempt would meet again: the job ends with them. */
const final = new Set(["bad-input", "bad-file", "not-found"]);

/** Does one claimed job in a child: its frames into the log, its artifact into the blob store, its end. Rejects for a lost attempt. */
export async function runClaim(claim: Claim, options: RunClaimOptions): Promise<ClaimOutcome> {
  const { settings, child, handBack, condemn, blamed } = options;
  const { log, blobs, observer } = settings;
  const { job, fence } = claim;

  async function end(ending: StreamEnding): Promise<ClaimOutcome> {
    const answer = await log.end(job.id, fence, ending);
    if (answer === "ok") observer.outcome?.(job, ending.reason);
    return "ended";
  }
  function fenced(): ClaimOutcome {
    observer.fenced?.(job);
    observer.outcome?.(job, "fenced");
    return "ended";
  }

  const start = await log.start(job.id, fence);
  if (start === "fenced") return fenced();
  if (start === "cancelled") return end({ reason: "cancelled" });
  const { checkpoint } = start;
  const trace = traceHere();
  const appends = appendSpans(job);
  const files = await gatherFiles(job, blobs);
  await mkdir(settings.folder, { recursive: true });
  const folder = await mkdtemp(join(settings.folder, "run-"));

  let halted: "cancelled" | "fenced" | "hand-back" | "broken" | undefined;
  let broken: unknown;
  let stored: Promise<void> = Promise.resolve();
  let cancelled: Promise<ClaimOutcome> | undefined;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  let grace: ReturnType<typeof setTimeout> | undefined;
  let listening = false;
  let limit = settings.firstMilliseconds;

  function watch(): void {
    clearTimeout(deadline);
    if (listening || halted) return;
    const milliseconds = limit;
    deadline = setTimeout(() => condemn(`The application gave nothing for ${milliseconds} ms.`), milliseconds);
  }
  function halt(why: NonNullable<typeof halted>): void {
    if (halted) return;
    halted = why;
    clearTimeout(deadline);
    run.cancel();
    grace = setTimeout(() => condemn("The application did not heed its cancellation."), settings.graceMilliseconds);
    // The stream ends now; the slot is free when the child has let go.
    if (why === "cancelled") cancelled = end({ reason: "cancelled" });
    cancelled?.catch(() => {});
  }
  async function store({ state, ...frame }: ApplicationFrame, milliseconds: number): Promise<void> {
    if (halted) return;
    const seq = frame.index + 1;
    const answer = await log.append(job.id, fence, seq, frame);
    if (answer === "fenced" || answer === "cancelled") return halt(answer);
    if (answer === "ok") {
      observer.frame?.(job, milliseconds);
      appends.stored(seq);
    }
    if (answer === "ok" && state) await log.checkpoint(job.id, fence, seq, state);
    run.stored();
  }

  const run = child.run(
    {
      job,
      ...(trace && { trace }),
      files,
      folder,
      ...(checkpoint && { resume: { index: checkpoint.seq - 1, state: checkpoint.state } }),
    },
    {
      event(event: ApplicationEvent, milliseconds) {
        limit = settings.deadlineMilliseconds;
        watch();
        const kept = event.event === "frame" ? () => store(event, milliseconds) : () => claim.progress(event);
        stored = stored.then(kept).catch((error: unknown) => {
          broken ??= error;
          halt("broken");
        });
      },
      listening(waiting) {
        listening = waiting;
        watch();
      },
    },
  );
  const abandon = (): void => halt(claim.signal.reason?.code === "cancelled" ? "cancelled" : "fenced");
  const giveBack = (): void => halt("hand-back");
  claim.signal.addEventListener("abort", abandon);
  handBack.addEventListener("abort", giveBack);
  if (claim.signal.aborted) abandon();
  if (handBack.aborted) giveBack();
  watch();
  const ear = claim.live[Symbol.asyncIterator]();
  const heard = forward(ear, run.sound).catch(() => {});

  try {
    const outcome = await run.artifact.then(
      (artifact) => ({ artifact, error: undefined }),
      (error: unknown) => ({ artifact: undefined, error }),
    );
    clearTimeout(deadline);
    clearTimeout(grace);
    await stored;
    if (halted === "cancelled") return (await cancelled) ?? "ended";
    if (halted === "fenced") return fenced();
    if (halted === "broken") throw broken;
    if (outcome.artifact) return await end({ reason: "completed", artifact: await kept(outcome.artifact) });
    const { error } = outcome;
    const code = isProsoponError(error) ? error.code : "internal";
    if (halted === "hand-back" || (code === "crashed" && !blamed())) {
      observer.outcome?.(job, "hand-back");
      return "hand-back";
    }
    if (final.has(code) && isProsoponError(error))
      return await end({ reason: "failed", error: { code, message: tenantMessage(error.message, folder) } });
    // The device went away under the application: another child, or another device, may do better.
    if (code === "unavailable") condemn("The application found its device gone.");
    throw error;
  } catch (error) {
    observer.outcome?.(job, "lost");
    throw error;
  } finally {
    appends.end();
    clearTimeout(deadline);
    clearTimeout(grace);
    claim.signal.removeEventListener("abort", abandon);
    handBack.removeEventListener("abort", giveBack);
    void ear.return?.();
    await heard;
    await rm(folder, { recursive: true, force: true });
  }

  async function kept({ bytes, mime, name, table }: Artifact): Promise<ArtifactReference> {
    const record = await blobs.put(bytes, { mime, name, tenant: job.tenant, limit: settings.artifactLimit });
    const facts = { blob: record.id, name, mime, size: record.size };
    return table
      ? { ...facts, table: JSON.parse(JSON.stringify(table)) as NonNullable<ArtifactReference["table"]> }
      : facts;
  }
}

/** Passes sound on as it comes. */
async function forward(ear: AsyncIterator<Float32Array>, to: (chunk: Float32Array | "end") => void): Promise<void> {
  for (;;) {
    const { done, value } = await ear.next();
    to(done ? "end" : value);
    if (done) return;
  }
}
