/**
 * What little of a talking face sets how strongly it does what it does: biases, the gains of normalisations, the layer that gives the latent, the tokens of
 * the emotions and those of what is absent; a hundredth of the whole.
 */
export const isFineLayer = (name: string): boolean =>
  /\.(bias|absent)$|\.(norm\d?|norms\.\d+|in_layers\.0|out_layers\.0|out\.[02])\.weight$|^cond_stage_model_1\./.test(
    name,
  );
