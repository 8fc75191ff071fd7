import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { accepts, type Field, fieldsOf, fileKind } from "@prosopon/gateway";
import type { Application, Artifact, Media } from "@prosopon/jobs";
import { writeFileAtomic } from "@prosopon/media/node";
import { checkPlace } from "../check-output.ts";
import type { Context } from "../context.ts";
import { createReporter } from "../reporter.ts";

export interface RunApplicationOptions {
  readonly output?: string;
  /** A folder for every frame. */
  readonly frames?: string;
  readonly device: string;
  readonly json?: true;
}

async function readMedia(
  path: unknown,
  name: string,
  { accept, limit }: { readonly accept: readonly string[]; readonly limit: number },
): Promise<Media> {
  const file = String(path);
  const refuse = (code: "bad-input" | "not-found" | "bad-file", reason: string, mend: string) =>
    new ProsoponError(code, `--${name} ${file}: ${reason}.`, { values: { file }, mend });
  const entry = await stat(file).catch(() => undefined);
  if (!entry?.isFile()) throw refuse("not-found", "there is no such file", "Check the path.");
  if (entry.size > limit) throw refuse("bad-input", `it has ${entry.size} bytes`, `At most ${limit} are taken.`);
  const bytes = new Uint8Array(await readFile(file));
  const mime = fileKind(bytes);
  if (!mime || !accepts(accept, mime))
    throw refuse("bad-file", `it is ${mime ?? "of an unknown kind"}`, `Give one of ${accept.join(", ")}.`);
  return { bytes, mime };
}

async function withFiles(
  values: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Field>>,
): Promise<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const [key, { type }] of Object.entries(fields)) {
    const value = values[key];
    if (value === undefined) continue;
    if (type.kind === "file") result[key] = await readMedia(value, key, type.file);
    else if (type.kind === "list" && type.of.kind === "file" && Array.isArray(value)) {
      const { file } = type.of;
      result[key] = await Promise.all(value.map((one) => readMedia(one, key, file)));
    } else result[key] = value;
  }
  return result;
}

/** Runs an application in this process; its artifact becomes a file. `values` has a value for each option that was given. */
export async function runApplication(
  context: Context,
  application: Application,
  values: Readonly<Record<string, unknown>>,
  { output, frames: framesFolder, device, json }: RunApplicationOptions,
): Promise<void> {
  const reporter = createReporter(context, json === true);
  const fields = fieldsOf(application.input);
  const inputs = Object.entries(fields)
    .filter(([, { type }]) => type.kind === "file" || (type.kind === "list" && type.of.kind === "file"))
    .flatMap(([key]) => values[key] ?? [])
    .map(String);
  if (output !== undefined) await checkPlace(output, inputs);
  const read = application.input.safeParse(await withFiles(values, fields));
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => `${path.join(".") || "input"}: ${message}`);
    throw new ProsoponError("bad-input", `${application.name} cannot take this: ${problems.join("; ")}.`, {
      values: { problems },
      mend: `See prosopon ${application.name} --help.`,
    });
  }
  const folder = await mkdtemp(join(tmpdir(), "prosopon-"));
  let frames = 0;
  let label = "";
  try {
    if (framesFolder !== undefined) await mkdir(framesFolder, { recursive: true });
    const run = application.run(read.data, { device, folder, signal: context.signal });
    let artifact: Artifact | undefined;
    while (!artifact) {
      const step = await run.next();
      if (step.done) artifact = step.value;
      else if (step.value.event === "frame") {
        frames++;
        if (framesFolder !== undefined) {
          const name = `${String(step.value.index).padStart(6, "0")}.${step.value.mime.split("/").at(-1) === "jpeg" ? "jpg" : step.value.mime.split("/").at(-1)}`;
          await writeFileAtomic(join(framesFolder, name), step.value.bytes);
        }
      } else if (step.value.label !== label) {
        ({ label } = step.value);
        reporter.note(label);
      }
    }
    const file = resolve(output ?? artifact.name);
    if (output === undefined) await checkPlace(file, inputs);
    await writeFileAtomic(file, artifact.bytes);
    const { mime, table } = artifact;
    reporter.result(
      {
        command: application.name,
        output: file,
        mime,
        bytes: artifact.bytes.length,
        frames,
        ...(table ? { table } : {}),
      },
      frames > 0 ? `${file} (${frames} frames)` : file,
    );
  } finally {
    await application.close?.();
    await rm(folder, { recursive: true, force: true });
  }
}
