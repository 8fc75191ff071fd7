// All faults at once, in an order that the seed gives.
import { setTimeout as sleep } from "node:timers/promises";
import { judge } from "../judge.mjs";
import { withLab } from "../lab.mjs";
import { isAlive } from "../running.mjs";
import { until } from "../until.mjs";
import { pauses, reconnections, view, viewAll } from "../viewer.mjs";

/** Two gateways, two workers, one Redis, three streams, three viewers each: for `seconds` something breaks every second or so. */
export const chaosFault = (seconds) => ({
  name: `${seconds} s of all faults in random order`,
  adapters: ["redis"],
  run: (_, { random }) =>
    withLab({}, async (lab) => {
      const any = (list) => list[Math.floor(random() * list.length)];
      const [gateways, workers] = [
        await Promise.all([lab.gateway(), lab.gateway()]),
        await Promise.all([lab.worker({ slots: 4 }), lab.worker({ slots: 4 })]),
      ];
      const frames = Math.round(25 * seconds);
      const ids = [];
      for (let job = 0; job < 3; job++) ids.push(await lab.run({ frames, fps: 25, checkpointEvery: 5, size: 2000 }));
      const viewing = Promise.all(ids.map((id) => viewAll(lab.client, id)));
      const mending = [];
      const problems = [];
      const done = {};
      // A job fails when it was lost three times, so only two faults of each run may take workers away.
      let lethal = 2;
      const replace = async (list, at, start) => {
        list[at] = await start();
      };
      const faults = {
        "child killed": () => {
          // None while its worker starts, or after it was killed.
          const { deviceProcess } = any(workers);
          return (
            deviceProcess !== undefined &&
            isAlive(deviceProcess) &&
            lethal-- > 0 &&
            process.kill(deviceProcess, "SIGKILL")
          );
        },
        "worker killed": async () => {
          if (lethal-- <= 0) return false;
          const at = Math.floor(random() * 2);
          await workers[at].signal("SIGKILL");
          mending.push(replace(workers, at, () => lab.worker({ slots: 4 })));
        },
        "gateway killed": async () => {
          const at = Math.floor(random() * 2);
          if (gateways[at].ended) return false;
          const { port } = gateways[at];
          await gateways[at].signal("SIGKILL");
          mending.push(replace(gateways, at, () => lab.gateway({ port })));
        },
        "Redis killed": async () => {
          await lab.server.stop("SIGKILL");
          await sleep(300);
          await lab.server.start();
        },
        "sockets reset": () => lab.balancer.cut(random, 0.7) > 0,
        "sockets frozen": () => lab.balancer.freeze() > 0,
        "job cancelled": async () => {
          const id = await lab.run({ frames: 100_000, fps: 25 }).catch(() => undefined);
          if (!id) return false;
          mending.push(
            (async () => {
              await sleep(300);
              await until("it is cancelled", () => lab.cancel(id).catch(() => undefined));
              problems.push(
                ...judge([await view(lab.client, id)], { reason: "CANCELLED" }).map((one) => `cancelled: ${one}`),
              );
            })(),
          );
        },
      };
      const end = performance.now() + 800 * seconds;
      while (performance.now() < end) {
        const [name, act] = any(Object.entries(faults));
        if ((await act()) !== false) done[name] = (done[name] ?? 0) + 1;
        await sleep(300 + 900 * random());
      }
      const seen = await viewing;
      await Promise.all(mending);
      problems.push(...seen.flatMap((viewers) => judge(viewers, { frames })));
      const acts = Object.entries(done);
      if (acts.length < 2) problems.push(`nothing was tried but ${acts}`);
      const said = acts.map(([name, times]) => `${name} ${times}`).join(", ");
      const all = seen.flat();
      return {
        problems,
        seen: `${said}: three streams of ${frames} frames once for nine viewers, ${reconnections(all)}, ${pauses(all)}`,
      };
    }),
});
