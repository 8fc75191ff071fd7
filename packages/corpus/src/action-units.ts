/**
 * Facial action units (Ekman and Friesen, FACS), those that the portraits can move. `L` and `R` mark one-sided actions, from
 * the portrayed person's own view, as FACS writes them; they add to the two-sided unit of the same number.
 */
export const actionUnits = [
  "AU1", // inner brow raiser
  "AU2", // outer brow raiser
  "L2",
  "R2",
  "AU4", // brow lowerer
  "AU5", // upper lid raiser
  "AU6", // cheek raiser
  "AU7", // lid tightener
  "AU9", // nose wrinkler
  "AU10", // upper lip raiser
  "AU12", // lip corner puller
  "L12",
  "R12",
  "AU14", // dimpler
  "L14",
  "R14",
  "AU15", // lip corner depressor
  "AU16", // lower lip depressor
  "AU17", // chin raiser
  "AU18", // lip pucker
  "AU20", // lip stretcher
  "AU22", // lip funneler
  "AU23", // lip tightener
  "AU24", // lip pressor
  "AU25", // lips part
  "AU26", // jaw drop
  "AU27", // mouth stretch
  "AU43", // eyes closing
] as const;

export type ActionUnit = (typeof actionUnits)[number];

/** Strength of every action unit, 0 (absent) to 1 (maximal, FACS grade E). */
export type ActionUnits = Readonly<Record<ActionUnit, number>>;

/** A complete record from the units that matter; the others are 0. */
export function actionUnitsOf(given: Partial<ActionUnits>): ActionUnits {
  const all = {} as Record<ActionUnit, number>;
  for (const unit of actionUnits) all[unit] = Math.min(1, Math.max(0, given[unit] ?? 0));
  return all;
}
