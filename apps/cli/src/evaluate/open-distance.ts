import { ProsoponError } from "@prosopon/errors";
import { createLpips, type LpipsTrunk, lpipsParameters, type PairJudge } from "@prosopon/perception";
import type { Host } from "@prosopon/runtime";
import type { Context } from "../context.ts";
import { openOwnDistance } from "./open-judges.ts";
import { openTensors } from "./open-tensors.ts";

export interface DistanceOptions {
  readonly lpips?: LpipsTrunk;
  /** Files of weights. */
  readonly trunk?: string;
  readonly heads?: string;
}

export interface Distance {
  readonly judge: PairJudge;
  /** Its field in results, and its head in tables. */
  readonly key: "lpips" | "ownDistance";
  readonly title: string;
  /** For protocol lines. */
  readonly note: string;
}

/** LPIPS where its trunk is given, else the distance by our own network. @throws `bad-input` for a trunk without weights, `bad-file`. */
export async function openDistance(
  context: Context,
  host: Host,
  { lpips, trunk, heads }: DistanceOptions,
): Promise<Distance> {
  if (!lpips) {
    const judge = await openOwnDistance(context, host);
    return {
      judge,
      key: "ownDistance",
      title: "own distance",
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
    title: "LPIPS",
    note: `LPIPS 0.1 with the trunk ${lpips} (${hashes}), pictures in -1..1 at their own size, mean over images.`,
  };
}
