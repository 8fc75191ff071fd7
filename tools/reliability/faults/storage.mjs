// Redis killed, disks full, power lost.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { judge, missing } from "../judge.mjs";
import { withLab } from "../lab.mjs";
import { until } from "../until.mjs";
import { pauses, view, viewAll } from "../viewer.mjs";

const stream = { frames: 150, fps: 25, checkpointEvery: 5 };
const status = async (url, init) => (await fetch(url, init)).status;

/** Gives `use` a small file system of memory, where this user may mount one. */
async function withSmallDisk(megabytes, use) {
  const folder = mkdtempSync(join(tmpdir(), "small-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    rmSync(folder, { recursive: true });
    return { skipped: "mounting a small disk is not permitted here" };
  }
  try {
    const enlarge = () => execFileSync("mount", ["-o", "remount,size=256m", folder]);
    return await use({ folder, enlarge });
  } finally {
    execFileSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every byte that Redis wrote since, and the whole of what a job needs to go on. */
const killRedis = (settings, check) =>
  withLab({ redisSettings: settings }, async (lab) => {
    await lab.gateway();
    await lab.worker();
    const id = await lab.run(stream);
    const viewing = viewAll(lab.client, id, { signal: AbortSignal.timeout(60_000) });
    await lab.frames(id, 40);
    await lab.server.stop("SIGKILL");
    await sleep(500);
    await lab.server.start();
    return check(lab, id, await viewing);
  });

/** The disk under the append-only file fills while frames come; then it is enlarged. */
const fullRedisDisk = (policy, whenFull) =>
  withSmallDisk(4, ({ folder, enlarge }) =>
    withLab({ redisSettings: ["--dir", folder, "--appendfsync", policy] }, async (lab) => {
      await lab.gateway();
      await lab.worker();
      // About 25 kB a frame: full after some 150 of them.
      const id = await lab.run({ frames: 300, fps: 25, size: 25_000, checkpointEvery: 5 });
      const viewing = viewAll(lab.client, id);
      await lab.frames(id, 40);
      const problems = await whenFull(lab, id);
      enlarge();
      if (policy === "always") await lab.server.start();
      const seen = await viewing;
      problems.push(...judge(seen, { frames: 300 }));
      await until("it is ready again", async () => (await status(`${lab.balancer.url}/readyz`)) === 200, 10_000).catch(
        ({ message }) => problems.push(message),
      );
      const { lost } = await lab.attempts(id);
      return { problems, seen: `300 frames once when there was room, ${lost} attempts lost, ${pauses(seen)}` };
    }),
  );

export const storageFaults = [
  {
    name: "kill -9 of Redis (append-only file, everysec), up again after 0.5 s",
    adapters: ["redis"],
    run: () =>
      killRedis([], async (lab, id, seen) => ({
        problems: [
          ...judge(seen, { frames: 150 }),
          ...missing("attempts were lost", (await lab.attempts(id)).lost === 0),
        ],
        seen: `no attempt lost, ${pauses(seen)}`,
      })),
  },
  {
    name: "control: without the append-only file the same must be noticed",
    adapters: ["redis"],
    run: () =>
      killRedis(["--appendonly", "no"], async (_lab, _id, seen) => {
        const blamed = judge(seen, { frames: 150 });
        return { problems: missing("a lost log went unnoticed", blamed.length > 0), seen: `blamed: ${blamed[0]}` };
      }),
  },
  {
    name: "power loss: the append-only file ends a second early, viewers are ahead of the log",
    adapters: ["redis"],
    run: () =>
      withLab({}, async (lab) => {
        await lab.gateway();
        await lab.worker();
        const id = await lab.run({ ...stream, frames: 200, size: 2000 });
        const viewing = viewAll(lab.client, id, { signal: AbortSignal.timeout(90_000) });
        await lab.frames(id, 60);
        const { lastSeq: before } = await lab.look(id);
        await lab.server.stop("SIGKILL");
        const folder = join(lab.server.folder, "appendonlydir");
        const file = join(
          folder,
          readdirSync(folder).find((name) => name.endsWith(".incr.aof")),
        );
        // 25 frames of 2 kB and what goes with them.
        truncateSync(file, statSync(file).size - 60_000);
        await lab.server.start();
        const { lastSeq: after } = await until("the gateway answers", () => lab.look(id).catch(() => undefined));
        const seen = await viewing;
        return {
          problems: [
            ...judge(
              seen.map((one) => ({ ...one, hashes: one.places, authors: [] })),
              { frames: 200 },
            ),
            ...missing("the log lost nothing: the fault did not happen", after < before),
          ],
          seen: `the log went back from frame ${before} to ${after} or so; each viewer saw 200 frames once, ${pauses(seen)}`,
        };
      }),
  },
  {
    name: "disk full under Redis (a tmpfs of 4 MB, everysec)",
    adapters: ["redis"],
    run: () =>
      fullRedisDisk("everysec", async (lab, id) => {
        await until("it is not ready", async () => (await status(`${lab.balancer.url}/readyz`)) === 503);
        const job = await lab.look(id);
        const refused = await lab.run({ frames: 1 }).then(
          () => "taken",
          ({ code }) => code,
        );
        return [
          ...missing("reads are not answered", job.lastSeq >= 40),
          ...missing(`a job was ${refused} while nothing could be written`, refused === "unavailable"),
          ...missing("the process ended", (await status(`${lab.balancer.url}/livez`)) === 200),
        ];
      }),
  },
  {
    name: "disk full under Redis with appendfsync always: redis-server ends and is started again",
    adapters: ["redis"],
    run: () =>
      fullRedisDisk("always", async (lab) => {
        await until("it is not ready", async () => (await status(`${lab.balancer.url}/readyz`)) === 503);
        return missing("the gateway ended", (await status(`${lab.balancer.url}/livez`)) === 200);
      }),
  },
  {
    name: "disk full under uploads and artifacts (a tmpfs of 2 MB)",
    adapters: ["redis", "embedded"],
    run: (adapter) =>
      withSmallDisk(2, ({ folder, enlarge }) =>
        withLab({ adapter, data: folder }, async (lab) => {
          const { gateway } = await lab.service();
          const picture = Buffer.alloc(3_000_000, 1);
          picture.set([0xff, 0xd8, 0xff, 0xe0]);
          const upload = (bytes) => status(`${lab.balancer.url}/uploads`, { method: "POST", body: bytes });
          const answers = [await upload(picture.subarray(0, 1_000_000)), await upload(picture)];
          const left = () => readdirSync(join(folder, "blobs")).filter((name) => name.includes("part"));
          const filled = await upload(picture.subarray(0, 1_000_000));
          const problems = [
            ...missing(`uploads were answered ${answers}, not 201 and 503`, answers.join() === "201,503"),
            ...missing(`${left().length} half-written files stay`, left().length === 0),
            ...missing("errors that nobody foresaw", gateway.said("internal").length === 0),
          ];
          // Nothing fits any more, so a job's artifact cannot be kept: it fails, told to its viewers.
          for (let size = 2 ** 19; size >= 512; size /= 2) while ((await upload(picture.subarray(0, size))) === 201);
          const id = await lab.run({ frames: 5, fps: 50, artifact: 100_000, checkpointEvery: 5 });
          const failed = await viewAll(lab.client, id);
          problems.push(...judge(failed, { reason: "FAILED" }));
          enlarge();
          const room = await upload(picture);
          const next = await view(
            lab.client,
            await lab.run({ frames: 5, fps: 50, artifact: 100_000, checkpointEvery: 5 }),
          );
          problems.push(...missing(`with room again an upload was answered ${room}`, room === 201));
          problems.push(...judge([next], { frames: 5 }).map((one) => `with room again: ${one}`));
          return {
            problems,
            seen: `201, 503 (then ${filled}), nothing half-written; a job without room for its file FAILED; with room all works`,
          };
        }),
      ),
  },
];
