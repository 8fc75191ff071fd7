/** A text without line breaks. */
export const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, "; ");
