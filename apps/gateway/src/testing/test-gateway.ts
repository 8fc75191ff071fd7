import type { BlobStore, EngineLimits, FrameLog, JobEngine } from "@prosopon/jobs";
import { embeddedJobs } from "@prosopon/jobs/node";
import { memoryBlobs } from "@prosopon/jobs/testing";
import { createGateway, type Gateway } from "../gateway.ts";
import type { GatewayOptions } from "../gateway-options.ts";
import { type PrivateLog, privateLog } from "../observe/private-log.ts";
import { paint } from "./fake-application.ts";
import { inProcessWorker } from "./in-process-worker.ts";

export interface TestGatewayOptions extends Partial<GatewayOptions> {
  readonly engineLimits?: EngineLimits;
  /** No worker takes the jobs. */
  readonly idle?: boolean;
}

export interface Answer<Data = Record<string, never>> {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Data;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

export interface TestGateway extends AsyncDisposable {
  readonly url: string;
  readonly socketUrl: string;
  readonly gateway: Gateway;
  readonly engine: JobEngine;
  readonly log: FrameLog;
  readonly blobs: BlobStore;
  /** What was logged. */
  readonly lines: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at by tests, each knows its own
  ask<Data = any>(
    query: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<Answer<Data>>;
  /** Starts the fake application and gives the job's id. */
  paint(input?: Record<string, unknown>, headers?: Record<string, string>): Promise<string>;
}

let keys = 0;

/** A gateway on a free port with embedded jobs, memory blobs and a worker in this process. */
export async function testGateway({ engineLimits, idle, ...options }: TestGatewayOptions = {}): Promise<TestGateway> {
  const jobs = embeddedJobs(engineLimits ? { limits: engineLimits } : {});
  const { engine, log } = jobs;
  const blobs = memoryBlobs();
  const lines: string[] = [];
  const tell: PrivateLog = privateLog((line) => lines.push(line));
  const applications = [paint];
  const gateway = createGateway({
    engine,
    log,
    blobs,
    applications,
    emotions: ["neutral", "very happy"],
    models: async () => [{ name: "tiny", kind: "reenactment", description: "A small one." }],
    tell,
    ...options,
    limits: { drainSeconds: 1, ...options.limits },
  });
  const stop = idle
    ? async () => {}
    : await inProcessWorker({ engine: options.engine ?? engine, log: options.log ?? log, blobs, applications });
  const { url } = await gateway.listen({ port: 0 });

  const ask: TestGateway["ask"] = async (query, variables = {}, headers = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const body = await response.json();
    return { status: response.status, headers: response.headers, ...(body as object) };
  };

  return {
    url,
    socketUrl: url.replace("http", "ws"),
    gateway,
    engine,
    log,
    blobs,
    lines,
    ask,
    async paint(input = {}, headers = {}) {
      const query =
        "mutation($input: PaintFacesInput!, $key: String!) { paintFaces(input: $input, idempotencyKey: $key) { id } }";
      const { data, errors } = await ask(query, { input, key: `key-${keys++}` }, headers);
      if (!data) throw new Error(`paintFaces: ${JSON.stringify(errors)}`);
      return data.paintFaces.id;
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine[Symbol.asyncDispose]();
      await stop();
    },
  };
}
