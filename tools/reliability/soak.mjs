// Streams for a long time: jobs, viewers who stay and viewers who leave, cut connections, cancellations, uploads, deletions.
//   node tools/reliability/soak.mjs [--minutes 30] [--seed N] [--write]
// (after a build). Holds that every viewer who stayed saw each frame once, that memory is flat, and that streams, sockets and files are back where they were.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { numbers } from "../../packages/client/dist/testing/wire-faults.js";
import { judge } from "./judge.mjs";
import { ask, held, withLab } from "./lab.mjs";
import { memoryGrowth } from "./memory-growth.mjs";
import { rawViewer } from "./raw-viewer.mjs";
import { openFiles, residentBytes } from "./running.mjs";
import { until } from "./until.mjs";
import { transports, view } from "./viewer.mjs";
import { writeReport } from "./write-report.mjs";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string", default: String(Math.floor(Date.now() / 1000) % 1_000_000) },
    write: { type: "boolean", default: false },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const mega = 2 ** 20;
/** Allocators move by so much without any leak. */
const allowed = 48;
const begun = performance.now();
process.stdout.write(`seed ${seed}, ${minutes} minutes\n`);

/** One lab under load until the time is over. */
const soak = (adapter, random) =>
  withLab({ adapter }, async (lab) => {
    const problems = [];
    const counts = { jobs: 0, cancelled: 0, viewers: 0, frames: 0, leavers: 0, cuts: 0, uploads: 0 };
    const { gateway, worker } = await lab.service({ slots: 3 });
    const picture = Buffer.alloc(200_000, 1);
    picture.set([0xff, 0xd8, 0xff, 0xe0]);

    async function oneJob() {
      const frames = 50 + Math.floor(100 * random());
      const id = await lab.run({ frames, fps: 25, size: 16_000, checkpointEvery: 10 });
      const stay = [0, 1].map(() => view(lab.client, id, { transport: transports[Math.floor(3 * random())] }));
      const leave = [0, 1].map(async () => {
        const one = await rawViewer(gateway.port, id, transports[Math.floor(3 * random())]);
        await sleep(2000 * random());
        one.leave();
        counts.leavers++;
      });
      const cancels = random() < 0.2;
      if (cancels) {
        await lab.frames(id, 10);
        await lab.cancel(id).catch(() => lab.cancel(id));
      }
      const uploaded = await fetch(`http://127.0.0.1:${gateway.port}/uploads`, { method: "POST", body: picture });
      const { id: upload } = await uploaded.json();
      const seen = await Promise.all(stay);
      await Promise.all(leave);
      // A cancellation may come when all is done.
      const reason = cancels && seen[0].ends[0]?.startsWith("CANCELLED") ? "CANCELLED" : "COMPLETED";
      problems.push(...judge(seen, reason === "COMPLETED" ? { frames } : { reason }));
      await ask(
        `http://127.0.0.1:${gateway.port}`,
        "mutation($id: ID!, $upload: ID!) { deleteJob(id: $id) deleteUpload(id: $upload) }",
        { id, upload },
      );
      counts.jobs++;
      counts.uploads++;
      counts.viewers += seen.length;
      counts.frames += seen.reduce((sum, { places }) => sum + places.length, 0);
      if (cancels) counts.cancelled++;
    }

    const watched = {
      gateway: () => gateway.child.pid,
      ...(worker === gateway ? {} : { worker: () => worker.child.pid }),
    };
    watched["worker's child"] = () => worker.deviceProcess;
    if (lab.server) watched.redis = () => lab.server.processId;
    const samples = Object.fromEntries(Object.keys(watched).map((name) => [name, []]));
    await oneJob();
    const files = openFiles(gateway.child.pid);
    const end = performance.now() + 60_000 * minutes;
    const lane = async () => {
      while (performance.now() < end) await oneJob();
    };
    let over = false;
    const cutting = (async () => {
      while (!over) {
        await sleep(Math.min(2000 + 6000 * random(), 10_000 * minutes));
        counts.cuts += lab.balancer.cut(random, 0.3);
      }
    })();
    let ended = (_) => {};
    const someEnded = new Promise((_, reject) => {
      ended = reject;
    });
    const watch = setInterval(
      () => {
        for (const [name, processId] of Object.entries(watched))
          try {
            samples[name].push(residentBytes(processId()) / mega);
          } catch ({ message }) {
            const last = JSON.stringify([...gateway.events.slice(-4), ...worker.events.slice(-4)]);
            ended(new Error(`${adapter}, ${name}: ${message} ${gateway.errors}${worker.errors} ${last}`));
          }
      },
      Math.max(100, 300 * minutes),
    );
    await Promise.race([Promise.all([lane(), lane(), lane()]), someEnded]).finally(() => {
      over = true;
      clearInterval(watch);
    });
    await cutting;

    const left = await until(
      "streams and sockets are closed",
      async () => {
        const now = await held(gateway.port);
        return now.streams === 0 && now.sockets === 0 && now;
      },
      20_000,
    ).catch(async () => held(gateway.port));
    if (left.streams + left.sockets > 0) problems.push(`left open: ${JSON.stringify(left)}`);
    await until("files are closed", () => openFiles(gateway.child.pid) <= files + 8, 20_000).catch(({ message }) =>
      problems.push(message),
    );
    if (gateway.said("internal").length > 0)
      problems.push(`unforeseen: ${JSON.stringify(gateway.said("internal")[0])}`);
    const memory = Object.entries(samples).map(([name, all]) => {
      const growth = memoryGrowth(all);
      if (growth > allowed) problems.push(`${name} grew by ${growth.toFixed(0)} MiB`);
      return `${name} ${growth >= 0 ? "+" : ""}${growth.toFixed(1)} MiB (at ${all.at(-1).toFixed(0)})`;
    });
    const done = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
    return {
      problems,
      lines: [
        `- ${adapter}: ${problems.length === 0 ? "held" : `FAILED: ${problems.slice(0, 5).join("; ")}`}. ${done.join(", ")}.`,
        `- ${adapter}: memory from the second fifth of the time to the last: ${memory.join(", ")}. Streams and sockets open at the end: ${left.streams} and ${left.sockets}; files ${files} and ${openFiles(gateway.child.pid)}.`,
      ],
    };
  });

const results = await Promise.all(["redis", "embedded"].map((adapter, at) => soak(adapter, numbers(seed + at))));
const lines = results.flatMap((result) => result.lines);
process.stdout.write(`${lines.join("\n")}\n`);
if (values.write)
  writeReport(
    "soak",
    {
      command: `node tools/reliability/soak.mjs --minutes ${minutes}`,
      seed,
      seconds: (performance.now() - begun) / 1000,
    },
    lines,
  );
process.exit(results.some(({ problems }) => problems.length > 0) ? 1 : 0);
