import { folderBlobs } from "@prosopon/jobs/node";
import { redisJobs } from "@prosopon/jobs/redis";
import { createAgent } from "../agent.ts";
import { fakeApplicationsModule } from "./fake-module.ts";

/** What the program is given, as JSON. */
export interface AgentProgramOptions {
  readonly url: string;
  readonly prefix: string;
  readonly folder: string;
  readonly lockMilliseconds: number;
  readonly checkMilliseconds: number;
}

// An agent on Redis as a process of its own, for tests that stop and kill whole workers. Each line it prints is something it observed.
const { url, prefix, folder, ...locks } = JSON.parse(process.argv[2] ?? "{}") as AgentProgramOptions;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const { engine, log } = redisJobs({ url, prefix, ...locks });
const agent = createAgent({
  engine,
  log,
  blobs: folderBlobs(`${folder}/blobs`),
  folder: `${folder}/runs`,
  applications: [fakeApplicationsModule],
  devices: [{ name: "cpu" }],
  backoffMilliseconds: { first: 50, most: 500 },
  observer: {
    status: ({ state, processId }) => print(`${state} ${processId ?? ""}`),
    frame: () => print("frame"),
    fenced: () => print("fenced"),
    outcome: (_, outcome) => print(`outcome ${outcome}`),
  },
});
process.on("SIGTERM", async () => {
  await agent.drain({ milliseconds: 1000 });
  await engine[Symbol.asyncDispose]();
  process.exit();
});
