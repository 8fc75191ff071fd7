// Bad requests and files by the thousand against a real gateway with a real worker:
//   node tools/reliability/fuzz.mjs [--runs 10000] [--seed N] [--write]
// (after a build). Holds that nothing crashes, that no answer is a 5xx but 503, that no file outside of the data folder is read and nobody is
// called (strace, where there is one, on a fiftieth of the cases and many hostile files: each call costs it two switches), and that memory stays flat. --write puts the result into docs/reliability.md. Ends with 1 if not.
import { execFile, spawnSync } from "node:child_process";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { WebSocket } from "ws";
import { numbers } from "../../packages/client/dist/testing/wire-faults.js";
import { hostileFiles, makeFiles, mutate } from "./fuzz/files.mjs";
import { badBytes, badMessages, badRequest } from "./fuzz/requests.mjs";
import { readTrace, strace } from "./fuzz/trace.mjs";
import { ask, held, withLab } from "./lab.mjs";
import { memoryGrowth } from "./memory-growth.mjs";
import { childrenOf, isAlive, openFiles, residentBytes } from "./running.mjs";
import { until } from "./until.mjs";
import { writeReport } from "./write-report.mjs";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10000" },
    seed: { type: "string", default: String(Math.floor(Date.now() / 1000) % 1_000_000) },
    write: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const runs = Number(values.runs);
const short = runs < 1000;
const random = numbers(seed);
const begun = performance.now();
const mega = 2 ** 20;
const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
process.stdout.write(`seed ${seed}, ${runs} runs\n`);

/** Shares of the whole; hostile files come on top, each once or a part of them. */
const shares = { requests: 0.6, sockets: 0.1, bytes: 0.1, pictures: 0.16, sounds: 0.04 };
const problems = [];
const blame = (problem) => {
  if (problems.length < 20) problems.push(problem);
  process.stdout.write(`  FAILED ${problem}\n`);
};

/** Works on all of `cases`, some at a time. */
async function each(cases, together, work) {
  let next = 0;
  const lane = async () => {
    while (next < cases.length) {
      const at = next++;
      await work(cases[at], at);
    }
  };
  await Promise.all(Array.from({ length: together }, lane));
}

const send = (port, { method, path, headers, body }) =>
  new Promise((resolve) => {
    let sent;
    try {
      sent = httpRequest({ host: "127.0.0.1", port, method, path, headers, timeout: 20_000 }, (response) => {
        response.resume();
        response.once("close", () => resolve(response.statusCode));
      });
    } catch {
      // What Node itself refuses to send never arrives.
      return resolve(0);
    }
    // The gateway may answer and close before it has read the whole body.
    sent.once("error", () => resolve(0));
    sent.once("timeout", () => {
      resolve(-1);
      sent.destroy();
    });
    sent.end(body);
  });

/** The trace's own control: ffmpeg without its guards, given a playlist, must be seen to read the secret and to call. */
async function traceControl(folder, secret, url) {
  const file = join(folder, "control.trace");
  const playlist = join(folder, "control.m3u8");
  writeFileSync(playlist, `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nfile://${secret}\n`);
  for (const source of [playlist, `${url}/called`]) {
    const [command, ...rest] = strace(file);
    const all = [...rest, "-A", "ffmpeg", "-nostdin", "-i", source, "-f", "null", "-"];
    // It fails, since neither is a film. Not spawnSync: whom it calls is this process.
    await new Promise((resolve) => execFile(command, all, { timeout: 60_000, killSignal: "SIGKILL" }, resolve));
  }
  return readTrace(file, { own: [join(folder, "nothing")], code: [] });
}

const folder = await mkdtemp(join(tmpdir(), "fuzz-"));
const secret = join(folder, "secret.txt");
writeFileSync(secret, "nobody shall read this\n");
let calls = 0;
const listener = createServer((_, response) => {
  calls++;
  response.end("x");
}).listen(0, "127.0.0.1");
await new Promise((resolve) => listener.once("listening", resolve));
const url = `http://127.0.0.1:${listener.address().port}`;
const traced = !short && spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
const counts = { requests: 0, sockets: 0, bytes: 0, pictures: 0, sounds: 0, hostile: 0 };
const statuses = new Map();
const outcomes = new Map();
const more = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
const summary = { trace: "files and connections were not traced (a short run, or no strace)" };

try {
  const files = await makeFiles(folder, random);
  if (traced) {
    const { opened, called } = await traceControl(folder, secret, url);
    if (!opened.some((one) => one.includes(secret)) || called.length === 0)
      blame(`the trace's control saw nothing: ${opened.length} files, ${called.length} calls`);
  }
  calls = 0;
  // Short runs have no time for it.
  if (traced) await campaign({ traced: true, runs: runs / 50, hostile: 0.4 });
  await campaign({ traced: false, runs: traced ? runs * 0.98 : runs, hostile: traced ? 0.6 : runs / 10_000 });

  /** A service of its own, given `runs` cases and a share of the hostile files. */
  async function campaign({ traced, runs, hostile: share }) {
    const trace = join(folder, "trace");
    await withLab({ adapter: "embedded" }, async (lab) => {
      const modules = [new URL("./fuzz/applications.mjs", import.meta.url).href];
      const { gateway } = await lab.service({ modules, slots: 4 }, { wrapper: traced ? strace(trace) : [] });
      const { port } = gateway;
      const parent = traced ? childrenOf(gateway.child.pid)[0] : gateway.child.pid;
      await until("its child is ready", () => gateway.deviceProcess);
      const child = gateway.deviceProcess;

      const mutation = (name, input) =>
        ask(
          lab.balancer.url,
          `mutation($input: ${name}Input!) { made: ${name.toLowerCase()}(input: $input, idempotencyKey: "${crypto.randomUUID()}") { id } }`,
          { input },
        ).then(({ made }) => made.id);

      /** Uploads a file, has it decoded, deletes it all. @returns how it went. */
      async function decode(field, bytes) {
        const response = await fetch(`http://127.0.0.1:${port}/uploads`, { method: "POST", body: bytes });
        const answer = await response.json();
        if (response.status !== 201)
          return response.status < 500 || response.status === 503 ? "refused" : `status ${response.status}`;
        const kind = answer.mime.startsWith("image/") ? "picture" : field === "picture" ? "sound" : field;
        const fits = kind === "film" && !answer.mime.startsWith("video/") ? "sound" : kind;
        const id = await mutation("Decode", { [fits]: answer.id });
        const { reason, error } = await endOf(id);
        await ask(lab.balancer.url, "mutation($id: ID!) { deleteJob(id: $id) }", { id });
        if (reason === "COMPLETED") return "decoded";
        return /^(bad-file|bad-input)$/.test(error?.code) ? "refused" : `${reason} ${error?.code} ${error?.message}`;
      }

      /** What the job's stream says at its end. */
      async function endOf(id) {
        const signal = AbortSignal.timeout(120_000);
        const response = await fetch(`http://127.0.0.1:${port}/v1/jobs/${id}/frames`, { signal });
        const bytes = Buffer.from(await response.arrayBuffer());
        for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at))
          if (bytes[at + 4] === 4) return JSON.parse(bytes.subarray(at + 25, at + 4 + bytes.readUInt32BE(at)));
        return { reason: "no end" };
      }

      const drawn = await mutation("Draw", { frames: 3 });
      await lab.ended(drawn);
      // Everything once as it should be: what is loaded on the way is not the fuzz's.
      for (const [field, bytes] of traced ? files.slice(0, 1) : short ? files.slice(4, 8) : files) {
        const outcome = await decode(field, bytes);
        if (outcome !== "decoded") blame(`a sound ${field} was ${outcome}`);
      }
      const from = traced ? statSync(trace).size : 0;
      const filesBefore = openFiles(parent);
      const samples = { gateway: [], worker: [] };
      const watch = setInterval(
        () => {
          try {
            samples.gateway.push(residentBytes(parent));
            samples.worker.push(residentBytes(child));
          } catch {}
        },
        Math.max(50, runs / 40),
      );

      const progress = (what) =>
        process.stdout.write(`  ${what}, ${((performance.now() - begun) / 1000).toFixed(0)} s\n`);
      // In rounds of everything, so that memory is watched under the same mixture from the beginning to the end.
      const rounds = Math.max(1, Math.min(10, Math.floor(runs / 200)));
      const hostile = (await hostileFiles(secret, url, { bomb: !short })).filter(() => random() < share);
      for (let round = 0; round < rounds; round++) {
        const number = (share) => Math.round((runs * share) / rounds);
        const sample = (arbitrary, count) => fc.sample(arbitrary, { numRuns: count, seed: seed + round });
        await each(sample(badRequest(drawn), number(shares.requests)), 8, async (sent) => {
          const status = await send(port, sent);
          counts.requests++;
          more(statuses, status);
          if (status === -1 || (status >= 500 && status !== 503))
            blame(
              `${sent.method} ${sent.path} was answered ${status}: ${JSON.stringify({ headers: sent.headers, body: sent.body.toString("base64").slice(0, 2000) })}`,
            );
        });
        progress("requests done");
        await each(sample(badMessages, number(shares.sockets)), 8, async ({ sound, messages }) => {
          const address = `ws://127.0.0.1:${port}${sound ? `/v1/jobs/${drawn}/audio` : "/graphql"}`;
          const socket = new WebSocket(address, sound ? [] : ["graphql-transport-ws"]);
          socket.on("error", () => {});
          await new Promise((resolve) => socket.once("open", resolve).once("close", resolve));
          if (!sound && socket.readyState === WebSocket.OPEN) socket.send('{"type":"connection_init"}');
          for (const one of messages) if (socket.readyState === WebSocket.OPEN) socket.send(one);
          await new Promise((resolve) => setTimeout(resolve, 2));
          socket.terminate();
          counts.sockets++;
        });
        progress("sockets done");
        await each(sample(badBytes, number(shares.bytes)), 8, async (text) => {
          await new Promise((resolve) => {
            const socket = connect(port, "127.0.0.1", () => socket.end(text, "latin1"));
            socket.setTimeout(200, () => socket.destroy());
            socket.resume();
            socket.once("error", () => {});
            socket.once("close", () => resolve());
          });
          counts.bytes++;
        });
        progress("bytes done");
        const any = (fields) => {
          const fitting = files.filter(([field]) => fields.includes(field));
          const one = () => fitting[Math.floor(random() * fitting.length)];
          const [field, bytes] = one();
          return [field, mutate(bytes, one()[1], random)];
        };
        const count = (length, fields) => Array.from({ length }, () => any(fields));
        for (const [name, cases] of [
          ["pictures", count(number(shares.pictures), ["picture"])],
          ["sounds", count(number(shares.sounds), ["sound", "film"])],
          ["hostile", hostile.slice((hostile.length * round) / rounds, (hostile.length * (round + 1)) / rounds)],
        ])
          await each(cases, 4, async ([field, bytes], at) => {
            const outcome = await decode(field, bytes).catch((error) => error.message);
            counts[name]++;
            more(outcomes, `${name} ${outcome}`);
            if (outcome !== "decoded" && outcome !== "refused") {
              writeFileSync(join(tmpdir(), `fuzz-${seed}-${round}-${name}-${at}`), bytes);
              blame(`${name}: a ${field} of ${bytes.length} bytes: ${outcome}`);
            }
          });
        progress(`round ${round + 1} of ${rounds}`);
        if (gateway.ended || !isAlive(child)) break;
      }
      clearInterval(watch);

      if (gateway.ended) blame(`the gateway ended: ${gateway.errors}`);
      else {
        if ((await fetch(`http://127.0.0.1:${port}/livez`)).status !== 200) blame("it does not answer");
        await until("no stream is open", async () => (await held(port)).streams === 0, 20_000).catch(({ message }) =>
          blame(message),
        );
        await until("files are closed", () => openFiles(parent) <= filesBefore + 8, 20_000).catch(() =>
          blame(`${openFiles(parent)} files are open, ${filesBefore} before`),
        );
      }
      for (const { what, reason } of gateway.said("internal")) blame(`unforeseen in the gateway: ${what} ${reason}`);
      const restarts = gateway.said("device").at(-1)?.restarts ?? 0;
      if (restarts > 0) blame(`the worker's child died ${restarts} times`);
      const grown = Object.entries(samples).map(([name, all]) => [
        name,
        all.length >= 10 ? memoryGrowth(all) / mega : 0,
        (all.at(-1) ?? 0) / mega,
      ]);
      // Allocators move by so much without any leak.
      for (const [name, growth] of grown) if (growth > 64) blame(`${name} grew by ${growth.toFixed(0)} MiB`);
      if (calls > 0) blame(`${calls} requests came to a host that a file named`);
      if (traced) {
        // Copies of uploads for ffmpeg, which cannot seek in a pipe.
        const own = [lab.folder, join(tmpdir(), "prosopon-media-")];
        const { opened, called, lines } = await readTrace(trace, {
          from,
          own,
          code: [root, join(process.execPath, "../..")],
        });
        for (const one of opened) blame(`a file elsewhere: ${one}`);
        for (const one of called) blame(`a connection: ${one}`);
        if (lines < 100) blame(`the trace has ${lines} lines only`);
        summary.trace = `${lines} calls traced, of ${runs} cases and 40 % of the hostile files: no file outside of the data folder and temporary copies, no connection (control: unguarded ffmpeg is seen to do both)`;
      }
      if (!traced) summary.grown = grown;
    });
  }
} finally {
  listener.close();
  await rm(folder, { recursive: true, force: true });
}

const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
const listed = (map) =>
  [...map]
    .sort(([a], [b]) => String(a).localeCompare(String(b)))
    .map(([key, count]) => `${key === 0 ? "cut off" : key}: ${count}`)
    .join(", ");
const lines = [
  `- ${total} cases (${Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ")}): ${problems.length === 0 ? "all held" : `${problems.length} problems`}.`,
  `- Statuses of requests: ${listed(statuses)}.`,
  `- Files: ${listed(outcomes)}.`,
  `- Memory from the second fifth to the last: ${(summary.grown ?? []).map(([name, growth, last]) => `${name} ${growth >= 0 ? "+" : ""}${growth.toFixed(0)} MiB (at ${last.toFixed(0)})`).join(", ")}.`,
  `- ${summary.trace}.`,
  ...problems.map((problem) => `- FAILED: ${problem.slice(0, 300)}`),
];
process.stdout.write(`${lines.join("\n")}\n`);
if (values.write)
  writeReport(
    "fuzz",
    {
      command: `npm run fuzz${runs === 10_000 ? "" : ` -- --runs ${runs}`}`,
      seed,
      seconds: (performance.now() - begun) / 1000,
    },
    lines,
  );
process.exit(problems.length > 0 || existsSync(folder) ? 1 : 0);
