import { ProsoponError } from "@prosopon/errors";

export interface NumberOptionRange {
  readonly least: number;
  readonly most?: number;
  readonly whole?: boolean;
}

/** A parser for the value of `--name`. @throws `bad-input` naming the value and the range. */
export function numberOption(
  name: string,
  { least, most, whole = false }: NumberOptionRange,
): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value >= least && value <= (most ?? Number.MAX_VALUE) && (!whole || Number.isSafeInteger(value))) return value;
    const range = most === undefined ? `${least} or more` : `${least} to ${most}`;
    throw new ProsoponError("bad-input", `--${name} ${text} is out of range.`, {
      values: { [name]: text },
      mend: `Give a ${whole ? "whole " : ""}number, ${range}.`,
    });
  };
}
