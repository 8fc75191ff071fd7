import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { scheduleBufferNames } from "@prosopon/core-diffusion";
import type { Tensor } from "@prosopon/graph";
import { averageName } from "@prosopon/models";
import { importModel, openModel } from "@prosopon/models/node";
import { openCheckpoint } from "@prosopon/weights/node";
import { stringify } from "yaml";
import { type Fixture, fixture } from "./fixture.ts";

/** The checkpoint itself, unzipped where it is stored compressed. */
async function checkpointOf(root: string, file: string, folder: string): Promise<string> {
  const plain = join(root, file.replace(/\.gz$/, ""));
  if (existsSync(plain)) return plain;
  await mkdir(folder, { recursive: true });
  const target = join(folder, file.replace(/\.gz$/, ""));
  await pipeline(createReadStream(join(root, file)), createGunzip(), createWriteStream(target));
  return target;
}

/** A fixture's configuration as the yaml file that such a model is published with. */
// biome-ignore lint/suspicious/noExplicitAny: a configuration file of the fixtures, as it is
const yamlOf = ({ linear_start, linear_end, timesteps, unet, first_stage }: any): string =>
  stringify({
    model: {
      params: {
        linear_start,
        linear_end,
        timesteps,
        unet_config: { params: unet },
        first_stage_config: { params: first_stage },
      },
    },
  });

/** Every tensor of an installed model, with a prefix before its name. */
async function addModel(into: Map<string, Tensor>, folder: string, name: string, nameOf: (key: string) => string) {
  const { weights } = await openModel([folder], name);
  for (const key of weights.names) into.set(nameOf(key), await weights.read(key));
}

/**
 * A recorded model whose weights went through our own import of the original's `.ckpt`, live and averaged ones each by themselves; only
 * what no model keeps is read from the checkpoint: optimizer states, the schedule (which becomes three numbers) and the discriminator.
 */
export async function importedFixture(root: string, model: string, folder: string): Promise<Fixture> {
  const recorded = fixture(root, model);
  const { config } = recorded;
  const file = await checkpointOf(root, config.checkpoint, folder);
  const yaml = join(folder, `${model}.yaml`);
  await mkdir(folder, { recursive: true });
  await writeFile(yaml, yamlOf(config));
  const weights = new Map<string, Tensor>();
  for (const choice of ["raw", "ema"] as const) {
    const name = `${model}-${choice}`;
    await importModel({ file, folder, name, config: yaml, weights: choice });
    const first = name.concat("-first-stage");
    if (choice === "raw") {
      await addModel(weights, folder, name, (key) => key);
      await addModel(weights, folder, first, (key) => `first_stage_model.${key}`);
    } else {
      const averaged = new Map<string, Tensor>();
      await addModel(averaged, folder, name, (key) => key);
      for (const [key, value] of averaged) if (key.startsWith("model.")) weights.set(averageName(key), value);
    }
  }
  await using checkpoint = await openCheckpoint(file, { verify: false });
  for (const name of checkpoint.names)
    if (name.startsWith("optimizer.") || (scheduleBufferNames as readonly string[]).includes(name))
      weights.set(name, await checkpoint.read(name));
  const firstStage = new Map<string, Tensor>();
  if (config.vqgan_checkpoint) {
    const vqgan = await checkpointOf(root, config.vqgan_checkpoint, folder);
    await importModel({ file: vqgan, folder, name: `${model}-vqgan`, config: yaml });
    await addModel(firstStage, folder, `${model}-vqgan`, (key) => key);
    await using training = await openCheckpoint(vqgan, { verify: false });
    for (const name of training.names)
      if (name.startsWith("loss.") || name.startsWith("optimizer.")) firstStage.set(name, await training.read(name));
  }
  return { ...recorded, weights, firstStageWeights: () => firstStage };
}
