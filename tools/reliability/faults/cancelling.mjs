// A job that is cancelled in each of its states.
import { setTimeout as sleep } from "node:timers/promises";
import { judge, missing } from "../judge.mjs";
import { withLab } from "../lab.mjs";
import { isAlive } from "../running.mjs";
import { until } from "../until.mjs";
import { viewAll } from "../viewer.mjs";

/** Cancels, and holds what follows against: one end CANCELLED, no frame after the answer, and the slot free for another. */
async function cancelAndJudge(lab, id, { viewing, allowed = 0, free = true }) {
  const answer = await lab.cancel(id);
  const job = await lab.ended(id, 15_000);
  const seen = await viewing;
  const problems = [
    ...missing(`it ended ${job.state}`, job.state === "CANCELLED"),
    ...missing(`${job.lastSeq - answer.lastSeq} frames came after it`, job.lastSeq - answer.lastSeq <= allowed),
    ...judge(seen, { reason: "CANCELLED" }),
  ];
  const again = await lab.cancel(id);
  problems.push(...missing("a second time changes it", again.state === "CANCELLED" && again.lastSeq === job.lastSeq));
  if (free) {
    problems.push(...(await lab.another()));
  }
  return problems;
}

/** Each prepares a job in one state; `id` is cancelled then. */
const states = {
  "queued behind another": async (lab) => {
    await lab.service({ slots: 1 });
    const before = await lab.run({ frames: 100_000, fps: 25 });
    await lab.frames(before, 1);
    const id = await lab.run({ frames: 5 });
    const problems = await cancelAndJudge(lab, id, { viewing: viewAll(lab.client, id), free: false });
    return [...problems, ...(await cancelAndJudge(lab, before, { viewing: viewAll(lab.client, before) }))];
  },
  "running, before its first frame": async (lab) => {
    await lab.service({ slots: 1 });
    const id = await lab.run({ live: true });
    await until("it runs", async () => (await lab.look(id)).state === "RUNNING");
    return cancelAndJudge(lab, id, { viewing: viewAll(lab.client, id) });
  },
  "running, between frames": async (lab) => {
    await lab.service({ slots: 1 });
    const id = await lab.run({ frames: 100_000, fps: 50 });
    await lab.frames(id, 20);
    return cancelAndJudge(lab, id, { viewing: viewAll(lab.client, id) });
  },
  "running as fast as it can": async (lab) => {
    await lab.service({ slots: 1 });
    const id = await lab.run({ frames: 1_000_000 });
    await lab.frames(id, 20);
    return cancelAndJudge(lab, id, { viewing: viewAll(lab.client, id) });
  },
  "hanging in a native call": async (lab) => {
    const { worker } = await lab.service({ slots: 1 });
    const id = await lab.run({ frames: 20, fps: 50, hangAt: 5 });
    await lab.frames(id, 6);
    const hung = worker.deviceProcess;
    const problems = await cancelAndJudge(lab, id, { viewing: viewAll(lab.client, id) });
    return [...problems, ...missing("the child that hangs lives on", !isAlive(hung))];
  },
  "in the pause after a crash": async (lab) => {
    const { worker } = await lab.service({ slots: 1 });
    const id = await lab.run({ frames: 100_000, fps: 50, checkpointEvery: 5 });
    await lab.frames(id, 20);
    const viewing = viewAll(lab.client, id);
    process.kill(worker.deviceProcess, "SIGKILL");
    return cancelAndJudge(lab, id, { viewing });
  },
  ended: async (lab) => {
    await lab.service({ slots: 1 });
    const id = await lab.run({ frames: 10, fps: 50 });
    const job = await lab.ended(id);
    const answer = await lab.cancel(id);
    const after = await lab.look(id);
    const same = [job, answer, after].every(({ state }) => state === "COMPLETED");
    return [...missing("a completed job was changed", same), ...judge(await viewAll(lab.client, id), { frames: 10 })];
  },
};

/** States that only a worker of its own process can be in. */
const apart = {
  "queued without any worker": async (lab) => {
    await lab.gateway();
    const id = await lab.run({ frames: 5 });
    return cancelAndJudge(lab, id, { viewing: viewAll(lab.client, id), free: false });
  },
  "its worker stopped (SIGSTOP), then CONT": async (lab) => {
    await lab.gateway();
    const worker = await lab.worker({ slots: 1 });
    const id = await lab.run({ frames: 100_000, fps: 50, checkpointEvery: 5 });
    await lab.frames(id, 20);
    await worker.signal("SIGSTOP");
    const problems = await cancelAndJudge(lab, id, { viewing: viewAll(lab.client, id), free: false });
    const { lastSeq } = await lab.look(id);
    await worker.signal("SIGCONT");
    const next = await lab.another();
    await sleep(500);
    const after = await lab.look(id);
    return [
      ...problems,
      ...next,
      ...missing("the worker wrote on", after.lastSeq === lastSeq && after.state === "CANCELLED"),
    ];
  },
  "its worker killed, no other there": async (lab) => {
    await lab.gateway();
    const worker = await lab.worker({ slots: 1 });
    const id = await lab.run({ frames: 100_000, fps: 50, checkpointEvery: 5 });
    await lab.frames(id, 20);
    await worker.signal("SIGKILL");
    const problems = await cancelAndJudge(lab, id, { viewing: viewAll(lab.client, id), free: false });
    await lab.worker({ slots: 1 });
    return [...problems, ...(await lab.another())];
  },
};

const fault =
  (adapters) =>
  ([name, check]) => ({
    name: `cancelled: ${name}`,
    adapters,
    run: (adapter) =>
      withLab({ adapter }, async (lab) => ({
        problems: await check(lab),
        seen: "one end CANCELLED, no frame after the answer",
      })),
  });

export const cancellingFaults = [
  ...Object.entries(states).map(fault(["redis", "embedded"])),
  ...Object.entries(apart).map(fault(["redis"])),
];
