import type { ArtifactReference, Job, JobError, JobProgress } from "@prosopon/jobs";
import type { DigitalSource } from "@prosopon/provenance";
import type { TicketScope } from "../auth/tickets.ts";
import { jobStateName } from "../frames/wire-names.ts";
import { hasPicture } from "../jobs/has-picture.ts";
import type { Services } from "../services.ts";
import type { Builder } from "./builder.ts";
import type { GatewayContext } from "./context.ts";

interface Access {
  readonly url: string;
  readonly ticket: string;
  readonly expires: number;
}

interface ArtifactOf {
  readonly job: Job;
  readonly artifact: ArtifactReference;
}

/** `Artifact` and `JobError` also end a stream, so the frame types need them. */
export type JobTypes = ReturnType<typeof jobTypes>;

/** The IPTC term for what this job makes: a photograph that a model changed, or a picture that a model made. */
export function digitalSourceType(job: Job): string {
  const kind: DigitalSource = hasPicture(job) ? "compositeWithTrainedAlgorithmicMedia" : "trainedAlgorithmicMedia";
  return `http://cv.iptc.org/newscodes/digitalsourcetype/${kind}`;
}

/** Adds `Job` and what hangs on it. */
export function jobTypes(builder: Builder, { tickets }: Services) {
  const state = builder.enumType("JobState", {
    description: "QUEUED waits for a worker; the last four are ends.",
    values: ["QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED", "EXPIRED"] as const,
  });
  const error = builder.objectRef<JobError>("JobError").implement({
    description: "Why a job failed.",
    fields: (t) => ({ code: t.exposeString("code"), message: t.exposeString("message") }),
  });
  const progress = builder.objectRef<JobProgress>("JobProgress").implement({
    fields: (t) => ({
      label: t.exposeString("label", { description: "The phase, such as inversion." }),
      done: t.exposeFloat("done"),
      total: t.float({ nullable: true, resolve: ({ total }) => total ?? null }),
    }),
  });
  const artifact = builder.objectRef<ArtifactOf>("Artifact").implement({
    description: "The file that a finished job leaves behind. It is marked as made by AI.",
    fields: (t) => ({
      name: t.string({ resolve: ({ artifact: { name } }) => name }),
      mime: t.string({ resolve: ({ artifact: { mime } }) => mime }),
      size: t.field({ type: "SafeInt", description: "Bytes.", resolve: ({ artifact: { size } }) => size }),
      url: t.string({
        description: "Path of its bytes, with range requests. Needs the bearer header, or ?ticket= of `Job.stream`.",
        resolve: ({ job }) => `/v1/jobs/${job.id}/artifact`,
      }),
      table: t.field({
        type: "JSON",
        nullable: true,
        description: "Numbers that the application reports.",
        resolve: ({ artifact: { table } }) => table ?? null,
      }),
      digitalSourceType: t.string({
        description: "IPTC digital source type, a URI.",
        resolve: ({ job }) => digitalSourceType(job),
      }),
    }),
  });
  const access = builder.objectRef<Access>("Access").implement({
    description: "A way to bytes for what can send no header, such as a video element or a browser's socket.",
    fields: (t) => ({
      url: t.exposeString("url", { description: "A path of this gateway. Add ?ticket= and the ticket." }),
      ticket: t.exposeString("ticket", { description: "Opens this job alone, until `expires`. A secret." }),
      expires: t.expose("expires", { type: "DateTime" }),
    }),
  });
  const grant = ({ id, tenant }: Job, scope: TicketScope, route: string, { principal }: GatewayContext): Access => ({
    url: `/v1/jobs/${id}/${route}`,
    ...tickets.issue({ tenant, job: id, scope }, principal.expires),
  });
  const job = builder.objectRef<Job>("Job").implement({
    description: "One run of an application.",
    fields: (t) => ({
      id: t.exposeID("id"),
      application: t.exposeString("application"),
      state: t.field({ type: state, resolve: (of) => jobStateName(of.state) }),
      cancelling: t.exposeBoolean("cancelling", {
        description: "Its cancellation was asked for and follows within a frame.",
      }),
      progress: t.field({ type: progress, nullable: true, resolve: (of) => of.progress ?? null }),
      epoch: t.exposeInt("epoch", {
        description: "Of the stream, from 1; it rises when the stream is made again from its start.",
      }),
      lastSeq: t.exposeInt("lastSeq", { description: "The stream's last frame; 0 before the first." }),
      attemptsLost: t.int({ description: "How often a worker was lost with it.", resolve: ({ lost }) => lost }),
      device: t.string({ nullable: true, resolve: (of) => of.device ?? null }),
      submittedAt: t.expose("submittedAt", { type: "DateTime" }),
      startedAt: t.field({ type: "DateTime", nullable: true, resolve: (of) => of.startedAt ?? null }),
      endedAt: t.field({ type: "DateTime", nullable: true, resolve: (of) => of.endedAt ?? null }),
      artifact: t.field({
        type: artifact,
        nullable: true,
        resolve: (of) => (of.artifact ? { job: of, artifact: of.artifact } : null),
      }),
      error: t.field({ type: error, nullable: true, resolve: (of) => of.error ?? null }),
      digitalSourceType: t.string({
        description: "IPTC digital source type of its frames.",
        resolve: digitalSourceType,
      }),
      stream: t.field({
        type: access,
        description: "The binary stream of its frames; the ticket opens the artifact too.",
        resolve: (of, _, context) => grant(of, "read", "frames", context),
      }),
      live: t.field({
        type: access,
        description: "A WebSocket that takes speech while the job runs.",
        resolve: (of, _, context) => grant(of, "feed", "audio", context),
      }),
    }),
  });
  return { job, state, artifact, error };
}
