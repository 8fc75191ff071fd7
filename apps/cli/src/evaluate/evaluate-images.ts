import { toRgb } from "@prosopon/media";
import { readImage } from "@prosopon/media/node";
import { meanMetric, msSsim, ssim, type Table, table } from "@prosopon/metrics";
import { createHost } from "@prosopon/runtime/node";
import type { Context } from "../context.ts";
import type { Reporter } from "../reporter.ts";
import { type DistanceOptions, openDistance } from "./open-distance.ts";
import { planesOf } from "./open-judges.ts";
import { openReconstructor } from "./open-reconstructor.ts";
import { picturePairs } from "./picture-files.ts";
import { type Protocol, prepared, protocolNote, psnrOf } from "./protocol.ts";
import { checkTable, writeTable } from "./write-table.ts";

export interface ImagesOptions extends DistanceOptions {
  readonly protocol: Protocol;
  readonly firstStage?: string;
  readonly table?: string;
  readonly json?: true;
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
  await using stage = options.firstStage ? await openReconstructor(context, host, options.firstStage) : undefined;
  const [peak, structure, scales] = [psnrOf(protocol), ssim({ downsample: true }), msSsim()];
  const far = meanMetric<number>({ name: "distance", protocol: distance.note, score: (value) => value });
  const judgements = { psnr: peak.start(), ssim: structure.start(), msSsim: scales.start(), distance: far.start() };
  const rows: Record<string, string | number | undefined>[] = [];
  const progress = await reporter.progress(pairs.length);
  let small = 0;
  try {
    for (const [i, pair] of pairs.entries()) {
      signal.throwIfAborted();
      const source = toRgb(await readImage(pair.reference));
      const sample = {
        reference: await prepared(stage ? await stage.reconstruct(source) : source, protocol),
        image: await prepared(toRgb(await readImage(pair.image)), protocol),
      };
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
    protocolNote(protocol, stage),
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
      { key: distance.key, title: distance.title, digits: 4, better: "lower" },
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
