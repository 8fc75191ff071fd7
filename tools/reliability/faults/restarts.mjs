// The command line's own processes, stopped and replaced one after the other.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { fakeApplicationsModule } from "../../../packages/worker/dist/testing/fake-module.js";
import { judge, missing } from "../judge.mjs";
import { withLab } from "../lab.mjs";
import { until } from "../until.mjs";
import { pauses, reconnections, viewAll } from "../viewer.mjs";

const launcher = fileURLToPath(new URL("../../../apps/cli/bin/prosopon.mjs", import.meta.url));

/** `prosopon serve` or `prosopon worker` with the fake application. */
async function prosopon(lab, kind) {
  const folder = [
    "--data",
    lab.folder,
    "--no-default-applications",
    "--application",
    fileURLToPath(fakeApplicationsModule),
  ];
  const own = kind === "serve" ? ["--port", "0", "--no-worker"] : ["--slots", "2"];
  const child = spawn(process.execPath, [launcher, kind, "--redis", lab.server.url, ...folder, ...own], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PROSOPON_HOME: lab.folder },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (more) => (text += more));
  lab.undo(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  await until(`prosopon ${kind} is up`, () => {
    if (child.exitCode !== null) throw new Error(`prosopon ${kind} ended: ${text.slice(-1000)}`);
    return kind === "serve" ? /GraphQL/.test(text) : /"code":"READY"/.test(text);
  });
  const port = Number(/:(\d+)\/graphql/.exec(text)?.[1]);
  if (kind === "serve") lab.balancer.targets.push(port);
  return {
    port,
    async stop() {
      // As a load balancer does when /readyz says so.
      const at = lab.balancer.targets.indexOf(port);
      if (at >= 0) lab.balancer.targets.splice(at, 1);
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      const [code, signal] = await gone;
      return code ?? signal;
    },
  };
}

export const restartFaults = [
  {
    name: "rolling restart of two `prosopon serve` and two `prosopon worker` by SIGTERM",
    adapters: ["redis"],
    run: () =>
      withLab({}, async (lab) => {
        const gateways = await Promise.all([prosopon(lab, "serve"), prosopon(lab, "serve")]);
        const workers = await Promise.all([prosopon(lab, "worker"), prosopon(lab, "worker")]);
        // Until they are cancelled when all is done.
        const stream = { frames: 100_000, fps: 25, checkpointEvery: 5 };
        const ids = [await lab.run(stream), await lab.run(stream), await lab.run(stream)];
        const viewing = Promise.all(ids.map((id) => viewAll(lab.client, id)));
        for (const id of ids) await lab.frames(id, 20);
        const codes = [];
        for (const [kind, all] of [
          ["worker", workers],
          ["serve", gateways],
        ])
          for (const one of all) {
            await prosopon(lab, kind);
            codes.push(await one.stop());
            await sleep(500);
          }
        const running = await Promise.all(ids.map((id) => lab.look(id)));
        for (const id of ids) await lab.cancel(id);
        const seen = await viewing;
        const lost = await Promise.all(ids.map(async (id) => (await lab.attempts(id)).lost));
        const all = seen.flat();
        return {
          problems: [
            ...seen.flatMap((viewers) => judge(viewers, { reason: "CANCELLED" })),
            ...missing(
              `exit codes ${codes}`,
              codes.every((code) => code === 0),
            ),
            ...missing(
              `attempts lost: ${lost}`,
              lost.every((count) => count === 0),
            ),
            ...missing(
              "the jobs had ended before the last restart",
              running.every(({ state }) => state === "RUNNING"),
            ),
          ],
          seen: `three jobs of ${seen.map(([one]) => one.places.length).join(", ")} frames until they were cancelled, exit codes ${codes}, no attempt lost, ${reconnections(all)}, ${pauses(all)}`,
        };
      }),
  },
];
