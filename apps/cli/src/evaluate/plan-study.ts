import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { emotions } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import { planStudy, type StudyPlan, studyPage } from "@prosopon/metrics";
import type { Context } from "../context.ts";
import type { Reporter } from "../reporter.ts";
import { pictureFiles, stemOf } from "./picture-files.ts";

export interface PlanStudyOptions {
  readonly output: string;
  readonly participants: number;
  readonly seed: number;
  readonly title?: string;
  readonly against?: string;
  readonly emotions?: string;
  readonly json?: true;
}

interface Picture {
  readonly method: string;
  readonly item: string;
  readonly file: string;
  /** Where the page finds it: no word of who made it. */
  readonly address: string;
  readonly emotion?: string;
}

/** `NAME=FOLDER` of each method. @throws `bad-input` */
function methodsOf(given: readonly string[]): readonly (readonly [name: string, folder: string])[] {
  const methods = given.map((one) => {
    const at = one.indexOf("=");
    return [one.slice(0, at), one.slice(at + 1)] as const;
  });
  const stray = given.find((one) => !/^[^=]+=.+$/.test(one));
  if (stray !== undefined || new Set(methods.map(([name]) => name)).size !== given.length)
    throw new ProsoponError(
      "bad-input",
      stray === undefined ? "Two methods have the same name." : `${stray} names no method and its folder.`,
      { values: { methods: given }, mend: "Give NAME=FOLDER for each method, such as ours=edits/happy." },
    );
  return methods;
}

const address = (seed: number, method: string, item: string, file: string) =>
  `pictures/${createHash("sha256").update(`${seed}\n${method}\n${item}`).digest("hex").slice(0, 16)}${extname(file).toLowerCase()}`;

async function picturesOf(kind: StudyPlan["kind"], given: readonly string[], seed: number, answers: readonly string[]) {
  const found: Picture[] = [];
  for (const [method, folder] of methodsOf(given)) {
    const inside = kind === "naming" ? answers : [undefined];
    const before = found.length;
    for (const emotion of inside) {
      const place = emotion === undefined ? folder : join(folder, emotion);
      if (emotion !== undefined && !(await stat(place).catch(() => undefined))?.isDirectory()) continue;
      for (const file of await pictureFiles(place)) {
        const item = emotion === undefined ? stemOf(file) : `${emotion}/${stemOf(file)}`;
        found.push({
          method,
          item,
          file,
          address: address(seed, method, item, file),
          ...(emotion === undefined ? {} : { emotion }),
        });
      }
    }
    if (found.length === before)
      throw new ProsoponError("bad-input", `${folder} holds no folder that is named after an emotion.`, {
        values: { folder, emotions: answers },
        mend: `Name folders ${answers.join(", ")}, or say with --emotions what the answers are.`,
      });
  }
  const tiff = found.find(({ file }) => /\.tiff?$/i.test(file));
  if (tiff)
    throw new ProsoponError("bad-input", `Browsers do not show ${tiff.file}.`, { mend: "Convert it to PNG first." });
  return found;
}

function planned(
  kind: StudyPlan["kind"],
  pictures: readonly Picture[],
  answers: readonly string[],
  options: PlanStudyOptions,
) {
  const { seed, participants, title, against } = options;
  const common = { seed, participants, ...(title === undefined ? {} : { title }) };
  if (kind === "naming") {
    const items = pictures.map(({ method, item, address, emotion }) => ({
      method,
      item,
      picture: address,
      emotion: emotion!,
    }));
    return planStudy({ kind, ...common, emotions: [...answers], items });
  }
  const byItem = new Map<string, Record<string, string>>();
  for (const { item, method, address } of pictures) byItem.set(item, { ...byItem.get(item), [method]: address });
  const count = new Set(pictures.map(({ method }) => method)).size;
  const lonely = [...byItem].filter(([, of]) => Object.keys(of).length !== count);
  if (lonely.length > 0 || pictures.length !== byItem.size * count)
    throw new ProsoponError(
      "bad-input",
      lonely.length > 0
        ? `${lonely.length} pictures are not there by every method, such as ${lonely[0]![0]}.`
        : "A folder has two pictures of one name.",
      { values: { lonely: lonely.slice(0, 16).map(([item]) => item) }, mend: "Give all folders the same names." },
    );
  const items = [...byItem].map(([item, of]) => ({ item, pictures: of }));
  return planStudy({ kind, ...common, ...(against === undefined ? {} : { against }), items });
}

/** Writes a folder whole or not at all. @throws `output` for a place that is taken, or that cannot be written. */
async function writeStudy(output: string, plan: StudyPlan, pictures: readonly Picture[], signal: AbortSignal) {
  const place = resolve(output);
  const refuse = (reason: string, cause?: unknown) =>
    new ProsoponError("output", `${output} cannot be written: ${reason}.`, {
      values: { output },
      mend: "Choose another folder with -o.",
      cause,
    });
  const taken = await readdir(place).catch((error) => (error.code === "ENOENT" ? [] : [error.code]));
  if (taken.length > 0) throw refuse("it is there already");
  const beside = await mkdtemp(join(dirname(place), `.${basename(place)}.`)).catch((error) => {
    throw refuse("the folder around it is absent or read-only", error);
  });
  try {
    await mkdir(join(beside, "pictures"));
    for (const { file, address } of pictures) {
      signal.throwIfAborted();
      await copyFile(file, join(beside, address));
    }
    await writeFile(join(beside, "plan.json"), `${JSON.stringify(plan)}\n`);
    await writeFile(join(beside, "index.html"), studyPage(plan));
    await rename(beside, place);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    if (signal.aborted) throw error;
    throw refuse((error as Error).message, error);
  }
}

/** `prosopon evaluate study plan`. */
export async function planStudyFolder(
  context: Context,
  reporter: Reporter,
  kind: StudyPlan["kind"],
  methods: readonly string[],
  options: PlanStudyOptions,
): Promise<void> {
  const answers = options.emotions?.split(",").map((one) => one.trim()) ?? emotions;
  const pictures = await picturesOf(kind, methods, options.seed, answers);
  const plan = planned(kind, pictures, answers, options);
  await writeStudy(options.output, plan, pictures, context.signal);
  const trials = plan.participants[0]!.length;
  reporter.result(
    {
      command: "evaluate study plan",
      study: options.output,
      kind,
      participants: plan.participants.length,
      trials,
      pictures: pictures.length,
      seed: plan.seed,
    },
    [
      `${options.output}: ${trials} trials for each of ${plan.participants.length} participants, seed ${plan.seed}.`,
      "Give participants index.html with its pictures and a number each; plan.json says what is what and stays with you.",
      `Then: prosopon evaluate study results ${options.output} answers-*.json`,
    ].join("\n"),
  );
}
