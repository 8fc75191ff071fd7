import { ProsoponError } from "@prosopon/errors";
import * as z from "zod";
import { notedConfig } from "./noted-config.ts";
import type { RecipeOptions, RecipeSetting } from "./recipe.ts";
import { startingFolder } from "./starting-weights.ts";

/**
 * Into how many groups a U-Net's normalisations divide channels. Residual blocks hear of the time and of conditions by a number that is added to a whole
 * channel, and a normalisation of one channel a group takes it away again: with the reference's 32 groups, the 32 channels of a small network's outer
 * level are deaf (decision 24).
 */
export const groupsSetting: RecipeSetting = {
  default: "usual",
  description: "groups of every normalisation; usual: those of the network that it starts from, else 8",
  choices: ["usual", "1", "2", "4", "8", "16", "32"],
};

const unet = z.looseObject({ unet: z.looseObject({ groups: z.int().optional() }) });

type Noted = z.output<typeof unet>["unet"];

/** What the notes beside weights say. Undefined where there are none. */
const notedGroups = async (folder: string): Promise<Noted | undefined> => (await notedConfig(folder, unet))?.unet;

/** The reference's, where notes say nothing. */
const reference = 32;

/**
 * The groups of a run's U-Net: nothing for the reference's. @throws `bad-file` for notes of another kind of network; `bad-input` for other groups than
 * those that a run began with.
 */
export async function unetGroups({
  folder,
  from,
  settings,
}: Pick<RecipeOptions, "folder" | "from" | "settings">): Promise<{ readonly groups?: number }> {
  const given = settings["groups"] ?? groupsSetting.default;
  const as = ({ groups }: Noted) => (groups === undefined ? {} : { groups });
  const own = await notedGroups(folder);
  if (own) {
    const { groups = reference } = own;
    if (given === "usual" || Number(given) === groups) return as(own);
    throw new ProsoponError("bad-input", `The run in ${folder} has ${groups} groups, not ${given}.`, {
      values: { folder, groups, given },
      mend: "Leave out --set groups to go on with it, or begin another run.",
    });
  }
  if (given !== "usual") return { groups: Number(given) };
  return from === undefined ? { groups: 8 } : as((await notedGroups(await startingFolder(from))) ?? {});
}
