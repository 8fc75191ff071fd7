import { portrait } from "./portrait.ts";
import type { Scene } from "./scene.ts";

export interface SheetOptions {
  /** Pictures in a row; 8 if not given, one for each emotion. */
  readonly columns?: number;
  /** Side of one picture in pixels of the sheet; 128 if not given. */
  readonly size?: number;
  /** Pixels between pictures and around them; 4 if not given. */
  readonly gap?: number;
}

export interface Sheet {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** A contact sheet: scenes in rows, one SVG. */
export function sheet(scenes: readonly Scene[], { columns = 8, size = 128, gap = 4 }: SheetOptions = {}): Sheet {
  const rows = Math.ceil(scenes.length / columns);
  const width = gap + Math.min(columns, Math.max(1, scenes.length)) * (size + gap);
  const height = gap + rows * (size + gap);
  const cells = scenes.map((scene, index) => {
    const [x, y] = [gap + (index % columns) * (size + gap), gap + Math.floor(index / columns) * (size + gap)];
    return portrait(scene, { prefix: `p${index}-` }).svg.replace(
      'width="128" height="128"',
      `x="${x}" y="${y}" width="${size}" height="${size}"`,
    );
  });
  return {
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><path d="M0 0H${width}V${height}H0Z" fill="#fff"/>${cells.join("")}</svg>`,
    width,
    height,
  };
}
