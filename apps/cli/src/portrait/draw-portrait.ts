import { alignedNote } from "@prosopon/applications";
import { emotionOf, type Scene, sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { ProsoponError } from "@prosopon/errors";
import { sheet } from "@prosopon/media";
import { checkOutput } from "../check-output.ts";
import type { PortraitOptions } from "../commands/portrait.ts";
import type { Context } from "../context.ts";
import type { Reporter } from "../reporter.ts";
import { writePicture } from "../write-picture.ts";

const mostPixels = 64e6;

/** `prosopon portrait`: a drawn person, or a sheet of them, as a marked picture file. */
export async function drawPortrait(
  context: Context,
  reporter: Reporter,
  options: PortraitOptions & { readonly seed: number },
): Promise<void> {
  const { seed, intensity, size, output } = options;
  const { rows, columns } = options.sheet ?? { rows: 1, columns: 1 };
  const emotion = options.emotion === undefined ? undefined : emotionOf(options.emotion);
  if (rows * columns * size * size > mostPixels)
    throw new ProsoponError("bad-input", `A sheet of ${rows} x ${columns} portraits of ${size} pixels is too large.`, {
      values: { rows, columns, size },
      mend: `Stay below ${mostPixels / 1e6} million pixels, with a smaller --size for instance.`,
    });
  await checkOutput(output);
  const scenes = Array.from(
    { length: rows * columns },
    (_, index): Scene => ({
      ...sample({ seed, index, speaking: 0 }),
      ...(emotion === undefined ? {} : { emotion }),
      ...(intensity === undefined ? {} : { intensity }),
    }),
  );
  const drawn = scenes.map((scene) => {
    context.signal.throwIfAborted();
    return render(scene, { size });
  });
  const single = options.sheet === undefined;
  const picture = single
    ? drawn[0]!.image
    : sheet(
        drawn.map(({ image }) => image),
        { columns },
      );
  await writePicture(context, output, picture, {
    kind: "algorithmicMedia",
    software: "Prosopon",
    version: context.version,
    ...(single ? { note: alignedNote } : {}),
  });
  const people = drawn.map(({ labels }) => ({
    identity: labels.identity,
    emotion: labels.emotion,
    intensity: labels.intensity,
  }));
  const { width, height } = picture;
  reporter.result(
    { command: "portrait", output, seed, width, height, people },
    `${output}: ${single ? `${people[0]!.emotion}, intensity ${people[0]!.intensity}` : `${people.length} people`}, ${width} x ${height}`,
  );
}
