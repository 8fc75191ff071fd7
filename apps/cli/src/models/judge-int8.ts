import { imageOf } from "@prosopon/applications";
import { psnr, type Summary } from "@prosopon/metrics";
import {
  type CreateEditorOptions,
  createEditor,
  type EditEvent,
  type Editor,
  type EditSettingsInput,
  finish,
} from "@prosopon/reenactment";
import type { CalibrationEdit } from "./calibration-pictures.ts";

/** What int8 costs, and what it brings. Decibels are PSNR against float32, 80 where nothing differs. */
export interface Int8Quality {
  /** The same latents, decoded. */
  readonly decoded: Summary;
  /** Whole edits: everything in int8. */
  readonly edited: Summary;
  /** Time of an edit over that in float32, median over the pictures. */
  readonly time: number;
}

export interface JudgeInt8Options extends Omit<CreateEditorOptions, "precision" | "together"> {
  readonly edits: readonly CalibrationEdit[];
  readonly settings: Pick<EditSettingsInput, "strength" | "steps">;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EditEvent) => void;
}

/** Edits every picture in float32 and in int8, in turns. */
export async function judgeInt8(options: JudgeInt8Options): Promise<Int8Quality> {
  const { edits, settings, signal, onEvent, ...networks } = options;
  await using exact = await createEditor(networks);
  await using fast = await createEditor({ ...networks, precision: "int8" });
  const [decoded, edited] = [psnr({ epsilon: 1e-8 }).start(), psnr({ epsilon: 1e-8 }).start()];
  // Sessions open at their first use, which no time should count.
  for (const editor of [exact, fast])
    for (const edit of edits.slice(0, 1)) await finish(editor.editAll({ ...edit, ...settings, steps: 1, signal }));
  const timed = async (editor: Editor, edit: CalibrationEdit) => {
    const started = performance.now();
    const results = await finish(editor.editAll({ ...edit, ...settings, signal }), onEvent);
    return { results, took: performance.now() - started };
  };
  const ratios: number[] = [];
  for (const edit of edits) {
    const [wanted, found] = [await timed(exact, edit), await timed(fast, edit)];
    ratios.push(found.took / wanted.took);
    for (const [index, { image, latents }] of wanted.results.entries()) {
      const reference = imageOf(image);
      decoded.add({ reference, image: imageOf(await fast.decode(latents.edited, { signal })) });
      edited.add({ reference, image: imageOf(found.results[index]!.image) });
    }
  }
  const time = ratios.toSorted((a, b) => a - b)[ratios.length >> 1]!;
  return { decoded: decoded.result(), edited: edited.result(), time };
}
