import { treeLines } from "@prosopon/models";
import { inspectStateDict } from "@prosopon/models/node";
import type { Context } from "../context.ts";
import type { Reporter } from "../reporter.ts";
import { byteProgress } from "./byte-progress.ts";

/** `prosopon models inspect`: names, shapes, types and counts of any state_dict. */
export async function inspectFile({ signal }: Context, reporter: Reporter, file: string): Promise<void> {
  const progress = byteProgress(reporter);
  try {
    const found = await inspectStateDict(file, { signal, onProgress: (at) => progress.update("checking", at) });
    progress.stop();
    const { tree, ...rest } = found;
    reporter.result(
      { command: "models inspect", ...rest },
      [
        `${file}: ${found.format}, ${found.tensors} tensors, ${found.values} values`,
        ...Object.entries(found.entries).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
        ...treeLines(tree),
      ].join("\n"),
    );
  } finally {
    progress.stop();
  }
}
