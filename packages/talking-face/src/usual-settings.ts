/**
 * Settings where none are given. The weights were chosen for the default model on clips of the validation part (decision 23). Imports nothing, for
 * command lines' help.
 */
export const usualSettings = { steps: 1, guidance: 3.5, audioGuidance: 1.5 } as const;
