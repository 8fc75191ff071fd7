/**
 * The encoders of what is told and the layers through which it enters a U-Net, as an embedding or as context, by the names of latent diffusion: little
 * of the whole.
 */
export const isEntryLayer = (name: string): boolean =>
  name.startsWith("cond_stage_model") || /\.(time_embed|label_emb|emb_layers|attn2\.to_[kv])\./.test(name);
