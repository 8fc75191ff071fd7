import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Tensor } from "@prosopon/graph";
import { openWeights, writeWeights } from "@prosopon/weights/node";

type Named<Name extends string> = Readonly<Record<Name, Tensor<"float32">>>;

/** The tensors of a file by their names; made, and kept there whole, where there is no such file yet. @throws what `make` throws; `bad-file`, `output`. */
export async function keptTensors<Name extends string>(
  file: string,
  names: readonly Name[],
  make: () => Promise<Named<Name>>,
): Promise<Named<Name>> {
  if (await stat(file).catch(() => undefined)) {
    await using held = await openWeights(file);
    const tensors = await Promise.all(names.map(async (name) => [name, await held.read(name)] as const));
    return Object.fromEntries(tensors) as Named<Name>;
  }
  await mkdir(dirname(file), { recursive: true });
  const made = await make();
  await writeWeights(file, new Map(names.map((name) => [name, made[name]])));
  return made;
}
