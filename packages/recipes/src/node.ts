export { recipeNamed, recipes } from "./node/all-recipes.ts";
export { augment } from "./node/augment.ts";
export { averagedWeights } from "./node/averaged-weights.ts";
export { type DataClipsOptions, dataClips, encodeClips } from "./node/data/data-clips.ts";
export { type DataSplit, dataSplits, type LeftOutReason } from "./node/data/data-item.ts";
export { type DataLatentsOptions, dataLatents } from "./node/data/data-latents.ts";
export { type DataManifest, dataManifestSchema, readDataManifest } from "./node/data/data-manifest.ts";
export { meadTestSubjects } from "./node/data/mead.ts";
export { openData, type PreparedFolder } from "./node/data/open-data.ts";
export {
  type DataAlignment,
  type DataLayout,
  dataLayouts,
  leftOutFile,
  type PrepareDataOptions,
  type PreparedData,
  prepareData,
} from "./node/data/prepare-data.ts";
export { denoiserRecipe, portraitUnet } from "./node/denoiser-recipe.ts";
export { type EditPairs, type EditPairsOptions, type EditSample, editPairs } from "./node/edit-pairs.ts";
export { editedScene, editTruth } from "./node/edited-scene.ts";
export { emotionRecipe } from "./node/emotion-recipe.ts";
export {
  type EditScores,
  type EvaluateEditsOptions,
  editTargets,
  evaluateEdits,
  type TargetScores,
} from "./node/evaluate-edits.ts";
export {
  type EvaluateTalkOptions,
  evaluateTalk,
  type LipScores,
  shutBelow,
  type TalkScores,
} from "./node/evaluate-talk.ts";
export { firstStageRecipe } from "./node/first-stage-recipe.ts";
export { identityRecipe } from "./node/identity-recipe.ts";
export { type InvertedLatentsOptions, invertedLatents } from "./node/inverted-latents.ts";
export { landmarksRecipe } from "./node/landmarks-recipe.ts";
export { type LatentCache, latentCache } from "./node/latent-cache.ts";
export { type FirstStage, openFirstStage } from "./node/open-first-stage.ts";
export { type PackRunOptions, packRun } from "./node/pack-run.ts";
export { type Pictures, type PortraitCache, type PortraitCacheOptions, portraitCache } from "./node/portrait-cache.ts";
export { portraitFirstStage } from "./node/portrait-first-stage.ts";
export type { PortraitLabel } from "./node/portrait-worker.ts";
export type { PreparedRecipe, Recipe, RecipeOptions } from "./node/recipe.ts";
export { type RunEvent, type RunRecipeOptions, runRecipe } from "./node/run-recipe.ts";
export { speechRecipe } from "./node/speech-recipe.ts";
export { startingWeights } from "./node/starting-weights.ts";
export { portraitTalkConfig, type TalkRecipeSettings, talkRecipe } from "./node/talk-recipe.ts";
export { type TrainEvent, type TrainInChildOptions, trainInChild } from "./node/train-in-child.ts";
