import type { StreamEnd } from "../frame-event.ts";
import type { Checkpoint, Retention } from "../frame-log.ts";
import type { Job } from "../job.ts";
import type { EngineLimits } from "../job-engine.ts";
import { type Bell, bell } from "../stream/bell.ts";
import { type KeptFrames, keptFrames, type Spill } from "./kept-frames.ts";
import { type LiveSound, liveSound } from "./live-sound.ts";

/** One job with all that belongs to it. */
export interface JobRecord {
  job: Job;
  /** Rings at each new event of the stream. */
  readonly events: Bell;
  /** Rings at each change of the job. */
  readonly changes: Bell;
  readonly frames: KeptFrames;
  readonly live: LiveSound;
  checkpoint?: Checkpoint | undefined;
  end?: StreamEnd;
  removed: boolean;
}

export function jobRecord(
  job: Job,
  limits: Required<EngineLimits>,
  retention: Required<Retention>,
  sampleRate: number,
  spill?: Spill,
): JobRecord {
  return {
    job,
    events: bell(),
    changes: bell(),
    frames: keptFrames(job.id, retention, spill),
    live: liveSound(limits.liveSeconds * sampleRate),
    removed: false,
  };
}

/** Changes a job and tells its watchers. */
export function change(record: JobRecord, changes: Partial<Job>): void {
  record.job = { ...record.job, ...changes };
  record.changes.ring();
}
