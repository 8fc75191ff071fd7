import { describe, expect, it } from "vitest";
import { emotions } from "./emotion.ts";
import { scene } from "./scene.ts";
import { sheet } from "./sheet.ts";

describe("sheet", () => {
  it("places pictures in rows, with ids that do not clash", () => {
    const { svg, width, height } = sheet(
      [...emotions, "happy" as const].map((emotion) => scene({ identity: 3, emotion })),
      { size: 100, gap: 10 },
    );
    expect([width, height]).toEqual([10 + 8 * 110, 10 + 2 * 110]);
    expect(svg.match(/<svg /g)).toHaveLength(10);
    expect(svg).toContain('x="120" y="10" width="100" height="100"');
    expect(svg).toContain('x="10" y="120" width="100" height="100"');
    const ids = [...svg.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]!);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, used] of svg.matchAll(/url\(#([^)]+)\)/g)) expect(ids).toContain(used);
  });
});
