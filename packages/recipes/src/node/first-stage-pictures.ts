import { ProsoponError } from "@prosopon/errors";
import { dataPictures } from "./data/data-pictures.ts";
import { openData } from "./data/open-data.ts";
import { type Pictures, portraitCache } from "./portrait-cache.ts";
import { firstStageFactor, portraitFirstStage } from "./portrait-first-stage.ts";
import type { RecipeOptions } from "./recipe.ts";
import { preparedData, type RunData, renderedData } from "./run-data.ts";

/** What a first stage learns from. */
export interface FirstStagePictures extends RunData, AsyncDisposable {
  readonly pictures: Pictures;
  /** Those that it does not learn from, where there are any. */
  readonly held?: Pictures;
  /** 136 numbers of each picture, where they are known. */
  readonly landmarks?: readonly (readonly number[])[];
}

/** Codes are means of places of latents, so there must be as many places. */
function checkCount(count: number, side: number, codes: number): void {
  const least = Math.ceil(codes / (side / firstStageFactor) ** 2);
  if (count >= least) return;
  throw new ProsoponError("bad-input", `${count} pictures are too few for a codebook.`, {
    values: { count, least },
    mend: `Give at least ${least} of ${side} pixels.`,
  });
}

async function rendered(options: RecipeOptions, codes: number): Promise<FirstStagePictures> {
  const { cache, seed, settings, onProgress, signal } = options;
  const { resolution: size } = portraitFirstStage.ddconfig;
  const count = Number(settings["pictures"]);
  checkCount(count, size, codes);
  const shared = { folder: cache, seed, size, ...(signal ? { signal } : {}) };
  const progress = onProgress ? { onProgress: (d: number, t: number) => onProgress("rendering", d, t) } : {};
  const pictures = await portraitCache({ ...shared, split: "train", count, ...progress });
  const held = await portraitCache({ ...shared, split: "validation", count: 64 });
  return {
    ...renderedData(count, seed),
    pictures,
    held,
    landmarks: pictures.labels.map((label) => label.landmarks),
    async [Symbol.asyncDispose]() {
      await pictures[Symbol.asyncDispose]();
      await held[Symbol.asyncDispose]();
    },
  };
}

async function prepared(folder: string, { seed }: RecipeOptions, codes: number): Promise<FirstStagePictures> {
  const data = await openData(folder, { split: "train" });
  const { size, counts } = data.manifest;
  if (size % firstStageFactor !== 0)
    throw new ProsoponError("bad-input", `${folder} holds pictures of ${size} pixels.`, {
      values: { folder, size },
      mend: `Prepare them with a --size that is a multiple of ${firstStageFactor}, such as 128.`,
    });
  const pictures = dataPictures(data, seed);
  checkCount(pictures.count, size, codes);
  return {
    ...preparedData(data),
    pictures,
    ...(counts.validation > 0 ? { held: dataPictures(await openData(folder, { split: "validation" }), seed) } : {}),
    async [Symbol.asyncDispose]() {},
  };
}

/**
 * Opens the pictures of the setting `data`, or renders some; there must be enough for so many codes.
 * @throws `bad-input`, and what `openData` and `portraitCache` throw.
 */
export const firstStagePictures = (options: RecipeOptions, codes: number): Promise<FirstStagePictures> => {
  const folder = options.settings["data"];
  return folder ? prepared(folder, options, codes) : rendered(options, codes);
};
