// Load on the gateway, without a model: recorded frames (bytes of a JPEG's size) are put into the log at 25 fps by this tool.
//   node tools/load.mjs [--viewers 100] [--binary 500] [--seconds 10] [--fps 25] [--bytes 15900] [--write]
// (after a build). The gateway runs in a child process, the viewers here; both share the machine. Prints one JSON object per case: frames
// delivered, gaps (missing or repeated sequence numbers), CPU of the gateway's process per delivered frame and, at the
// asked rate, as a share of one core, latency p50/p99 (log to viewer). --write puts them into docs/reliability.md. Ends with 1 if there was a gap.
import { fork } from "node:child_process";
import { request } from "node:http";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { WebSocket } from "ws";
import { writeReport } from "./reliability/write-report.mjs";

const { values } = parseArgs({
  options: {
    ...Object.fromEntries(
      Object.entries({ viewers: "100", binary: "500", seconds: "10", fps: "25", bytes: "15900" }).map(
        ([name, value]) => [name, { type: "string", default: value }],
      ),
    ),
    write: { type: "boolean", default: false },
  },
});
const [viewers, binary, seconds, fps, bytes] = ["viewers", "binary", "seconds", "fps", "bytes"].map((name) =>
  Number(values[name]),
);
const frames = seconds * fps;
const now = () => performance.timeOrigin + performance.now();

const queryOf =
  "subscription($id: ID!) { frames(jobId: $id) { __typename ... on Frame { seq data } ... on StreamEnd { lastSeq } } }";

/** Each viewer resolves with what it saw. Frames begin with the time at which they were put into the log, as a double. */
function base64Viewer(port, id) {
  return new Promise((resolve, reject) => {
    const seen = [];
    const late = [];
    const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, "graphql-transport-ws");
    socket.on("error", reject);
    socket.on("open", () => socket.send('{"type":"connection_init"}'));
    socket.on("message", (text) => {
      const { type, payload } = JSON.parse(text);
      if (type === "connection_ack")
        socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: queryOf, variables: { id } } }));
      if (type === "error") reject(new Error(JSON.stringify(payload)));
      if (type !== "next") return;
      if (!payload.data) return reject(new Error(JSON.stringify(payload)));
      const { seq, data } = payload.data.frames;
      if (seq === undefined) {
        socket.close();
        resolve({ seen, late });
      } else {
        late.push(now() - Buffer.from(data.slice(0, 24), "base64").readDoubleBE(4));
        seen.push(seq);
      }
    });
  });
}

function binaryViewer(port, id) {
  return new Promise((resolve, reject) => {
    const seen = [];
    const late = [];
    let rest = Buffer.alloc(0);
    request({ host: "127.0.0.1", port, path: `/v1/jobs/${id}/frames`, agent: false }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`status ${response.statusCode}`));
      response.on("data", (chunk) => {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        while (rest.length >= 25 && rest.length >= 4 + rest.readUInt32BE(0)) {
          if (rest[4] === 1) {
            seen.push(Number(rest.readBigUInt64BE(9)));
            late.push(now() - rest.readDoubleBE(29));
          }
          rest = rest.subarray(4 + rest.readUInt32BE(0));
        }
      });
      response.on("end", () => resolve({ seen, late }));
    })
      .on("error", reject)
      .end();
  });
}

const child = fork(fileURLToPath(new URL("./load/gateway.mjs", import.meta.url)), { execArgv: [] });
const replies = [];
const waiting = [];
child.on("message", (message) => (waiting.shift() ?? ((value) => replies.push(value)))(message));
const reply = () =>
  replies.length > 0 ? Promise.resolve(replies.shift()) : new Promise((resolve) => waiting.push(resolve));
const ask = (message) => {
  child.send(message);
  return reply();
};

const { port } = await reply();
const begun = performance.now();
const rows = [];
const quantile = (sorted, q) =>
  Number((sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toFixed(1));
for (const [kind, count, viewer] of [
  ["base64 over graphql-ws", viewers, base64Viewer],
  ["binary over HTTP", binary, binaryViewer],
]) {
  if (!(count > 0)) continue;
  const { id } = await ask({ open: true });
  const running = Array.from({ length: count }, () => viewer(port, id));
  const failed = Promise.all(running);
  failed.catch(() => {});
  await ask({ streams: count });
  const measured = ask({ play: { frames, fps, bytes } });
  const results = await failed;
  const { cpuSeconds, wallSeconds, residentMegabytes, streams } = await measured;
  const late = results.flatMap(({ late }) => late).sort((a, b) => a - b);
  const gaps = results.reduce(
    (sum, { seen }) =>
      sum + (frames - seen.length) + seen.filter((seq, at) => at > 0 && seq !== seen[at - 1] + 1).length,
    0,
  );
  const row = {
    case: kind,
    model: "none: recorded frames",
    viewers: count,
    fps,
    bytes,
    seconds: Number(wallSeconds.toFixed(1)),
    delivered: results.reduce((sum, { seen }) => sum + seen.length, 0),
    gaps,
    microsecondsPerFrame: Number(((1e6 * cpuSeconds) / (count * frames)).toFixed(1)),
    coreShare: Number(((cpuSeconds / (count * frames)) * count * fps).toFixed(3)),
    latencyMs: { p50: quantile(late, 0.5), p99: quantile(late, 0.99) },
    residentMegabytes,
    streamsAfter: streams,
    cores: cpus().length,
    node: process.version,
  };
  rows.push(row);
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
child.send({ stop: true });
const missing = rows.reduce((sum, { gaps, streamsAfter }) => sum + gaps + streamsAfter, 0);
if (values.write)
  writeReport("load", { command: "npm run load", seconds: (performance.now() - begun) / 1000 }, [
    `${bytes} bytes a frame, ${fps} frames a second, ${seconds} s; aims: no gaps, at most 25 % of a core for 100 base64 viewers.`,
    "",
    "| viewers | frames delivered | gaps | p50, p99 (ms) | CPU a frame | share of a core at this rate | memory | streams at the end |",
    "|---|---|---|---|---|---|---|---|",
    ...rows.map(
      (row) =>
        `| ${row.viewers} ${row.case} | ${row.delivered} | ${row.gaps} | ${row.latencyMs.p50}, ${row.latencyMs.p99} | ${row.microsecondsPerFrame} us | ${(100 * row.coreShare).toFixed(0)} % | ${row.residentMegabytes} MB | ${row.streamsAfter} |`,
    ),
  ]);
process.exitCode = missing > 0 ? 1 : 0;
