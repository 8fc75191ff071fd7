import { emotionAliases } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";

const canonical = (name: string): string => {
  const key = name.trim().toLowerCase();
  return Object.hasOwn(emotionAliases, key) ? emotionAliases[key]! : key;
};

/** The label of a model for a name, an alias ("fear" for "scared") or another spelling. @throws `bad-input` listing the labels. */
export function findEmotion(name: string, emotions: readonly string[]): string {
  const found =
    emotions.find((one) => one.toLowerCase() === name.trim().toLowerCase()) ??
    emotions.find((one) => canonical(one) === canonical(name));
  if (found !== undefined) return found;
  throw new ProsoponError("bad-input", `Unknown emotion ${JSON.stringify(name)}.`, {
    values: { emotion: name, emotions },
    mend: `Use one of ${emotions.join(", ")}.`,
  });
}
