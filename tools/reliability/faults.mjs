// Every fault that the service has to bear, on real processes, a real Redis and real sockets:
//   node tools/reliability/faults.mjs [--only TEXT] [--short] [--seed N] [--write]
// (after a build). A line for each on stdout; --short does ten seconds of them in random order;
// --write puts the results into docs/reliability.md. Ends with 1 if any did not hold.
import { parseArgs } from "node:util";
import { numbers } from "../../packages/client/dist/testing/wire-faults.js";
import { cancellingFaults } from "./faults/cancelling.mjs";
import { chaosFault } from "./faults/chaos.mjs";
import { networkFaults } from "./faults/network.mjs";
import { processFaults } from "./faults/processes.mjs";
import { restartFaults } from "./faults/restarts.mjs";
import { storageFaults } from "./faults/storage.mjs";
import { judgeControl } from "./judge.mjs";
import { reportedRows, writeReport } from "./write-report.mjs";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    seed: { type: "string", default: String(Math.floor(Date.now() / 1000) % 1_000_000) },
    short: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const random = numbers(seed);
const begun = performance.now();
process.stdout.write(`seed ${seed}\n`);

const missed = judgeControl();
const rows = [
  {
    name: "control: the judge must notice twelve doctored records",
    adapter: "none",
    ...(missed.length === 0 ? { result: "held", seen: "all twelve" } : { result: "FAILED", seen: missed.join("; ") }),
  },
];
const all = values.short
  ? [chaosFault(10)]
  : [...processFaults, ...storageFaults, ...networkFaults, ...cancellingFaults, ...restartFaults, chaosFault(60)];
for (const { name, adapters, run } of all)
  for (const adapter of adapters) {
    if (!`${name} ${adapter}`.includes(values.only)) continue;
    const since = performance.now();
    const outcome = await run(adapter, { random }).catch((error) => ({ problems: [error.stack] }));
    const { problems = [], seen = "", skipped } = outcome;
    const result = skipped ? "skipped" : problems.length === 0 ? "held" : "FAILED";
    const row = { name, adapter, result, seen: skipped ?? (problems.length === 0 ? seen : problems.join("; ")) };
    rows.push(row);
    const took = ((performance.now() - since) / 1000).toFixed(1);
    process.stdout.write(`${result.padEnd(7)} ${name} [${adapter}] ${took} s: ${row.seen}\n`);
  }
const failed = rows.filter(({ result }) => result === "FAILED").length;
process.stdout.write(`${rows.length - failed} of ${rows.length} held\n`);
if (values.write) {
  // What was not run now keeps what was seen before, with its date.
  const table = new Map(reportedRows("faults").map((cells) => [`${cells[0]} ${cells[1]}`, cells]));
  const when = new Date().toISOString().slice(0, 16).replace("T", " ");
  for (const { name, adapter, result, seen } of rows)
    table.set(`${name} ${adapter}`, [
      name,
      adapter,
      result,
      seen.split("\n")[0].replaceAll("|", "/").slice(0, 400),
      when,
    ]);
  const cells = [...table.values()];
  const held = cells.filter(([, , result]) => result === "held").length;
  const command = `npm run faults${values.only ? ` -- --only "${values.only}"` : ""}`;
  writeReport("faults", { command, seed, seconds: (performance.now() - begun) / 1000 }, [
    `${held} of ${cells.length} held, each when its row says (UTC).`,
    "",
    "| fault | on | result | seen | when |",
    "|---|---|---|---|---|",
    ...cells.map((row) => `| ${row.join(" | ")} |`),
  ]);
}
process.exit(failed > 0 ? 1 : 0);
