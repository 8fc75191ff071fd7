import { Readable } from "node:stream";
import type { Application, Job } from "@prosopon/jobs";
import type { GraphQLSchema } from "graphql";
import { batchEvents } from "../frames/batch-events.ts";
import { mapEvents } from "../frames/map-events.ts";
import { openFrames } from "../frames/open-frames.ts";
import { takeUpload } from "../http/take-upload.ts";
import { ownedJob } from "../jobs/owned-job.ts";
import { removeJob } from "../jobs/remove-job.ts";
import { submitJob } from "../jobs/submit-job.ts";
import { refusal } from "../limits/refusal.ts";
import type { ModelSummary, Services } from "../services.ts";
import { type Builder, createBuilder } from "./builder.ts";
import type { GatewayContext } from "./context.ts";
import { type AnyEventOf, frameTypes } from "./frame-types.ts";
import { inputTypeOf } from "./input-types.ts";
import { type JobTypes, jobTypes } from "./job-types.ts";
import { fieldName } from "./names.ts";

interface JobPage {
  readonly jobs: readonly Job[];
  readonly after: string | undefined;
}

function addQueries(builder: Builder, services: Services, { job }: JobTypes): void {
  const { engine, limits, models, emotions, applications } = services;
  const model = builder.objectRef<ModelSummary>("Model").implement({
    fields: (t) => ({
      name: t.exposeString("name"),
      kind: t.exposeString("kind"),
      description: t.exposeString("description"),
    }),
  });
  const output = builder.enumType("Output", {
    values: { IMAGE: { value: "image" }, FRAMES: { value: "frames" }, TABLE: { value: "table" } } as const,
  });
  const application = builder.objectRef<Application>("Application").implement({
    description: "A method that this gateway offers.",
    fields: (t) => ({
      name: t.exposeString("name"),
      description: t.exposeString("description"),
      output: t.field({ type: output, resolve: (of) => of.output }),
      mutation: t.string({ description: "The mutation that starts it.", resolve: ({ name }) => fieldName(name) }),
    }),
  });
  const page = builder.objectRef<JobPage>("JobPage").implement({
    fields: (t) => ({
      nodes: t.field({ type: [job], complexity: { multiplier: 1 }, resolve: ({ jobs }) => [...jobs] }),
      after: t.id({
        nullable: true,
        description: "For the next page; null at the end.",
        resolve: (of) => of.after ?? null,
      }),
    }),
  });
  builder.queryType({
    fields: (t) => ({
      models: t.field({ type: [model], resolve: async () => [...(await models())] }),
      emotions: t.stringList({ resolve: () => [...emotions] }),
      applications: t.field({ type: [application], resolve: () => [...applications] }),
      job: t.field({
        type: job,
        args: { id: t.arg.id({ required: true }) },
        resolve: (_, { id }, { principal }) => ownedJob(engine, id, principal.tenant),
      }),
      jobs: t.field({
        type: page,
        description: "Your jobs, newest first.",
        args: { first: t.arg.int({ defaultValue: 20 }), after: t.arg.id() },
        complexity: ({ first }) => ({ field: 1, multiplier: Math.max(1, first ?? 20) }),
        resolve: async (_, { first, after }, { principal: { tenant } }) => {
          const count = first ?? 20;
          if (count < 1 || count > limits.pageSize)
            throw refusal("BAD_INPUT", `first must be 1 to ${limits.pageSize}.`);
          if (after != null) await ownedJob(engine, after, tenant);
          const jobs = await engine.list({ tenant, first: count, ...(after == null ? {} : { after }) });
          return { jobs, after: jobs.length < count ? undefined : jobs.at(-1)?.id };
        },
      }),
    }),
  });
}

function addMutations(builder: Builder, services: Services, { job }: JobTypes): void {
  const { engine, limits, applications } = services;
  const upload = builder.objectRef<{ id: string; mime: string; size: number; expires: number }>("Upload").implement({
    description: "A file that was sent here, to be named in a job's input.",
    fields: (t) => ({
      id: t.exposeID("id"),
      mime: t.exposeString("mime", { description: "As its first bytes tell." }),
      size: t.expose("size", { type: "SafeInt", description: "Bytes." }),
      expires: t.expose("expires", { type: "DateTime", description: "When it is deleted." }),
    }),
  });
  builder.mutationType({
    fields: (t) => ({
      cancelJob: t.field({
        type: job,
        description: "Asks for the end of a job; one that has ended stays as it is.",
        args: { id: t.arg.id({ required: true }) },
        resolve: async (_, { id }, { principal }) => engine.cancel((await ownedJob(engine, id, principal.tenant)).id),
      }),
      deleteJob: t.boolean({
        description: "Cancels a job and deletes its record, frames, artifact and uploads.",
        args: { id: t.arg.id({ required: true }) },
        resolve: async (_, { id }, { principal }) => {
          await removeJob(services, await ownedJob(engine, id, principal.tenant));
          return true;
        },
      }),
      createUpload: t.field({
        type: upload,
        description: "A small file in a multipart request; larger ones go to POST /uploads, which streams.",
        args: { file: t.arg({ type: "File", required: true }) },
        resolve: async (_, { file }, { principal: { tenant } }) => {
          // Bounded by limits.requestBytes, and in memory already.
          const bytes = new Uint8Array(await file.arrayBuffer());
          const record = await takeUpload(services, Readable.from([bytes]), { tenant, limit: limits.uploadBytes });
          return { ...record, expires: record.createdAt + 1000 * limits.uploadSeconds };
        },
      }),
      deleteUpload: t.boolean({
        description: "Deletes an upload before its time. False when there was none.",
        args: { id: t.arg.id({ required: true }) },
        resolve: async (_, { id }, { principal: { tenant } }) => {
          const record = /^[A-Za-z0-9-]{1,128}$/.test(id) ? await services.blobs.describe(id) : undefined;
          if (record?.tenant !== tenant) return false;
          await services.blobs.delete(id);
          return true;
        },
      }),
    }),
  });
  for (const application of applications) {
    const input = inputTypeOf(builder, application);
    builder.mutationField(fieldName(application.name), (t) =>
      t.field({
        type: job,
        description: application.description,
        complexity: 10,
        args: {
          input: t.arg({ type: input, required: true }),
          idempotencyKey: t.arg.string({
            required: true,
            description: "The same key with the same input gives the same job.",
          }),
        },
        resolve: (_, args, { principal, requestId }) =>
          submitJob(services, {
            application,
            input: args.input,
            idempotencyKey: args.idempotencyKey,
            principal,
            requestId,
          }),
      }),
    );
  }
}

function addSubscriptions(builder: Builder, services: Services, types: JobTypes): void {
  const { engine, limits, streams } = services;
  const { union, delivery } = frameTypes(builder, types);
  const open = async (
    args: {
      jobId: string;
      after?: string | null | undefined;
      delivery?: "reliable" | "live" | null | undefined;
      maxFps?: number | null | undefined;
    },
    { principal }: GatewayContext,
  ): Promise<AsyncIterableIterator<AnyEventOf>> => {
    const job = await ownedJob(engine, args.jobId, principal.tenant);
    if (args.maxFps != null && !(args.maxFps > 0)) throw refusal("BAD_INPUT", "maxFps must be more than 0.");
    const events = openFrames(services, {
      job,
      principal,
      transport: "graphql",
      after: args.after ?? undefined,
      delivery: args.delivery ?? "reliable",
      maxFps: args.maxFps ?? undefined,
    });
    return mapEvents(events, (event) => ({ job, event }) as AnyEventOf);
  };
  builder.subscriptionType({
    fields: (t) => ({
      frames: t.field({
        type: union,
        description:
          "What follows the cursor, in order; all of it without one. Subscribe again after the last event's cursor until StreamEnd came.",
        args: {
          jobId: t.arg.id({ required: true }),
          after: t.arg({ type: "Cursor" }),
          delivery: t.arg({ type: delivery, defaultValue: "reliable" }),
          maxFps: t.arg.float({ description: "Leaves out frames beyond this rate." }),
        },
        subscribe: (_, args, context) => open(args, context),
        resolve: (event) => event,
      }),
      frameBatches: t.field({
        type: [union],
        description: "The same in groups: fewer messages, later frames.",
        complexity: ({ maxFrames }) => ({
          field: 1,
          multiplier: Math.min(Math.max(1, maxFrames ?? 5), limits.batchFrames),
        }),
        args: {
          jobId: t.arg.id({ required: true }),
          after: t.arg({ type: "Cursor" }),
          maxFrames: t.arg.int({ defaultValue: 5 }),
          maxWaitMs: t.arg.int({ defaultValue: 100 }),
        },
        subscribe: async (_, args, context) => {
          const most = args.maxFrames ?? 5;
          const wait = args.maxWaitMs ?? 100;
          if (most < 1 || most > limits.batchFrames)
            throw refusal("BAD_INPUT", `maxFrames must be 1 to ${limits.batchFrames}.`);
          if (wait < 0 || wait > 10_000) throw refusal("BAD_INPUT", "maxWaitMs must be 0 to 10000.");
          return batchEvents(await open(args, context), { most, wait });
        },
        resolve: (events) => [...events],
      }),
      job: t.field({
        type: types.job,
        description: "The job as it is, then after each change, until it has ended.",
        args: { id: t.arg.id({ required: true }) },
        subscribe: async (_, { id }, { principal }) => {
          const job = await ownedJob(engine, id, principal.tenant);
          return streams.admit(engine.watch(job.id), { principal, transport: "graphql" });
        },
        resolve: (job) => job,
      }),
    }),
  });
}

/** The whole schema: our own fields, and a mutation for each application. @throws `bad-input` for an application that has no place in it. */
export function buildSchema(services: Services): GraphQLSchema {
  const builder = createBuilder(services.limits);
  const types = jobTypes(builder, services);
  addQueries(builder, services, types);
  addMutations(builder, services, types);
  addSubscriptions(builder, services, types);
  return builder.toSchema();
}
