import { mkdir, readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { type AudioFeatures, logMel } from "@prosopon/conditioning";
import { emotions } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import { writeFileAtomic } from "@prosopon/media/node";
import type { Alignment, Manifest } from "@prosopon/models";
import type { FaceFinder } from "@prosopon/perception";
import { affectnetItems } from "./affectnet.ts";
import type { PictureAlignment } from "./align-picture.ts";
import { classFolderItems } from "./class-folders.ts";
import { type DataSplit, dataSplits } from "./data-item.ts";
import { type DataManifest, dataManifestFile } from "./data-manifest.ts";
import { fer2013Items } from "./fer2013.ts";
import { type ItemRecord, itemsFile, openItemJournal, type PreparedItem } from "./item-journal.ts";
import { meadItems } from "./mead.ts";
import { type ClipAlignment, prepareClips } from "./prepare-clips.ts";
import { preparePictures } from "./prepare-pictures.ts";

/** How each data set may be aligned, its usual way first. */
export const dataLayouts = {
  affectnet: ["canonical", "reference", "none"],
  mead: ["canonical", "reference"],
  fer2013: ["none", "canonical"],
  folder: ["canonical", "reference", "none"],
} as const;
export type DataLayout = keyof typeof dataLayouts;
export type DataAlignment = (typeof dataLayouts)[DataLayout][number];

export interface PrepareDataOptions {
  readonly layout: DataLayout;
  /** The data set, which is only read. */
  readonly input: string;
  /** Where the prepared one is made, or gone on with. */
  readonly output: string;
  /** Default: the first of the layout. */
  readonly alignment?: DataAlignment | undefined;
  /** Side in pixels; default 128. */
  readonly size?: number;
  /** Default "photographs". */
  readonly domain?: Manifest["domain"] | undefined;
  /** Needed unless the alignment is "none". */
  readonly finder?: Pick<FaceFinder, "find"> | undefined;
  /** Of clips: what is heard; default `logMel()`. */
  readonly features?: AudioFeatures | undefined;
  /** Of clips; default 30, MEAD's own. */
  readonly framesPerSecond?: number | undefined;
  /** Of clips: a file of transcripts. */
  readonly transcripts?: string | undefined;
  /** Of the layout "folder": the emotion of all pictures. */
  readonly emotion?: string | undefined;
  readonly ffmpeg?: string | undefined;
  readonly onProgress?: ((label: string, done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PreparedData {
  readonly manifest: DataManifest;
  /** Pictures or clips that an earlier run had done. */
  readonly resumed: number;
  /** Faces that were not found, and whose place the data set gave. */
  readonly annotated: number;
  /** Clips with a transcript. */
  readonly transcripts: number;
}

const settingsFile = "preparation.json";
export const leftOutFile = "left-out.tsv";

async function checkPlaces(input: string, output: string): Promise<void> {
  const entry = await stat(input).catch(() => undefined);
  if (!entry)
    throw new ProsoponError("not-found", `There is no ${input}.`, { values: { input }, mend: "Check the path." });
  const own = await realpath(input);
  // The output may not be there yet: the part of its path that is decides.
  let place = resolve(output);
  let rest = "";
  while (!(await stat(place).catch(() => undefined)) && resolve(place, "..") !== place) {
    rest = join(place.slice(resolve(place, "..").length), rest);
    place = resolve(place, "..");
  }
  const made = join(await realpath(place), rest);
  if (entry.isDirectory() && `${made}${sep}`.startsWith(`${own}${sep}`))
    throw new ProsoponError("bad-input", `The output folder ${output} lies inside the data set ${input}.`, {
      values: { input, output },
      mend: "Choose another folder with -o.",
    });
}

/** Begins a preparation, or makes sure that the one that is there was asked for in the same way. */
async function claim(output: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const text = JSON.stringify(settings);
  const file = join(output, settingsFile);
  const known = await readFile(file, "utf8").catch(() => undefined);
  if (known === undefined) {
    const held = await readdir(output).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw new ProsoponError("output", `${output} is no folder that can be written to.`, { cause: error });
    });
    if (held.length > 0)
      throw new ProsoponError("bad-input", `${output} holds other files, such as ${held[0]}.`, {
        values: { output },
        mend: "Choose an empty or new folder with -o.",
      });
    await mkdir(output, { recursive: true });
    await writeFileAtomic(file, `${text}\n`);
  } else if (known.trim() !== text) {
    const before = JSON.parse(known) as Record<string, unknown>;
    const other = Object.keys({ ...before, ...settings }).find((key) => before[key] !== settings[key])!;
    throw new ProsoponError(
      "bad-input",
      `${output} was begun with ${other} ${JSON.stringify(before[other])}, not ${JSON.stringify(settings[other])}.`,
      { values: { output, setting: other }, mend: "Ask in the same way, or choose another folder with -o." },
    );
  }
}

function needed(finder: PrepareDataOptions["finder"]): NonNullable<PrepareDataOptions["finder"]> {
  if (finder) return finder;
  throw new ProsoponError("unavailable", "No face finder is installed to look for faces.", {
    mend: "Install the model face-finder, or align none.",
  });
}

const isPrepared = (record: ItemRecord): record is PreparedItem => "file" in record;
const cell = (text: string) => text.replaceAll(/\s+/g, " ");

/** The lists, and last of all the manifest. */
async function finish(
  output: string,
  records: readonly ItemRecord[],
  fields: Omit<DataManifest, "counts" | "leftOut" | "specification" | "emotions">,
): Promise<DataManifest> {
  const prepared = records.filter(isPrepared);
  const counts = Object.fromEntries(
    dataSplits.map((split) => [split, prepared.filter((one) => one.split === split).length]),
  ) as Record<DataSplit, number>;
  const leftOut: Record<string, number> = {};
  const rows = records.flatMap((one) => (isPrepared(one) ? [] : [one]));
  for (const { leftOut: reason } of rows) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  for (const split of dataSplits) {
    const lines = prepared.filter((one) => one.split === split).map((one) => `${one.file}\n`);
    await writeFileAtomic(join(output, `${split}.txt`), lines.join(""));
  }
  const table = rows.map((one) => `${cell(one.key)}\t${one.leftOut}\t${cell(one.detail)}\n`);
  await writeFileAtomic(join(output, leftOutFile), `file\treason\tdetail\n${table.join("")}`);
  if (fields.kind === "clips") {
    const said = prepared.filter((one) => one.transcript !== undefined);
    const lines = said.map(({ key, transcript }) => {
      const [subject, emotion, level, clip] = key.split(/_(?=[a-z]+_level)|_(?=level)|(?<=level_\d)_/);
      return `${subject}_${level}_${emotion}_${clip} ${transcript}\n`;
    });
    await writeFileAtomic(join(output, "transcripts.txt"), lines.join(""));
  }
  const manifest: DataManifest = { specification: "dataset/v1", ...fields, emotions: [...emotions], counts, leftOut };
  await writeFileAtomic(join(output, dataManifestFile), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return manifest;
}

/**
 * Makes a folder that recipes can learn from out of a data set in the form in which it is published. What cannot be used is left out, counted, and
 * listed with its reason. Cancelled, it goes on with the same call; `dataset.json` comes last.
 * @throws `bad-input` for another layout, for an output inside the input, in use or begun otherwise, and where nothing could be used; `unavailable`
 * without a face finder or ffmpeg; `cancelled`; `output`.
 */
export async function prepareData(options: PrepareDataOptions): Promise<PreparedData> {
  const { layout, input, output, size = 128, domain = "photographs", onProgress, signal, ffmpeg } = options;
  const { framesPerSecond = 30, features = logMel() } = options;
  const possible: readonly DataAlignment[] = dataLayouts[layout];
  const alignment = options.alignment ?? possible[0]!;
  if (!possible.includes(alignment))
    throw new ProsoponError("bad-input", `The layout ${layout} is not aligned by "${alignment}".`, {
      values: { layout, alignment },
      mend: `Choose ${possible.join(" or ")}.`,
    });
  await checkPlaces(input, output);
  const clips = layout === "mead";
  // Everything is listed before anything is written.
  const found = clips
    ? { clips: await meadItems(input, { transcripts: options.transcripts }) }
    : {
        pictures: await (layout === "affectnet"
          ? affectnetItems(input)
          : layout === "fer2013"
            ? fer2013Items(input)
            : classFolderItems(input, { emotion: options.emotion })),
      };
  const finder = alignment === "none" ? options.finder : needed(options.finder);
  const heard = clips ? { framesPerSecond, features: { name: features.name, size: features.size } } : {};
  await claim(output, {
    layout,
    input: await realpath(input),
    alignment,
    size,
    domain,
    ...(clips ? { framesPerSecond, features: features.name } : {}),
    ...(options.emotion === undefined ? {} : { emotion: options.emotion }),
  });
  // It stands for a finished folder, which this one is not until the end.
  await rm(join(output, dataManifestFile), { force: true });
  const kept: Alignment = clips && alignment === "reference" ? "reference-clip" : alignment;
  await using journal = await openItemJournal(output);
  const items = found.clips ?? found.pictures;
  const resumed = items.filter((item) => journal.records.has(item.key)).length;
  const shared = { folder: output, journal, size, onProgress, signal };
  if (found.clips)
    await prepareClips({
      ...shared,
      items: found.clips,
      alignment: kept as ClipAlignment,
      framesPerSecond,
      features,
      finder: finder!,
      ffmpeg,
    });
  else await preparePictures({ ...shared, items: found.pictures, alignment: kept as PictureAlignment, finder });
  const keys = new Set(items.map((item) => item.key));
  const records = [...journal.records.values()].filter((one) => keys.has(one.key));
  if (!records.some(isPrepared)) {
    const reasons = [...new Set(records.map((one) => ("leftOut" in one ? one.leftOut : "")))];
    await journal[Symbol.asyncDispose]();
    for (const name of [settingsFile, itemsFile, "pictures", "frames", "clips"])
      await rm(join(output, name), { recursive: true, force: true });
    throw new ProsoponError("bad-input", `None of ${records.length} could be used: ${reasons.join(", ")}.`, {
      values: { input, first: records[0] },
      mend: "detail" in records[0]! ? `The first: ${records[0].detail}` : "",
    });
  }
  const manifest = await finish(output, records, {
    kind: clips ? "clips" : "pictures",
    layout,
    domain,
    alignment: kept,
    size,
    ...heard,
  });
  const prepared = records.filter(isPrepared);
  return {
    manifest,
    resumed,
    annotated: prepared.filter((one) => one.annotated).length,
    transcripts: prepared.filter((one) => one.transcript !== undefined).length,
  };
}
