import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import type { ActivationRanges } from "@prosopon/graph";
import type { ParameterSource } from "@prosopon/nn";
import type { ByteRange } from "@prosopon/runtime";
import { widen } from "@prosopon/weights";
import { openWeights, sha256, type WeightInfo } from "@prosopon/weights/node";
import { declaredParameters } from "../declared-parameters.ts";
import type { Manifest, ManifestOf, ModelKind } from "../manifest.ts";
import { parseRanges } from "../ranges.ts";
import { listModels } from "./list-models.ts";
import { readManifest } from "./read-manifest.ts";

export interface OpenModelOptions<Kind extends ModelKind = ModelKind> {
  /** Refuse a model of another kind. */
  readonly kind?: Kind;
  readonly signal?: AbortSignal | undefined;
}

/** A checked model. Nothing stays open. */
export interface Model<Kind extends ModelKind = ModelKind> {
  readonly manifest: ManifestOf<Kind>;
  readonly folder: string;
  /** Where each parameter's bytes lie, for `Program.parameters`. */
  readonly parameters: Readonly<Record<string, ByteRange>>;
  /** The same parameters as float32 tensors, read when asked for. */
  readonly weights: ParameterSource;
  /** What its activations are, for int8; undefined where it was not calibrated. */
  readonly ranges: ActivationRanges | undefined;
}

const recopy = "Copy or download the model again.";

async function checkFile(folder: string, file: Manifest["files"][number], signal?: AbortSignal): Promise<string> {
  const path = join(folder, file.name);
  const entry = await stat(path).catch(() => undefined);
  if (!entry?.isFile())
    throw new ProsoponError("not-found", `The model's file ${path} is missing.`, {
      values: { file: path },
      mend: recopy,
    });
  if (entry.size !== file.bytes)
    throw new ProsoponError("bad-file", `${path} has ${entry.size} bytes, its model.json says ${file.bytes}.`, {
      values: { file: path, bytes: entry.size, expected: file.bytes },
      mend: recopy,
    });
  const hash = await sha256(path, { signal });
  if (hash !== file.sha256)
    throw new ProsoponError("bad-file", `${path} has the sha256 ${hash}, its model.json says ${file.sha256}.`, {
      values: { file: path, sha256: hash, expected: file.sha256 },
      mend: recopy,
    });
  return path;
}

/** Compares what the files hold with what the kind's graph declares. */
function checkParameters(manifest: Manifest, found: ReadonlyMap<string, WeightInfo>): Record<string, ByteRange> {
  const refuse = (message: string, values: Readonly<Record<string, unknown>>) =>
    new ProsoponError(
      "bad-file",
      `The model ${manifest.name} (${manifest.kind}) does not fit its model.json: ${message}.`,
      {
        values: { model: manifest.name, ...values },
        mend: "Its config and its weights must come from the same training.",
      },
    );
  const declared = declaredParameters(manifest);
  const ranges: Record<string, ByteRange> = {};
  for (const { name, shape } of declared.values()) {
    const info = found.get(name);
    if (!info) throw refuse(`its files hold no ${name} [${shape}]`, { parameter: name });
    const { file, offset, length, dtype } = info;
    if (`${info.shape}` !== `${shape}`)
      throw refuse(`in ${file}, ${name} has the shape [${info.shape}], its config wants [${shape}]`, {
        file,
        parameter: name,
        shape: info.shape,
        expected: shape,
      });
    if (dtype !== "float32" && dtype !== "float16")
      throw refuse(`in ${file}, ${name} is ${dtype}, not float32 or float16`, { file, parameter: name, dtype });
    ranges[name] = { file, offset, length, dtype, shape };
  }
  for (const [name, { file }] of found)
    if (!declared.has(name)) throw refuse(`in ${file}, ${name} belongs to no layer`, { file, parameter: name });
  return ranges;
}

/**
 * Opens the model in `folder`: sizes, sha256 and shapes are checked before anything is computed.
 * @throws `not-found` for a missing file, `bad-file` for a wrong hash, size, name or shape, `bad-input` for another kind; each one line.
 */
export async function openModelFolder<Kind extends ModelKind = ModelKind>(
  folder: string,
  { kind, signal }: OpenModelOptions<Kind> = {},
): Promise<Model<Kind>> {
  const manifest = await readManifest(folder);
  if (kind !== undefined && manifest.kind !== kind)
    throw new ProsoponError("bad-input", `The model "${manifest.name}" is of the kind ${manifest.kind}, not ${kind}.`, {
      values: { name: manifest.name, kind: manifest.kind },
      mend: `See \`prosopon models list\` for one of the kind ${kind}.`,
    });
  const found = new Map<string, WeightInfo>();
  for (const file of manifest.files) {
    await using weights = await openWeights(await checkFile(folder, file, signal), { signal });
    for (const name of weights.names) found.set(name, weights.info(name));
  }
  const parameters = checkParameters(manifest, found);
  const listed = "ranges" in manifest ? manifest.ranges : undefined;
  const file = listed && (await checkFile(folder, listed, signal));
  return {
    manifest: manifest as ManifestOf<Kind>,
    folder,
    parameters,
    ranges: file === undefined ? undefined : parseRanges(await readFile(file, "utf8"), file),
    weights: {
      names: Object.keys(parameters),
      async read(name) {
        const range = parameters[name];
        if (!range)
          throw new ProsoponError("not-found", `The model ${manifest.name} has no parameter "${name}".`, {
            values: { name },
          });
        await using weights = await openWeights(range.file);
        return widen(await weights.read(name));
      },
    },
  };
}

/**
 * Opens the first model called `name` in `folders`.
 * @throws as `openModelFolder`; `not-found` when no folder holds it, naming the models that they do hold.
 */
export async function openModel<Kind extends ModelKind = ModelKind>(
  folders: readonly string[],
  name: string,
  options: OpenModelOptions<Kind> = {},
): Promise<Model<Kind>> {
  const models = await listModels(folders);
  const model = models.find((one) => one.name === name);
  if (model) return openModelFolder(model.folder, options);
  const fitting = models.filter((one) => options.kind === undefined || one.manifest?.kind === options.kind);
  const names = fitting.map((one) => one.name);
  throw new ProsoponError("not-found", `There is no model "${name}" in ${folders.join(", ")}.`, {
    values: { name, folders, names },
    mend: names.length > 0 ? `Use one of: ${names.join(", ")}.` : "They hold no model that would do.",
  });
}
