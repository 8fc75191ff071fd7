import { emotions } from "@prosopon/corpus";
import { usualSettings } from "@prosopon/talking-face/usual-settings";
import { Command, Option } from "commander";
import type { Context } from "../context.ts";
import { numberOption } from "../number-option.ts";
import { createReporter } from "../reporter.ts";

export interface TalkOptions {
  readonly output: string;
  readonly emotion: string;
  readonly intensity: 1 | 2 | 3;
  readonly motion: number;
  readonly steps: number;
  readonly fps?: number;
  readonly guidance: number;
  readonly audioGuidance: number;
  readonly seed: number;
  readonly identity: "anchored" | "previous";
  readonly live?: true;
  readonly preview?: string;
  readonly device: "auto" | "cpu" | "webgpu" | "cuda";
  readonly model?: string;
  readonly aligned?: true;
  readonly face?: number;
  readonly json?: true;
}

const examples = `
The portrait is a picture with one face. The speech is any recording that ffmpeg reads; WAV needs no ffmpeg.
Formats: .mp4 and .webm with sound (ffmpeg), .webp without.

Examples:
  prosopon portrait --seed 7 -o person.png
  prosopon talk person.png speech.wav -o speech.mp4
  prosopon talk person.png speech.mp3 --emotion happy --intensity 3 --preview look.png -o happy.mp4
  prosopon talk person.png speech.wav --live --json -o live.mp4`;

export const talkCommand = (context: Context): Command =>
  new Command("talk")
    .description("make a portrait speak")
    .argument("<portrait>", "PNG, JPEG, WebP, GIF, AVIF or TIFF")
    .argument("<speech>", "a recording")
    .requiredOption("-o, --output <file>", "where to write: .mp4, .webm or .webp")
    .option("--emotion <name>", `what the face shows: ${emotions.join(", ")}`, "neutral")
    .option(
      "--intensity <1..3>",
      "how strongly it shows",
      numberOption("intensity", { least: 1, most: 3, whole: true }),
      2,
    )
    .option("--motion <0..1>", "how much the head moves by itself", numberOption("motion", { least: 0, most: 1 }), 1)
    .option(
      "--steps <1..1000>",
      "network calls for each frame",
      numberOption("steps", { least: 1, most: 1000, whole: true }),
      usualSettings.steps,
    )
    .option("--fps <number>", "frames per second (default: the model's)", numberOption("fps", { least: 1, most: 120 }))
    .option(
      "--guidance <number>",
      "exaggerates the emotion above 1",
      numberOption("guidance", { least: 0, most: 20 }),
      usualSettings.guidance,
    )
    .option(
      "--audio-guidance <number>",
      "exaggerates the speech above 1",
      numberOption("audio-guidance", { least: 0, most: 20 }),
      usualSettings.audioGuidance,
    )
    .option(
      "--seed <number>",
      "names noise, blinks and head motion",
      numberOption("seed", { least: 0, whole: true }),
      0,
    )
    .addOption(
      new Option("--identity <scheme>", "who the next frame takes after: the portrait, or the last frame")
        .choices(["anchored", "previous"])
        .default("anchored"),
    )
    .option("--live", "hear the speech at its own pace, and report the delay from sound to picture")
    .option("--preview <file>", "also a contact sheet (.png, .jpg or .webp) and beside it a plot of mouth and sound")
    .addOption(
      new Option("--device <name>", "where to compute").choices(["auto", "cpu", "webgpu", "cuda"]).default("cpu"),
    )
    .option("--model <name>", "a model's name, or the path of its folder (default: the first talking-face model)")
    .option("--aligned", "the picture is a square crop with the face in its place: look for none")
    .addOption(
      new Option("--face <n>", "which face, the largest is 1")
        .argParser(numberOption("face", { least: 1, whole: true }))
        .conflicts("aligned"),
    )
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (portrait: string, speech: string, options: TalkOptions) => {
      const { talkFile } = await import("../talk/talk-file.ts");
      await talkFile(context, createReporter(context, options.json === true), { portrait, speech }, options);
    });
