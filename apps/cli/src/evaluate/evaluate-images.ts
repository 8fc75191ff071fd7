import { ProsoponError } from "@prosopon/errors";
import { toRgb } from "@prosopon/media";
import { readImage } from "@prosopon/media/node";
import { meanMetric, msSsim, ssim, type Table, table } from "@prosopon/metrics";
import { createLpips, type LpipsTrunk, lpipsParameters, type PairJudge } from "@prosopon/perception";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import type { Context } from "../context.ts";
import type { Reporter } from "../reporter.ts";
import { openOwnDistance, planesOf } from "./open-judges.ts";
import { openTensors } from "./open-tensors.ts";
import { picturePairs } from "./picture-files.ts";
import { type Protocol, prepared, protocolNotes, psnrOf } from "./protocol.ts";
import { checkTable, writeTable } from "./write-table.ts";

export interface ImagesOptions {
  readonly protocol: Protocol;
  readonly lpips?: LpipsTrunk;
  readonly trunk?: string;
  readonly heads?: string;
  readonly table?: string;
  readonly json?: true;
}

async function openDistance(context: Context, host: Host, { lpips, trunk, heads }: ImagesOptions) {
  if (!lpips) {
    const judge = await openOwnDistance(context, host);
    return {
      judge: judge as PairJudge,
      key: "ownDistance",
      note: `ownDistance: unit-length activations of ${judge.note}, squared difference summed over its stages; not LPIPS, and not comparable with it.`,
    };
  }
  if (!trunk)
    throw new ProsoponError("bad-input", `--lpips ${lpips} needs the weights of its trunk.`, {
      mend: "Give torchvision's file with --trunk and the heads of the package lpips with --heads.",
    });
  await using body = await openTensors(trunk);
  await using head = heads ? await openTensors(heads) : undefined;
  const parameters = await lpipsParameters(lpips, { trunk: body.tensors, ...(head ? { heads: head.tensors } : {}) });
  const hashes = `trunk ${body.note}${head ? `, heads ${head.note}` : ""}`;
  return {
    judge: createLpips({ host, trunk: lpips, parameters }),
    key: "lpips",
    note: `LPIPS 0.1 with the trunk ${lpips} (${hashes}), pictures in -1..1 at their own size, mean over images.`,
  };
}

/** `prosopon evaluate images`. */
export async function evaluateImages(
  context: Context,
  reporter: Reporter,
  a: string,
  b: string,
  options: ImagesOptions,
): Promise<void> {
  checkTable(options.table);
  const { protocol } = options;
  const { signal } = context;
  const pairs = await picturePairs(a, b);
  await using host = await createHost();
  const distance = await openDistance(context, host, options);
  await using judge = distance.judge;
  const [peak, structure, scales] = [psnrOf(protocol), ssim({ downsample: true }), msSsim()];
  const far = meanMetric<number>({ name: "distance", protocol: distance.note, score: (value) => value });
  const judgements = { psnr: peak.start(), ssim: structure.start(), msSsim: scales.start(), distance: far.start() };
  const rows: Record<string, string | number | undefined>[] = [];
  const progress = await reporter.progress(pairs.length);
  let small = 0;
  try {
    for (const [i, pair] of pairs.entries()) {
      signal.throwIfAborted();
      const [reference, image] = await Promise.all(
        [pair.reference, pair.image].map(async (file) => prepared(toRgb(await readImage(file)), protocol)),
      );
      const sample = { reference: reference!, image: image! };
      const single = [peak, structure].map((metric) => {
        const own = metric.start();
        own.add(sample);
        return own.result().mean;
      });
      judgements.psnr.add(sample);
      judgements.ssim.add(sample);
      const large = Math.min(sample.image.width, sample.image.height) >= 161;
      if (large) judgements.msSsim.add(sample);
      else small++;
      const [value] = await judge.distances(planesOf(sample.reference), planesOf(sample.image), { signal });
      judgements.distance.add(value!);
      rows.push({ name: pair.name, psnr: single[0], ssim: single[1], [distance.key]: value });
      progress.update(i + 1, "pictures");
    }
  } finally {
    progress.stop();
  }
  const ms = small < pairs.length ? judgements.msSsim.result() : undefined;
  if (small > 0) reporter.note(`MS-SSIM leaves out ${small} of ${pairs.length} pictures: they are below 161 pixels.`);
  const [p, s, d] = [judgements.psnr.result(), judgements.ssim.result(), judgements.distance.result()];
  const notes = [
    protocolNotes[protocol],
    peak.protocol,
    structure.protocol,
    ...(ms ? [`${scales.protocol} Of ${ms.count} pictures.`] : []),
    distance.note,
    `${pairs.length} ${pairs.length === 1 ? "pair" : "pairs"} of pictures.`,
  ];
  const content: Table = {
    columns: [
      { key: "name", title: "picture" },
      { key: "psnr", title: "PSNR", digits: 2, better: "higher" },
      { key: "ssim", title: "SSIM", digits: 4, better: "higher" },
      { key: distance.key, title: distance.key === "lpips" ? "LPIPS" : "own distance", digits: 4, better: "lower" },
    ],
    rows: [...rows, { name: "mean", psnr: p.mean, ssim: s.mean, [distance.key]: d.mean }],
    notes,
  };
  await writeTable(options.table, content);
  // Infinity is no JSON: two pictures that are the same have no PSNR there.
  reporter.result(
    {
      command: "evaluate images",
      psnr: Number.isFinite(p.mean) ? p.mean : null,
      ssim: s.mean,
      msSsim: ms?.mean ?? null,
      [distance.key]: d.mean,
      identical: !Number.isFinite(p.maximum),
      count: pairs.length,
      protocol: { name: protocol, notes },
      pictures: rows.map((row) => ({ ...row, psnr: Number.isFinite(row["psnr"]) ? row["psnr"] : null })),
    },
    table(content, { format: "markdown" }).trimEnd(),
  );
}
