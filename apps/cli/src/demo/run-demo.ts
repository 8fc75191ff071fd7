import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { alignedNote, editedCrop, findEmotion, openReenactment, planesOf, sixEmotions } from "@prosopon/applications";
import { type Scene, sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { ProsoponError } from "@prosopon/errors";
import { type Image, resize } from "@prosopon/media";
import { labelledSheet, writeFileAtomic } from "@prosopon/media/node";
import { finish } from "@prosopon/reenactment";
import type { DemoOptions } from "../commands/demo.ts";
import type { Context } from "../context.ts";
import { ffmpegOption } from "../ffmpeg-option.ts";
import { modelFolders } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { signingIdentity } from "../signing-identity.ts";
import { type PictureDetails, pictureBytes } from "../write-picture.ts";
import { demoPage } from "./demo-page.ts";
import { demoSpeech, speakingDemo } from "./speaking-demo.ts";

/** People that the models never saw, looking ahead with a neutral face. */
const neutralScene = (seed: number, index: number): Scene => ({
  ...sample({ seed, index, split: "test", speaking: 0 }),
  emotion: "neutral",
  intensity: 2,
  pose: { yaw: 0, pitch: 0, roll: 0 },
  gaze: { x: 0, y: 0 },
  blink: 0,
});

/** Small pictures shown large. */
const large = (image: Image): Image => resize(image, { width: 2 * image.width, height: 2 * image.height });

/** `prosopon demo`. All files are made first and written at the end. */
export async function runDemo(context: Context, reporter: Reporter, options: DemoOptions): Promise<void> {
  const started = performance.now();
  const { signal, version } = context;
  const { output, seed, people, steps, strength, guidance, device } = options;
  const folders = modelFolders(context);
  await using opened = await openReenactment({ folders, model: options.model, device, signal });
  const { manifest, side, host } = opened;
  const { emotions } = manifest.config;
  if (manifest.domain !== "rendered portraits")
    throw new ProsoponError(
      "bad-input",
      `The model ${manifest.name} is for photographs, the demo draws its portraits.`,
      {
        values: { model: manifest.name, domain: manifest.domain },
        mend: "Choose a model for rendered portraits with --model.",
      },
    );
  const from = findEmotion("neutral", emotions);
  const to = sixEmotions.map((name) => findEmotion(name, emotions));
  const editor = await opened.editor();
  const scenes = Array.from({ length: people }, (_, index) => neutralScene(seed, index));
  const portraits = scenes.map((scene) => render(scene, { size: side }).image);
  const progress = await reporter.progress(2 * steps * people);
  const rows: Image[][] = [];
  try {
    for (const [index, portrait] of portraits.entries()) {
      const edit = editor.editAll({ image: planesOf(portrait), from, to, steps, strength, guidance, signal });
      const results = await finish(edit, (event) => progress.update(2 * steps * index + event.index, event.event));
      rows.push(results.map((result) => editedCrop(result, portrait)));
    }
  } finally {
    progress.stop();
  }

  /** The first portrait speaks; its film is made elsewhere, as the demo's folder is only written at the end. */
  async function speak(person: Image) {
    const place = await mkdtemp(join(tmpdir(), "prosopon-demo-"));
    try {
      const made = await speakingDemo(join(place, "speaking"), reporter, {
        portrait: person,
        folders,
        device,
        version,
        ...ffmpegOption(context),
        signer: signingIdentity(context),
        signal,
      });
      if (!made) {
        reporter.warn("No talking-face model is installed, so nobody speaks.");
        return undefined;
      }
      const name = basename(made.file);
      const written: (readonly [string, Uint8Array | string])[] = [
        [name, await readFile(made.file)],
        ["speech.wav", await readFile(demoSpeech)],
      ];
      if (made.sprite)
        written.push(
          await picture("speaking-frames.webp", made.sprite.image, {
            kind: "trainedAlgorithmicMedia",
            software: "Prosopon",
            version,
            model: made.model,
          }),
        );
      const { sprite, ...about } = made;
      const played = sprite && { columns: sprite.columns, width: sprite.width, height: sprite.height };
      return { files: written, page: { ...about, file: name, ...(played ? { sprite: played } : {}) } };
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }

  const truth = sixEmotions.map((emotion) => render({ ...scenes[0]!, emotion }, { size: side }).image);
  const sheetOf = (images: readonly Image[], columns: number, labels?: readonly string[]) =>
    labelledSheet(images.map(large), { columns, gap: 6, ...(labels ? { labels, labelHeight: 28 } : {}) });
  const contact = rows.flatMap((row, index) => [portraits[index]!, ...row]);
  const contactLabels = rows.flatMap(() => [`drawn: ${from}`, ...to]);

  const drawn: PictureDetails = { kind: "algorithmicMedia", software: "Prosopon", version };
  const edited: PictureDetails = {
    kind: "compositeWithTrainedAlgorithmicMedia",
    software: "Prosopon",
    version,
    model: manifest.name,
  };
  const picture = (name: string, image: Image, mark: PictureDetails) =>
    pictureBytes(context, name, image, mark).then((bytes) => [name, bytes] as const);
  const speaking = await speak(portraits[0]!);
  const seconds = (performance.now() - started) / 1000;
  const command = `prosopon demo --seed ${seed}`;
  const page = {
    model: manifest.name,
    description: manifest.description,
    seed,
    source: from,
    command,
    seconds,
    emotions: to,
    ...(speaking ? { speaking: speaking.page } : {}),
  };
  const files: (readonly [string, Uint8Array | string])[] = [
    await picture("portrait.png", portraits[0]!, { ...drawn, note: alignedNote }),
    await picture("grid.png", await sheetOf(rows[0]!, 3, to), edited),
    await picture("contact-sheet.png", await sheetOf(contact, 1 + to.length, contactLabels), edited),
    await picture("truth.png", await sheetOf(truth, 3, to), drawn),
    ...(speaking?.files ?? []),
    ["index.html", demoPage(page)],
  ];
  signal.throwIfAborted();
  await mkdir(output, { recursive: true }).catch((cause: Error) => {
    throw new ProsoponError("output", `The folder ${output} cannot be made: ${cause.message}.`, {
      cause,
      mend: "Choose another with -o.",
    });
  });
  for (const [name, bytes] of files) await writeFileAtomic(join(output, name), bytes);
  reporter.result(
    {
      command: "demo",
      output,
      files: files.map(([name]) => join(output, name)),
      model: manifest.name,
      device: host.device,
      seed,
      people,
      seconds,
    },
    `${join(output, "index.html")}: ${people} people, six emotions each, in ${seconds.toFixed(0)} s. Open it in a browser.`,
  );
}
