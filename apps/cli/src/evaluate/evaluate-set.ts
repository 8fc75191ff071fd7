import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { encodeModel, graph, input, output, tensor } from "@prosopon/graph";
import { type Image, toRgb } from "@prosopon/media";
import { readImage, unreadableFile, writeFileAtomic } from "@prosopon/media/node";
import {
  bootstrap,
  decodeStatistics,
  encodeStatistics,
  type Features,
  features,
  frechetDistance,
  inceptionScore,
  kernelDistance,
  neighbourhoods,
  runtimeProduct,
  setStatistics,
  type Table,
  table,
} from "@prosopon/metrics";
import { scope } from "@prosopon/nn";
import { inceptionV3 } from "@prosopon/perception";
import type { Host, Session } from "@prosopon/runtime";
import { tensorOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import type { Context } from "../context.ts";
import type { Reporter } from "../reporter.ts";
import { openIdentityJudge, rowOf } from "./open-judges.ts";
import { openTensors } from "./open-tensors.ts";
import { pictureFiles } from "./picture-files.ts";
import { type Protocol, throughJpeg } from "./protocol.ts";
import { checkTable, writeTable } from "./write-table.ts";

export interface SetOptions {
  readonly protocol: Protocol;
  readonly inception?: string;
  readonly neighbours: number;
  readonly subsets: number;
  readonly subsetSize: number;
  readonly bootstrap: number;
  readonly seed: number;
  readonly saveStatistics?: string;
  readonly table?: string;
  readonly json?: true;
}

interface Seen {
  readonly features: Float32Array;
  /** Of Inception alone. */
  readonly logits?: Float32Array;
}

interface Extractor extends AsyncDisposable {
  readonly note: string;
  see(image: Image): Promise<Seen>;
}

async function ownExtractor(context: Context, host: Host): Promise<Extractor> {
  const judge = await openIdentityJudge(context, host, "identity-judge-portraits");
  return {
    note: `embeddings of ${judge.note}, pictures bilinearly to 128 x 128; not Inception features, and not comparable with published FIDs`,
    see: async (image) => ({ features: await rowOf(judge, image, context.signal) }),
    [Symbol.asyncDispose]: () => judge[Symbol.asyncDispose](),
  };
}

async function inceptionExtractor(context: Context, host: Host, file: string): Promise<Extractor> {
  await using weights = await openTensors(file);
  const sessions = new Map<string, Promise<Session>>();
  const open = async (shape: readonly number[]): Promise<Session> => {
    const g = graph({ name: "inception" });
    const place = scope(g);
    const { pooled, logits } = inceptionV3(place, input(g, "image", "float32", shape));
    output(g, "pooled", pooled);
    output(g, "logits", logits);
    return host.load({ model: encodeModel(g, { parameters: "initializers" }), parameters });
  };
  const names = weights.tensors.names;
  const g = graph();
  const place = scope(g);
  inceptionV3(place, input(g, "image", "float32", [1, 3, 299, 299]));
  const missing = [...place.parameters.keys()].filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new ProsoponError("bad-file", `${file} holds no "${missing[0]}": it is not the FID's Inception-v3.`, {
      values: { file, missing: missing.slice(0, 8) },
      mend: "Give pt_inception-2015-12-05-6726825d.pth, or the same names as safetensors.",
    });
  const parameters = Object.fromEntries(
    await Promise.all(
      [...place.parameters.keys()].map(async (name) => [name, await weights.tensors.read(name)] as const),
    ),
  );
  return {
    note: `2048 features of Inception-v3 of 2015 (${weights.note}), pictures to 299 x 299 by TensorFlow 1's bilinear rule`,
    async see({ width, height, data }) {
      const shape = [1, 3, height, width];
      const planes = new Float32Array(3 * width * height);
      for (let i = 0; i < width * height; i++)
        for (let c = 0; c < 3; c++) planes[c * width * height + i] = data[3 * i + c]!;
      if (!sessions.has(`${shape}`)) sessions.set(`${shape}`, open(shape));
      const session = await sessions.get(`${shape}`)!;
      const found = await session.run({ image: tensor("float32", shape, planes) }, { signal: context.signal });
      return {
        features: tensorOf(found, "pooled").data as Float32Array,
        logits: tensorOf(found, "logits").data as Float32Array,
      };
    },
    async [Symbol.asyncDispose]() {
      const opened = await Promise.allSettled(sessions.values());
      await Promise.all(opened.map(async (s) => s.status === "fulfilled" && (await s.value[Symbol.asyncDispose]())));
    },
  };
}

async function look(
  folder: string,
  extractor: Extractor,
  reporter: Reporter,
  { jpeg, signal }: { readonly jpeg: boolean; readonly signal: AbortSignal },
): Promise<readonly Seen[]> {
  const files = await pictureFiles(folder);
  const progress = await reporter.progress(files.length);
  try {
    const seen: Seen[] = [];
    for (const file of files) {
      signal.throwIfAborted();
      const image = toRgb(await readImage(file));
      seen.push(await extractor.see(jpeg ? await throughJpeg(image) : image));
      progress.update(seen.length, "pictures");
    }
    return seen;
  } finally {
    progress.stop();
  }
}

/** The rows of a set with these numbers. */
function rowsOf({ size, data }: Features, rows: Uint32Array): Features {
  const chosen = new Float64Array(rows.length * size);
  rows.forEach((row, i) => void chosen.set(data.subarray(row * size, (row + 1) * size), i * size));
  return { count: rows.length, size, data: chosen };
}

const bytesOf = (file: string) =>
  readFile(file).catch((error: unknown) => {
    throw unreadableFile(file, error);
  });

/** `prosopon evaluate set`. */
export async function evaluateSet(
  context: Context,
  reporter: Reporter,
  real: string,
  generated: string,
  options: SetOptions,
): Promise<void> {
  checkTable(options.table);
  const { neighbours, subsets, seed, protocol } = options;
  const { signal } = context;
  const cached = extname(real).toLowerCase() === ".safetensors" ? decodeStatistics(await bytesOf(real)) : undefined;
  await using host = await createHost();
  await using extractor = options.inception
    ? await inceptionExtractor(context, host, options.inception)
    : await ownExtractor(context, host);
  await using fast = runtimeProduct(host);
  const fakes = await look(generated, extractor, reporter, { jpeg: protocol === "thesis", signal });
  const reals = cached ? undefined : await look(real, extractor, reporter, { jpeg: false, signal });
  const fake = features(fakes.map((one) => one.features));
  const truth = reals && features(reals.map((one) => one.features));
  const how = { protocol: extractor.note, product: fast.product, signal };
  const reference = cached ?? (await setStatistics(truth!, how));
  const own = await setStatistics(fake, how);
  if (options.saveStatistics) await writeFileAtomic(options.saveStatistics, encodeStatistics(reference));
  const frechet = await frechetDistance(reference, own, how);
  for (const warning of frechet.warnings) reporter.warn(warning);
  const interval =
    options.bootstrap >= 2
      ? await bootstrap(
          fake.count,
          async (rows) =>
            (await frechetDistance(reference, await setStatistics(rowsOf(fake, rows), how), how)).distance,
          {
            resamples: options.bootstrap,
            seed,
          },
        )
      : undefined;
  const subsetSize = Math.min(options.subsetSize, fake.count, truth?.count ?? 0);
  const kernel =
    truth && (await kernelDistance(truth, fake, { subsets, subsetSize, seed, product: fast.product, signal }));
  const near = truth && (await neighbourhoods(truth, fake, { neighbours, product: fast.product, signal }));
  let score: { readonly mean: number; readonly standardDeviation: number } | undefined;
  if (fakes[0]!.logits) {
    const judgement = inceptionScore({ splits: Math.min(10, fakes.length), seed }).start();
    for (const { logits } of fakes) judgement.add(logits!);
    score = judgement.result();
  }
  if (cached) reporter.note("Only the Fréchet distance can be had from statistics; give a folder for the others.");
  const rows = [
    ["frechetDistance", frechet.distance, "lower"],
    ["kernelDistance", kernel?.mean, "lower"],
    ["kernelDistanceDeviation", kernel?.standardDeviation, ""],
    ["precision", near?.precision, "higher"],
    ["recall", near?.recall, "higher"],
    ["density", near?.density, "higher"],
    ["coverage", near?.coverage, "higher"],
    ["inceptionScore", score?.mean, "higher"],
  ] as const;
  const notes = [
    protocol === "thesis"
      ? "Protocol of the thesis: generated pictures through JPEG of quality 75 with half the colour resolution, real ones as in their files."
      : "Pictures as they are in their files.",
    `Features: ${extractor.note}.`,
    `${reference.count} real and ${fake.count} generated pictures.`,
    ...(kernel
      ? [`Kernel distance: polynomial of degree 3, ${kernel.subsets} subsets of ${kernel.subsetSize}, seed ${seed}.`]
      : []),
    ...(near ? [`Precision, recall, density and coverage with ${neighbours} neighbours.`] : []),
    ...(interval
      ? [
          `Fréchet distance ${interval.low} to ${interval.high}: ${interval.resamples} resamples of the generated pictures, percentiles at ${interval.level}; resampling itself adds to the distance.`,
        ]
      : []),
  ];
  const content: Table = {
    columns: [{ key: "measure" }, { key: "value", digits: 4 }, { key: "better" }],
    rows: rows
      .filter(([, value]) => value !== undefined)
      .map(([measure, value, better]) => ({ measure, value, better })),
    notes,
  };
  await writeTable(options.table, content);
  reporter.result(
    {
      command: "evaluate set",
      ...Object.fromEntries(rows.map(([measure, value]) => [measure, value ?? null])),
      ...(interval ? { frechetInterval: { low: interval.low, high: interval.high, level: interval.level } } : {}),
      counts: { real: reference.count, generated: fake.count },
      protocol: { name: protocol, features: extractor.note, neighbours, subsets, subsetSize, seed, notes },
    },
    table(content, { format: "markdown" }).trimEnd(),
  );
}
