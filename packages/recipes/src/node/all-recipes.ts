import { ProsoponError } from "@prosopon/errors";
import { denoiserRecipe } from "./denoiser-recipe.ts";
import { emotionRecipe } from "./emotion-recipe.ts";
import { firstStageRecipe } from "./first-stage-recipe.ts";
import { identityRecipe } from "./identity-recipe.ts";
import { landmarksRecipe } from "./landmarks-recipe.ts";
import type { Recipe } from "./recipe.ts";
import { speechRecipe } from "./speech-recipe.ts";
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
];

/** A recipe by its name, with its settings completed. @throws `bad-input` listing the recipes, or the settings that it has. */
export function recipeNamed(name: string, settings: Readonly<Record<string, string>> = {}) {
  const recipe = recipes.find((r) => r.name === name);
  if (!recipe)
    throw new ProsoponError("bad-input", `There is no recipe "${name}".`, {
      values: { name },
      mend: `Choose one of ${recipes.map((r) => r.name).join(", ")}.`,
    });
  const unknown = Object.keys(settings).find((key) => !(key in recipe.settings));
  if (unknown !== undefined)
    throw new ProsoponError("bad-input", `The recipe ${name} has no setting "${unknown}".`, {
      values: { unknown },
      mend: `It has ${Object.keys(recipe.settings).join(", ")}.`,
    });
  const defaults = Object.fromEntries(Object.entries(recipe.settings).map(([key, s]) => [key, s.default]));
  return { recipe, settings: { ...defaults, ...settings } };
}
