const words = (text: string): readonly string[] =>
  text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "");

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** "six-emotions" as a type: "SixEmotions". */
export const typeName = (text: string): string => words(text).map(capital).join("");

/** "six-emotions" as a field: "sixEmotions". */
export function fieldName(text: string): string {
  const name = typeName(text);
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** "very happy" as a value of an enum: "VERY_HAPPY"; a leading digit gets an underscore. */
export function enumName(text: string): string {
  const name = words(text).join("_").toUpperCase();
  return /^[A-Z]/.test(name) ? name : `_${name}`;
}
