// Sockets that break, stall or come by the hundred.
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { judge, missing } from "../judge.mjs";
import { held, withLab } from "../lab.mjs";
import { framesQuery, rawViewer } from "../raw-viewer.mjs";
import { openFiles, residentBytes } from "../running.mjs";
import { until } from "../until.mjs";
import { pauses, reconnections, transports, view, viewAll } from "../viewer.mjs";

const mega = 2 ** 20;
export const networkFaults = [
  {
    name: "sockets dropped at random",
    adapters: ["redis", "embedded"],
    run: (adapter, { random }) =>
      withLab({ adapter }, async (lab) => {
        await lab.service();
        const id = await lab.run({ frames: 250, fps: 25 });
        const viewing = viewAll(lab.client, id);
        let cuts = 0;
        let over = false;
        const cutting = (async () => {
          while (!over) {
            await sleep(100 + 500 * random());
            cuts += lab.balancer.cut(random, 0.5);
          }
        })();
        const seen = await viewing;
        over = true;
        await cutting;
        return {
          problems: [...judge(seen, { frames: 250, authors: 1 }), ...missing("nothing was cut", cuts >= 5)],
          seen: `${cuts} connections reset, ${reconnections(seen)}, ${pauses(seen)}`,
        };
      }),
  },
  {
    name: "control: the stock retry of graphql-ws must repeat frames when its socket drops",
    adapters: ["embedded"],
    run: (adapter) =>
      withLab({ adapter }, async (lab) => {
        await lab.service();
        const id = await lab.run({ frames: 100, fps: 50 });
        const client = createClient({
          url: `${lab.balancer.url.replace("http", "ws")}/graphql`,
          webSocketImpl: WebSocket,
          retryAttempts: 20,
          shouldRetry: () => true,
          retryWait: () => sleep(50),
        });
        const places = [];
        let cut = false;
        await new Promise((resolve, reject) => {
          client.subscribe(
            { query: framesQuery, variables: { id } },
            {
              next({ data }) {
                if (data.frames.seq) places.push(`${data.frames.epoch}.${data.frames.seq}`);
                if (places.length === 50 && !cut) {
                  cut = true;
                  lab.balancer.cut();
                }
              },
              error: reject,
              complete: resolve,
            },
          );
        });
        await client.dispose();
        const repeated = places.length - new Set(places).size;
        return {
          problems: missing("nothing was repeated", repeated > 0),
          seen: `${places.length} deliveries of 100 frames`,
        };
      }),
  },
  {
    name: "half-open connections: nothing passes and nobody is told",
    adapters: ["redis", "embedded"],
    run: (adapter) =>
      withLab({ adapter }, async (lab) => {
        const { gateway } = await lab.service({ limits: { stallSeconds: 3 } });
        // Large enough to fill the buffers of sockets that nobody reads.
        const id = await lab.run({ frames: 200, fps: 25, size: 100_000 });
        const viewing = viewAll(lab.client, id, { idleMs: 1500 });
        await lab.frames(id, 40);
        const frozen = lab.balancer.freeze();
        const seen = await viewing;
        const problems = [
          ...judge(seen, { frames: 200, authors: 1 }),
          ...missing(
            "nobody had to reconnect",
            seen.every((one) => one.reconnections > 0),
          ),
        ];
        const before = performance.now();
        await until("no stream is left", async () => (await held(gateway.port)).streams === 0, 40_000).catch(() =>
          problems.push("streams of viewers who are gone stay open"),
        );
        const waited = ((performance.now() - before) / 1000).toFixed(0);
        return {
          problems,
          seen: `${frozen} connections frozen, ${reconnections(seen)}, ${pauses(seen)}; the gateway let the last go ${waited} s after the end`,
        };
      }),
  },
  {
    name: "slow readers: ten who stop reading and one who dawdles, beside viewers who do not",
    adapters: ["redis", "embedded"],
    run: (adapter) =>
      withLab({ adapter }, async (lab) => {
        const { gateway } = await lab.service();
        const [frames, size] = [800, 20_000];
        // Before the measured job: buffers, compiled code.
        await viewAll(lab.client, await lab.run({ frames: 200, fps: 100, size }));
        const id = await lab.run({ frames, fps: 50, size });
        const slow = await Promise.all(
          Array.from({ length: 10 }, (_, at) => rawViewer(gateway.port, id, transports[at % 3])),
        );
        for (const one of slow) one.stop();
        const viewing = viewAll(lab.client, id);
        const dawdling = view(lab.client, id, { transport: "websocket", pause: 30 });
        await lab.frames(id, 50);
        const before = residentBytes(gateway.child.pid);
        let most = before;
        const watch = setInterval(() => {
          most = Math.max(most, residentBytes(gateway.child.pid));
        }, 250);
        const seen = await viewing;
        clearInterval(watch);
        const given = slow.reduce((sum, { bytes }) => sum + bytes, 0) / mega;
        const backlog = (10 * frames * size) / mega - given;
        // The embedded log keeps the frames themselves in this process.
        const own = adapter === "embedded" ? frames * size : 0;
        const grown = (most - before - own) / mega;
        const problems = [
          ...judge(seen, { frames, authors: 1 }),
          ...judge([await dawdling], { frames, authors: 1 }).map((one) => `the one who dawdles: ${one}`),
          ...missing(`memory grew by ${grown.toFixed(0)} MiB`, grown < backlog / 3),
        ];
        for (const one of slow) one.go();
        const whole = ({ bytes }) => bytes > frames * size;
        // Who answers no ping for 24 s, or takes nothing for stallSeconds, counts as gone.
        await until(
          "the slow have it all or were let go",
          () => slow.every((one) => one.closed || whole(one)),
          60_000,
        ).catch(({ message }) => problems.push(message));
        const got = slow.filter(whole).length;
        for (const one of slow) one.leave();
        await until("no stream is left", async () => (await held(gateway.port)).streams === 0, 20_000).catch(
          ({ message }) => problems.push(message),
        );
        return {
          problems,
          seen: `${backlog.toFixed(0)} MiB not read, the gateway's memory up by ${grown.toFixed(0)} MiB at most${own ? " besides the log itself" : ""}; when they read again ${got} of 10 got the rest, the others had been let go; the dawdler got all through the client; the others: ${pauses(seen)}`,
        };
      }),
  },
  {
    name: "a slow LIVE reader is told of each gap",
    adapters: ["redis", "embedded"],
    run: (adapter) =>
      withLab({ adapter }, async (lab) => {
        await lab.service();
        const id = await lab.run({ frames: 200, fps: 50, size: 50_000 });
        const [seen] = await Promise.all([view(lab.client, id, { delivery: "LIVE", pause: 120, transport: "sse" })]);
        const told = seen.gaps.reduce((sum, gap) => {
          const [from, to] = gap.split(" ")[0].split("-").map(Number);
          return sum + to - from + 1;
        }, 0);
        const slow = seen.gaps.every((gap) => gap.endsWith("SLOW_CONSUMER"));
        return {
          problems: [
            ...missing(
              `${seen.places.length} frames and ${told} in gaps are not 200`,
              seen.places.length + told === 200,
            ),
            ...missing("no gap, so nothing was tried", seen.gaps.length > 0 && slow),
            ...missing(`ends: ${seen.ends}`, seen.ends.join() === "COMPLETED 200"),
          ],
          seen: `${seen.places.length} frames, ${seen.gaps.length} gaps of ${told} frames, together 200`,
        };
      }),
  },
  {
    name: "disconnect storm: four times sixty viewers who vanish",
    adapters: ["redis", "embedded"],
    run: (adapter) =>
      withLab({ adapter }, async (lab) => {
        const { gateway } = await lab.service();
        const id = await lab.run({ frames: 100_000, fps: 25 });
        const waiting = await lab.run({ live: true });
        const storm = async () => {
          const viewers = await Promise.all(
            Array.from({ length: 60 }, (_, at) => rawViewer(gateway.port, at % 2 ? id : waiting, transports[at % 3])),
          );
          await until("all are counted", async () => (await held(gateway.port)).streams >= 60);
          const most = openFiles(gateway.child.pid);
          for (const viewer of viewers) viewer.leave();
          return most;
        };
        const calm = async () => (await held(gateway.port)).streams === 0 && (await held(gateway.port)).sockets === 0;
        await storm();
        await until("the first storm is over", calm, 20_000);
        const files = openFiles(gateway.child.pid);
        const problems = [];
        let most = 0;
        for (let round = 0; round < 4; round++) {
          most = Math.max(most, await storm());
          await until("no stream and no socket is open", calm, 20_000).catch(async () =>
            problems.push(`after storm ${round + 1}: ${JSON.stringify(await held(gateway.port))}`),
          );
        }
        await until("files are back", () => openFiles(gateway.child.pid) <= files + 3, 5000).catch(() => {});
        const left = openFiles(gateway.child.pid);
        problems.push(...missing(`${left} files open, ${files} before`, left <= files + 3));
        problems.push(...missing("the storm opened nothing", most >= files + 55));
        await lab.cancel(id);
        await lab.cancel(waiting);
        return { problems, seen: `60 streams each time, then 0; files open ${files}, ${most}, ${left}` };
      }),
  },
];
