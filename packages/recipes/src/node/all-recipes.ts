import { ProsoponError } from "@prosopon/errors";
import { denoiserRecipe } from "./denoiser-recipe.ts";
import { emotionRecipe } from "./emotion-recipe.ts";
import { firstStageRecipe } from "./first-stage-recipe.ts";
import { identityRecipe } from "./identity-recipe.ts";
import { landmarksRecipe } from "./landmarks-recipe.ts";
import type { Recipe, RecipeSetting } from "./recipe.ts";
import { speechRecipe } from "./speech-recipe.ts";
import { talkFinishRecipe } from "./talk-finish-recipe.ts";
import { talkRecipe } from "./talk-recipe.ts";

/** Every recipe, in the order in which the default models are made. */
export const recipes: readonly Recipe[] = [
  firstStageRecipe,
  denoiserRecipe,
  emotionRecipe,
  identityRecipe,
  landmarksRecipe,
  speechRecipe,
  talkRecipe,
  talkFinishRecipe,
];

function checkSetting(recipe: string, key: string, text: string, { choices, number }: RecipeSetting): void {
  const refuse = (mend: string) =>
    new ProsoponError("bad-input", `The recipe ${recipe} has no use for ${key}=${text}.`, {
      values: { [key]: text },
      mend,
    });
  if (choices && !choices.includes(text)) throw refuse(`Choose one of ${choices.join(", ")}.`);
  if (!number) return;
  const { least, most = Number.MAX_VALUE, whole = false } = number;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isSafeInteger(value))) return;
  const range = number.most === undefined ? `${least} or more` : `${least} to ${most}`;
  throw refuse(`Give a ${whole ? "whole " : ""}number, ${range}.`);
}

/**
 * A recipe by its name, with its settings completed. @throws `bad-input` listing the recipes, the settings that it has, or what a setting
 * may be.
 */
export function recipeNamed(name: string, settings: Readonly<Record<string, string>> = {}) {
  const recipe = recipes.find((r) => r.name === name);
  if (!recipe)
    throw new ProsoponError("bad-input", `There is no recipe "${name}".`, {
      values: { name },
      mend: `Choose one of ${recipes.map((r) => r.name).join(", ")}.`,
    });
  const unknown = Object.keys(settings).find((key) => !Object.hasOwn(recipe.settings, key));
  if (unknown !== undefined)
    throw new ProsoponError("bad-input", `The recipe ${name} has no setting "${unknown}".`, {
      values: { unknown },
      mend: `It has ${Object.keys(recipe.settings).join(", ")}.`,
    });
  for (const [key, text] of Object.entries(settings)) checkSetting(name, key, text, recipe.settings[key]!);
  const defaults = Object.fromEntries(Object.entries(recipe.settings).map(([key, s]) => [key, s.default]));
  return { recipe, settings: { ...defaults, ...settings } };
}
