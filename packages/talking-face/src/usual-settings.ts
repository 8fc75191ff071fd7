/** Settings where none are given. Imports nothing, for command lines' help. */
export const usualSettings = { steps: 1, guidance: 3.5, audioGuidance: 1.5 } as const;
