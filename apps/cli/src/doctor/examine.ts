import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { isProsoponError } from "@prosopon/errors";
import { rasterize } from "@prosopon/media/node";
import { listModels, openModelFolder } from "@prosopon/models/node";
import { createHost, devices } from "@prosopon/runtime/node";
import type { Context } from "../context.ts";
import { ffmpegOption } from "../ffmpeg-option.ts";
import { modelFolders } from "../model-folders.ts";
import { oneLine } from "../one-line.ts";
import type { Reporter } from "../reporter.ts";

/** One finding. `needed`: without it the commands fail. */
interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly needed: boolean;
  readonly detail: string;
  readonly mend?: string;
}

const leastNode = [20, 11] as const;

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  return {
    name: "node",
    ok,
    needed: true,
    detail: `${process.version} on ${process.platform} ${process.arch}`,
    ...(ok ? {} : { mend: `Install Node ${leastNode.join(".")} or newer.` }),
  };
}

/** The child process starts and answers. */
async function runtime(): Promise<Finding> {
  try {
    await using host = await createHost();
    const { milliseconds } = await host.ping({ timeoutMilliseconds: 60_000 });
    const detail = `the child process answers in ${milliseconds.toFixed(0)} ms`;
    return { name: "runtime", ok: true, needed: true, detail };
  } catch (error) {
    const detail = oneLine((error as Error).message);
    return { name: "runtime", ok: false, needed: true, detail, mend: "Install again: npm ci" };
  }
}

async function computing(): Promise<readonly Finding[]> {
  return (await devices()).map(({ name, available, reason, mend }) => ({
    name: `device ${name}`,
    ok: available,
    needed: name === "cpu",
    detail: reason,
    ...(mend === undefined || available ? {} : { mend }),
  }));
}

interface Program {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** What is missing without it. */
  readonly without: string;
  readonly debian: string;
}

/** Programs beside Node that only some commands need. */
async function program({ name, command, arguments: asked, without, debian }: Program): Promise<Finding> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, [...asked]);
    const first = (stdout || stderr).split("\n").find((line) => line.trim() !== "");
    return { name, ok: true, needed: false, detail: first?.trim() ?? "found" };
  } catch {
    const detail = `not found; ${without}`;
    return { name, ok: false, needed: false, detail, mend: `apt-get install ${debian}` };
  }
}

const programs = ({ ffmpeg = "ffmpeg" }: { readonly ffmpeg?: string }): readonly Program[] => [
  {
    name: "ffmpeg",
    command: ffmpeg,
    arguments: ["-hide_banner", "-version"],
    without: "films have no sound then (animated WebP), and only WAV can be read",
    debian: "ffmpeg",
  },
  {
    name: "flite",
    command: "flite",
    // Its --version ends with an error.
    arguments: ["-lv"],
    without: "only training and judging of talking faces need it",
    debian: "flite",
  },
];

/** Labels of sheets are text; without a font they are drawn as nothing or as boxes. */
async function fonts(): Promise<Finding> {
  const draw = async (text: string) =>
    (
      await rasterize(
        `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="24" font-family="sans-serif" font-size="16"><text x="4" y="18">${text}</text></svg>`,
        { width: 64, height: 24 },
      )
    ).data;
  const [wide, narrow, blank] = [await draw("WWW"), await draw("lil"), await draw("")];
  const differ = (a: Uint8Array, b: Uint8Array) => a.some((value, index) => value !== b[index]);
  const ok = differ(wide, blank) && differ(wide, narrow);
  return {
    name: "fonts",
    ok,
    needed: false,
    detail: ok ? "labels can be drawn" : "no usable font: labels of grids stay empty",
    ...(ok ? {} : { mend: "apt-get install fonts-dejavu-core" }),
  };
}

async function models(context: Context): Promise<readonly Finding[]> {
  const folders = modelFolders(context);
  const found = await listModels(folders);
  const findings = await Promise.all(
    found.map(async ({ name, folder }): Promise<Finding> => {
      try {
        const { manifest } = await openModelFolder(folder, { signal: context.signal });
        return {
          name: `model ${name}`,
          ok: true,
          needed: false,
          detail: `${manifest.kind} for ${manifest.domain}; hashes and shapes are right`,
        };
      } catch (error) {
        if (!isProsoponError(error)) throw error;
        const message = oneLine(error.message);
        return {
          name: `model ${name}`,
          ok: false,
          needed: true,
          detail: message,
          mend: `Copy it again to ${folder}, or remove it.`,
        };
      }
    }),
  );
  const kinds = new Set(found.map((one) => one.manifest?.kind));
  for (const kind of ["reenactment", "talking-face", "first-stage", "face-finder", "emotion-classifier"] as const)
    if (!kinds.has(kind))
      findings.push({
        name: `a ${kind} model`,
        ok: false,
        needed: false,
        detail: `none in ${folders.join(", ")}`,
        mend: "npm install @prosopon/models-default, or train one: prosopon train --help",
      });
  return findings;
}

/** `prosopon doctor`. Exit code 2 when something is missing without which nothing works. */
export async function examine(context: Context, reporter: Reporter): Promise<void> {
  const asked = programs(ffmpegOption(context)).map(program);
  const found = await Promise.all([node(), runtime(), computing(), ...asked, fonts(), models(context)]);
  // A check that was cut off has found nothing.
  context.signal.throwIfAborted();
  const findings = found.flat();
  const ok = findings.every((finding) => finding.ok || !finding.needed);
  const lines = findings.flatMap(({ name, ok: fine, needed, detail, mend }) => [
    `${fine ? "ok     " : needed ? "MISSING" : "absent "}  ${name}: ${detail}`,
    ...(mend ? [`         mend: ${mend}`] : []),
  ]);
  reporter.result({ command: "doctor", ok, version: context.version, findings }, lines.join("\n"));
  if (!ok) process.exitCode = 2;
}
