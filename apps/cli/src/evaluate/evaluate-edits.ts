import { stat } from "node:fs/promises";
import { join } from "node:path";
import { findEmotion } from "@prosopon/applications";
import { ProsoponError } from "@prosopon/errors";
import { toRgb } from "@prosopon/media";
import { readImage } from "@prosopon/media/node";
import { plot } from "@prosopon/media/plot";
import { emotionAccuracy, emotionShift, identityCosine, manipulationTable, ssim, table } from "@prosopon/metrics";
import { createHost } from "@prosopon/runtime/node";
import type { Context } from "../context.ts";
import type { Reporter } from "../reporter.ts";
import { type DistanceOptions, openDistance } from "./open-distance.ts";
import { openEmotionJudge, openIdentityJudge, planesOf, rowOf } from "./open-judges.ts";
import { openReconstructor } from "./open-reconstructor.ts";
import { type PicturePair, picturePairs } from "./picture-files.ts";
import { type Protocol, prepared, protocolNote, psnrOf } from "./protocol.ts";
import { checkPlot, checkTable, writePlot, writeTable } from "./write-table.ts";

export interface EditsOptions extends DistanceOptions {
  readonly to?: string;
  readonly protocol: Protocol;
  readonly firstStage?: string;
  readonly emotionJudge: string;
  readonly identityJudge: string;
  readonly table?: string;
  readonly plot?: string;
  readonly json?: true;
}

interface Target {
  readonly target: string;
  readonly pairs: readonly PicturePair[];
}

/** Folders named after emotions in `edits`, or all of it for one. @throws `bad-input` when there are none. */
async function targetsOf(
  sources: string,
  edits: string,
  to: string | undefined,
  classes: readonly string[],
): Promise<readonly Target[]> {
  if (to !== undefined) return [{ target: findEmotion(to, classes), pairs: await picturePairs(sources, edits) }];
  const found: Target[] = [];
  for (const target of classes) {
    const entry = await stat(join(edits, target)).catch(() => undefined);
    if (entry?.isDirectory()) found.push({ target, pairs: await picturePairs(sources, join(edits, target)) });
  }
  if (found.length === 0)
    throw new ProsoponError("bad-input", `${edits} holds no folder that is named after an emotion.`, {
      values: { edits, classes },
      mend: `Name folders ${classes.join(", ")}, or say with --to what all edits should show.`,
    });
  return found;
}

/** `prosopon evaluate edits`. */
export async function evaluateEdits(
  context: Context,
  reporter: Reporter,
  sources: string,
  edits: string,
  options: EditsOptions,
): Promise<void> {
  checkTable(options.table);
  checkPlot(options.plot);
  const { protocol } = options;
  const { signal } = context;
  await using host = await createHost();
  await using emotion = await openEmotionJudge(context, host, options.emotionJudge);
  await using identity = await openIdentityJudge(context, host, options.identityJudge);
  const distance = await openDistance(context, host, options);
  await using far = distance.judge;
  await using stage = options.firstStage ? await openReconstructor(context, host, options.firstStage) : undefined;
  const { classes } = emotion;
  const targets = await targetsOf(sources, edits, options.to, classes);
  const accuracy = emotionAccuracy({ classes, judge: emotion.note });
  const shift = emotionShift({ classes, judge: emotion.note });
  const [peak, structure, same] = [
    psnrOf(protocol),
    ssim({ downsample: true }),
    identityCosine({ judge: identity.note }),
  ];
  const overall = { accuracy: accuracy.start(), shift: shift.start(), identity: same.start() };
  const progress = await reporter.progress(targets.reduce((sum, { pairs }) => sum + pairs.length, 0));
  const scores = [];
  let done = 0;
  try {
    for (const { target, pairs } of targets) {
      const mine = { psnr: peak.start(), ssim: structure.start(), identity: same.start() };
      let apart = 0;
      for (const pair of pairs) {
        signal.throwIfAborted();
        const source = toRgb(await readImage(pair.reference));
        const reference = await prepared(stage ? await stage.reconstruct(source) : source, protocol);
        const image = await prepared(toRgb(await readImage(pair.image)), protocol);
        mine.psnr.add({ reference, image });
        mine.ssim.add({ reference, image });
        apart += (await far.distances(planesOf(reference), planesOf(image), { signal }))[0]!;
        const faces = {
          source: await rowOf(identity, reference, signal),
          edit: await rowOf(identity, image, signal),
        };
        mine.identity.add(faces);
        overall.identity.add(faces);
        const [before, after] = [await rowOf(emotion, reference, signal), await rowOf(emotion, image, signal)];
        overall.accuracy.add({ target, scores: after });
        overall.shift.add({ target, before, after });
        progress.update(++done, target);
      }
      scores.push({
        target,
        psnr: mine.psnr.result().mean,
        ssim: mine.ssim.result().mean,
        [distance.key]: apart / pairs.length,
        identity: mine.identity.result().mean,
      });
    }
  } finally {
    progress.stop();
  }
  const [emotions, shifts] = [overall.accuracy.result(), overall.shift.result()];
  const rows = scores.map((one) => ({
    ...one,
    settings: {},
    shares: emotions.perTarget[one.target]!.shares,
  }));
  const notes = [
    protocolNote(protocol, stage),
    distance.note,
    peak.protocol,
    structure.protocol,
    accuracy.protocol,
    shift.protocol,
    same.protocol,
    `${done} edits to ${targets.length} ${targets.length === 1 ? "target" : "targets"}.`,
  ];
  const content = manipulationTable(rows, { emotions: classes, notes });
  await writeTable(options.table, content);
  if (options.plot)
    await writePlot(
      options.plot,
      plot({
        kind: "heatmap",
        title: "Share of edits by what the judge sees",
        x: "seen",
        y: "target",
        columns: classes,
        rows: targets.map(({ target }) => target),
        values: targets.map(({ target }) => classes.map((name) => emotions.perTarget[target]!.shares[name]!)),
      }),
    );
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  reporter.result(
    {
      command: "evaluate edits",
      top1: emotions.top1,
      top2: emotions.top2,
      identity: overall.identity.result().mean,
      shift: shifts.mean,
      confusion: emotions.confusion,
      classes,
      targets: scores.map((one) => ({
        ...one,
        psnr: finite(one.psnr),
        count: emotions.perTarget[one.target]!.count,
        top1: emotions.perTarget[one.target]!.top1,
        top2: emotions.perTarget[one.target]!.top2,
        shift: shifts.perTarget[one.target]!.mean,
        shares: emotions.perTarget[one.target]!.shares,
      })),
      protocol: { name: protocol, notes },
    },
    [
      table(content, { format: "markdown" }).trimEnd(),
      "",
      `top-1 ${emotions.top1.toFixed(3)}, top-2 ${emotions.top2.toFixed(3)}, identity ${overall.identity.result().mean.toFixed(3)}, probability of the target ${shifts.mean >= 0 ? "+" : ""}${shifts.mean.toFixed(3)}`,
    ].join("\n"),
  );
}
