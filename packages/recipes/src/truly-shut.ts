/** A mouth whose true opening is less is shut; that is stricter than what a judge sees (`shutBelow`), who reads shut mouths as a little open. */
export const trulyShut = 0.02;
