import { basename, relative, resolve } from "node:path";
import { planesOf } from "@prosopon/applications";
import { ProsoponError } from "@prosopon/errors";
import { type Image, resize, toRgb } from "@prosopon/media";
import { labelledSheet, readImage } from "@prosopon/media/node";
import { listModels, openModel } from "@prosopon/models/node";
import { createExpertRunner, identityEmbedder } from "@prosopon/perception";
import { nearest } from "@prosopon/reenactment";
import { createHost } from "@prosopon/runtime/node";
import { checkOutput } from "../check-output.ts";
import type { NeighboursOptions } from "../commands/neighbours.ts";
import type { Context } from "../context.ts";
import { pictureFiles } from "../evaluate/picture-files.ts";
import { modelFolders } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { writePicture } from "../write-picture.ts";

/** Side at which pictures are compared and shown. */
const side = 128;

const squareOf = async (file: string): Promise<Image> =>
  resize(toRgb(await readImage(file, { alpha: "keep" })), { width: side, height: side });

interface Features extends AsyncDisposable {
  readonly model: string | undefined;
  of(image: Image): Promise<ArrayLike<number>>;
}

/** The pixels themselves, or the embedding of an installed identity embedder. */
async function openFeatures(context: Context, { by, model, device }: NeighboursOptions): Promise<Features> {
  if (by === "pixel")
    return {
      model: undefined,
      of: async (image) => planesOf(image).data,
      [Symbol.asyncDispose]: async () => {},
    };
  const folders = modelFolders(context);
  const first = async () => (await listModels(folders)).find((one) => one.manifest?.kind === "identity-embedder")?.name;
  const name = model ?? (await first());
  if (name === undefined)
    throw new ProsoponError("not-found", `There is no identity embedder in ${folders.join(", ")}.`, {
      mend: "Compare --by pixel.",
    });
  const { manifest, parameters } = await openModel(folders, name, {
    kind: "identity-embedder",
    signal: context.signal,
  });
  const host = await createHost({ device });
  const runner = createExpertRunner({ host, expert: identityEmbedder(manifest.config), parameters });
  return {
    model: name,
    of: async (image) => (await runner.run(planesOf(image))).data as Float32Array,
    async [Symbol.asyncDispose]() {
      await runner[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    },
  };
}

/** `prosopon neighbours`. */
export async function findNeighbours(
  context: Context,
  reporter: Reporter,
  file: string,
  folder: string,
  options: NeighboursOptions,
): Promise<void> {
  const { output, count, by } = options;
  const all = await pictureFiles(folder);
  if (output !== undefined) await checkOutput(output, [file, ...all]);
  const files = all.filter((one) => resolve(one) !== resolve(file));
  const query = await squareOf(file);
  await using features = await openFeatures(context, options);
  const progress = await reporter.progress(files.length);
  const vectors: ArrayLike<number>[] = [];
  const readable: string[] = [];
  try {
    for (const [index, one] of files.entries()) {
      context.signal.throwIfAborted();
      try {
        vectors.push(await features.of(await squareOf(one)));
        readable.push(one);
      } catch (error) {
        reporter.warn(`${one} was left out: ${(error as Error).message}`);
      }
      progress.update(index + 1, "comparing");
    }
  } finally {
    progress.stop();
  }
  const found = nearest(await features.of(query), vectors, { count, measure: by }).map(({ index, distance }) => ({
    file: readable[index]!,
    distance,
  }));
  if (output !== undefined) {
    const pictures = [query, ...(await Promise.all(found.map((one) => squareOf(one.file))))];
    const labels = [basename(file), ...found.map((one) => `${basename(one.file)} ${one.distance.toFixed(3)}`)];
    const columns = Math.min(9, pictures.length);
    await writePicture(context, output, await labelledSheet(pictures, { columns, labels }), {
      kind: "algorithmicMedia",
      software: "Prosopon",
      version: context.version,
    });
  }
  reporter.result(
    {
      command: "neighbours",
      input: file,
      folder,
      by,
      model: features.model,
      compared: readable.length,
      output,
      neighbours: found,
    },
    found.map((one) => `${one.distance.toFixed(4)}  ${relative(folder, one.file)}`).join("\n"),
  );
}
