import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { emotions } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import type { ClipItem, DataSplit } from "./data-item.ts";
import { foldersIn, isFile } from "./picture-tree.ts";
import { splitOf } from "./split-of.ts";

/** The thesis' test subjects. */
export const meadTestSubjects = ["M003", "M023", "M033", "M040", "W009", "W021", "W040"] as const;

/** MEAD's words in the order of our emotions. */
const folders: readonly string[] = emotions.map((name) => (name === "scared" ? "fear" : name));
const videos = [".mp4", ".mov", ".mkv", ".avi", ".webm"];
const sounds = [".m4a", ".wav", ".mp3", ".aac", ".flac", ".ogg"];
const transcriptFiles = ["list_full_mead_annotated.txt", "transcripts.txt"];

/** A share of the training subjects' clips is for validation; the thesis' own choice was not published. */
const splitOfClip = (subject: string, key: string): DataSplit =>
  (meadTestSubjects as readonly string[]).includes(subject) ? "test" : splitOf(key, 0.05);

/** "M003_level_1_angry_001 WHAT WAS SAID" a line. @throws `bad-file`, `not-found`. */
async function readTranscripts(folder: string, given: string | undefined): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  let file = given;
  for (const name of given === undefined ? transcriptFiles : [])
    if (await isFile(join(folder, name))) file ??= join(folder, name);
  if (file === undefined) return texts;
  const text = await readFile(file, "utf8").catch((cause) => {
    throw new ProsoponError("not-found", `The transcripts ${file} cannot be read.`, { values: { file }, cause });
  });
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const found = /^(\w+)_(level_\d)_([a-z]+)_(\d+)\s+(.*)$/.exec(line.trim());
    if (!found)
      throw new ProsoponError("bad-file", `Line ${index + 1} of ${file} is no transcript.`, {
        values: { file, line: index + 1 },
        mend: "Write M003_level_1_angry_001 WHAT WAS SAID.",
      });
    texts.set(`${found[1]}_${found[3]}_${found[2]}_${found[4]}`, found[5]!.trim());
  }
  return texts;
}

export interface MeadOptions {
  /** A file of transcripts; default: `list_full_mead_annotated.txt` in the folder, where there is one. */
  readonly transcripts?: string | undefined;
}

/**
 * MEAD's front views: SUBJECT/video/front/EMOTION/level_N/001.mp4 with SUBJECT/audio/EMOTION/level_N/001.m4a beside, or the video's own sound.
 * @throws `bad-input` for another layout.
 */
export async function meadItems(folder: string, { transcripts }: MeadOptions = {}): Promise<ClipItem[]> {
  const texts = await readTranscripts(folder, transcripts);
  const items: ClipItem[] = [];
  for (const subject of await foldersIn(folder)) {
    const front = join(folder, subject, "video", "front");
    for (const name of await foldersIn(front)) {
      const emotion = folders.indexOf(name);
      if (emotion < 0) continue;
      for (const level of (await foldersIn(join(front, name))).filter((one) => /^level_[1-3]$/.test(one))) {
        const heard = join(folder, subject, "audio", name, level);
        const recordings = await readdir(heard).catch(() => []);
        for (const file of (await readdir(join(front, name, level))).toSorted()) {
          const extension = extname(file);
          if (!videos.includes(extension.toLowerCase()) || file.startsWith(".")) continue;
          const clip = file.slice(0, -extension.length);
          const key = `${subject}_${name}_${level}_${clip}`;
          const recording = recordings.find(
            (one) => one.slice(0, -extname(one).length) === clip && sounds.includes(extname(one).toLowerCase()),
          );
          items.push({
            key,
            subject,
            emotion,
            split: splitOfClip(subject, key),
            video: join(front, name, level, file),
            sound: recording && join(heard, recording),
            transcript: texts.get(key),
          });
        }
      }
    }
  }
  if (items.length > 0) return items;
  throw new ProsoponError("bad-input", `${folder} is not laid out as MEAD: it holds no front views.`, {
    values: { folder },
    mend: "It needs SUBJECT/video/front/EMOTION/level_N/001.mp4 (with SUBJECT/audio/EMOTION/level_N/001.m4a).",
  });
}
