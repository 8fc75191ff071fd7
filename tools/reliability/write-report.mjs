// Puts the result of one command into its section of docs/reliability.md: between <!-- name --> and <!-- /name -->.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../../docs/reliability.md", import.meta.url));

/** The rows of the table that a section holds, as cells. */
export function reportedRows(section) {
  const text = readFileSync(file, "utf8");
  const part = text.slice(text.indexOf(`<!-- ${section} -->`), text.indexOf(`<!-- /${section} -->`));
  const rows = part.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(1).map((line) => line.slice(2, -2).split(" | "));
}

/** @param lines Markdown below the line that says when, how and on what it ran. */
export function writeReport(section, { command, seed, seconds }, lines) {
  const text = readFileSync(file, "utf8");
  const [begin, end] = [`<!-- ${section} -->`, `<!-- /${section} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/reliability.md has no section ${section}.`);
  const load = loadavg()[1].toFixed(1);
  const facts = [
    `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`,
    `\`${command}\``,
    ...(seed === undefined ? [] : [`seed ${seed}`]),
    `${Math.round(seconds)} s`,
    `Node ${process.versions.node}, ${cpus().length} cores, load ${load} (others work on this machine too)`,
  ];
  const made = [begin, `${facts.join("; ")}.`, "", ...lines, ""].join("\n");
  writeFileSync(`${file}.part`, text.slice(0, from) + made + text.slice(to));
  renameSync(`${file}.part`, file);
}
