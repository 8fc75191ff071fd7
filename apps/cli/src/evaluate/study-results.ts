import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { unreadableFile } from "@prosopon/media/node";
import { plot } from "@prosopon/media/plot";
import { readStudyPlan, type StudyAnswer, studyResults, type Table, table } from "@prosopon/metrics";
import type { Reporter } from "../reporter.ts";
import { checkPlot, checkTable, writePlot, writeTable } from "./write-table.ts";

export interface StudyResultsOptions {
  readonly resamples: number;
  readonly seed: number;
  readonly table?: string;
  readonly plot?: string;
  readonly json?: true;
}

async function json(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw unreadableFile(file, error);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProsoponError("bad-file", `${file} is no JSON.`, { values: { file }, cause: error });
  }
}

const isFolder = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() === true;

/** Files as they are named, and the .json files of folders. */
async function answerFiles(given: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const one of given)
    if (await isFolder(one))
      found.push(
        ...(await readdir(one))
          .filter((name) => name.endsWith(".json"))
          .toSorted()
          .map((name) => join(one, name)),
      );
    else found.push(one);
  return found;
}

/** `prosopon evaluate study results`. */
export async function judgeStudy(
  reporter: Reporter,
  study: string,
  given: readonly string[],
  options: StudyResultsOptions,
): Promise<void> {
  checkTable(options.table);
  checkPlot(options.plot);
  const plan = readStudyPlan(await json((await isFolder(study)) ? join(study, "plan.json") : study));
  const answers: StudyAnswer[] = [];
  const files = await answerFiles(given);
  for (const file of files) {
    const list = await json(file);
    if (!Array.isArray(list))
      throw new ProsoponError("bad-file", `${file} holds no list of answers.`, {
        values: { file },
        mend: "Give the files that the study's page saved.",
      });
    answers.push(...list);
  }
  const { resamples, seed } = options;
  const { shares, participants, answers: count } = await studyResults(plan, answers, { resamples, seed });
  const wanted = plan.participants[0]!.length * participants;
  if (count < wanted) reporter.warn(`${wanted - count} of ${wanted} trials of these participants have no answer.`);
  const level = shares[0]!.binomial.level;
  const notes = [
    plan.kind === "preference"
      ? "Forced choice between two pictures, sides counterbalanced over pairs and participants, order shuffled; share of answers for the method named first."
      : `Emotion of one picture to be named out of ${plan.emotions!.join(", ")}; share of right names.`,
    `binomial: interval of Clopper and Pearson at ${level}, as if all answers were independent; bootstrap: percentiles at ${level} over ${resamples} resamples of participants, seed ${seed}.`,
    `${count} answers of ${participants} of ${plan.participants.length} planned participants; study "${plan.title}", seed ${plan.seed}.`,
  ];
  const rows = shares.map(({ name, share, count, binomial, bootstrap }) => ({
    name,
    share,
    count,
    binomialLow: binomial.low,
    binomialHigh: binomial.high,
    bootstrapLow: bootstrap.low,
    bootstrapHigh: bootstrap.high,
  }));
  const content: Table = {
    columns: [
      { key: "name", title: plan.kind === "preference" ? "pair" : "method" },
      { key: "share", digits: 3 },
      { key: "count", title: "answers" },
      { key: "binomialLow", title: "binomial from", digits: 3 },
      { key: "binomialHigh", title: "to", digits: 3 },
      { key: "bootstrapLow", title: "bootstrap from", digits: 3 },
      { key: "bootstrapHigh", title: "to", digits: 3 },
    ],
    rows,
    notes,
  };
  await writeTable(options.table, content);
  if (options.plot) {
    const x = rows.map(({ name }) => name);
    const bars = { share: "share", binomialLow: "binomial, low", binomialHigh: "binomial, high" } as const;
    const series = Object.entries(bars).map(([key, name]) => ({
      name,
      x,
      y: rows.map((row) => row[key as keyof typeof bars]),
    }));
    await writePlot(options.plot, plot({ kind: "bar", title: plan.title, y: "share", series }));
  }
  reporter.result(
    {
      command: "evaluate study results",
      kind: plan.kind,
      participants,
      answers: count,
      shares,
      protocol: { seed: plan.seed, resamples, notes },
    },
    table(content, { format: "markdown" }).trimEnd(),
  );
}
