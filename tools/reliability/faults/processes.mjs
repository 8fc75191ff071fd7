// Processes that are killed, stopped and replaced.
import { setTimeout as sleep } from "node:timers/promises";
import { judge, missing } from "../judge.mjs";
import { withLab } from "../lab.mjs";
import { isAlive } from "../running.mjs";
import { until } from "../until.mjs";
import { pauses, reconnections, viewAll } from "../viewer.mjs";

const stream = { frames: 150, fps: 25, checkpointEvery: 5 };

export const processFaults = [
  {
    name: "kill -9 of the worker's child",
    adapters: ["redis", "embedded"],
    run: (adapter) =>
      withLab({ adapter }, async (lab) => {
        const { worker } = await lab.service();
        const id = await lab.run(stream);
        const viewing = viewAll(lab.client, id);
        await lab.frames(id, 40);
        process.kill(worker.deviceProcess, "SIGKILL");
        const seen = await viewing;
        return { problems: judge(seen, { frames: 150, authors: 2 }), seen: `2 authors in turn, ${pauses(seen)}` };
      }),
  },
  {
    name: "kill -9 of the whole worker",
    adapters: ["redis"],
    run: () =>
      withLab({}, async (lab) => {
        await lab.gateway();
        const a = await lab.worker();
        const id = await lab.run(stream);
        const viewing = viewAll(lab.client, id);
        await lab.frames(id, 40);
        const orphan = a.deviceProcess;
        await a.signal("SIGKILL");
        await lab.worker();
        const seen = await viewing;
        const problems = judge(seen, { frames: 150, authors: 2 });
        await until("its child is gone", () => !isAlive(orphan), 5000).catch(() => problems.push("its child lives on"));
        return { problems, seen: `its child died with it, 2 authors in turn, ${pauses(seen)}` };
      }),
  },
  {
    name: "control: the same without a checkpoint must be told as a new epoch",
    adapters: ["redis", "embedded"],
    run: (adapter) =>
      withLab({ adapter }, async (lab) => {
        const { worker } = await lab.service();
        const id = await lab.run({ frames: 100, fps: 25 });
        const viewing = viewAll(lab.client, id);
        await lab.frames(id, 30);
        process.kill(worker.deviceProcess, "SIGKILL");
        const seen = await viewing;
        const blamed = judge(seen, { frames: 100 });
        return {
          problems: [
            ...judge(seen, { frames: 100, epoch: 2 }),
            ...missing("the judge takes it for the same epoch", blamed.length > 0),
          ],
          seen: "one reset, epoch 2 whole; judged as one epoch it is blamed",
        };
      }),
  },
  {
    name: "SIGSTOP of the worker past its lock, then CONT",
    adapters: ["redis"],
    run: zombie,
  },
  {
    name: "kill -9 of the gateway, another takes over",
    adapters: ["redis"],
    run: () =>
      withLab({}, async (lab) => {
        const first = await lab.gateway();
        const second = await lab.spare();
        await lab.worker();
        const id = await lab.run(stream);
        const viewing = viewAll(lab.client, id);
        await lab.frames(id, 40);
        lab.enlist(second);
        await first.signal("SIGKILL");
        const seen = await viewing;
        return {
          problems: [
            ...judge(seen, { frames: 150, authors: 1 }),
            ...missing(
              "nobody had to reconnect",
              seen.every((one) => one.reconnections > 0),
            ),
          ],
          seen: `${reconnections(seen)}, ${pauses(seen)}`,
        };
      }),
  },
  {
    name: "kill -9 of the only gateway, started again on its port",
    adapters: ["redis"],
    run: () =>
      withLab({}, async (lab) => {
        const first = await lab.gateway();
        await lab.worker();
        const id = await lab.run(stream);
        const viewing = viewAll(lab.client, id);
        await lab.frames(id, 40);
        const { port } = first;
        await first.signal("SIGKILL");
        await lab.gateway({ port });
        const seen = await viewing;
        return { problems: judge(seen, { frames: 150, authors: 1 }), seen: `${reconnections(seen)}, ${pauses(seen)}` };
      }),
  },
  {
    name: "poison job: FAILED after three attempts, another job beside it whole",
    adapters: ["redis", "embedded"],
    run: (adapter) =>
      withLab({ adapter }, async (lab) => {
        await lab.service({ slots: 2 });
        const good = await lab.run({ ...stream, frames: 200 });
        const viewing = viewAll(lab.client, good);
        await lab.frames(good, 10);
        const poison = await lab.run({ frames: 20, fps: 50, crashAt: 5, checkpointEvery: 4 });
        const dying = await viewAll(lab.client, poison);
        const seen = await viewing;
        const { lost, error } = await lab.attempts(poison);
        const problems = [
          ...judge(seen, { frames: 200 }).map((one) => `beside it: ${one}`),
          ...judge(dying, { reason: "FAILED" }),
          ...missing(`${lost} attempts were lost`, lost === 3),
          ...missing("no reason is told", error?.code === "crashed"),
          ...(await lab.another()),
        ];
        return {
          problems,
          seen: `three attempts, one end, "${error?.message}"; the other 200 frames once, ${pauses(seen)}`,
        };
      }),
  },
  {
    name: "a hanging model: its child is killed, the job fails, the slot is free",
    adapters: ["embedded"],
    run: (adapter) =>
      withLab({ adapter }, async (lab) => {
        await lab.service({ slots: 1, deadlineMilliseconds: 1500 });
        const id = await lab.run({ frames: 20, fps: 50, hangAt: 5, checkpointEvery: 4 });
        const seen = await viewAll(lab.client, id);
        const problems = judge(seen, { reason: "FAILED" });
        return { problems: [...problems, ...(await lab.another())], seen: pauses(seen) };
      }),
  },
];

/** Worker A stalls at 20, B takes over, A wakes and goes on. That a log without fences is noticed is shown in packages/jobs (broken-jobs.test.ts). */
function zombie() {
  return withLab({}, async (lab) => {
    await lab.gateway();
    const a = await lab.worker();
    const id = await lab.run({ ...stream, fps: 10, frames: 200 });
    const viewing = viewAll(lab.client, id);
    await lab.frames(id, 20);
    const asleep = a.deviceProcess;
    await a.signal("SIGSTOP");
    // Its child is another process and would go on into the pipe: a host that stalls stalls whole.
    process.kill(asleep, "SIGSTOP");
    await sleep(2500);
    await lab.worker();
    const { lastSeq } = await lab.look(id);
    await lab.frames(id, lastSeq + 10);
    await a.signal("SIGCONT");
    process.kill(asleep, "SIGCONT");
    const seen = await viewing;
    const refused = a.said("fenced").length;
    const problems = [
      ...judge(seen, { frames: 200, authors: 2 }),
      ...missing(`the zombie was refused ${refused} times`, refused === 1),
    ];
    return { problems, seen: `the zombie was refused, 2 authors in turn, ${pauses(seen)}` };
  });
}
