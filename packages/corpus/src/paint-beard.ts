import type { Canvas } from "./canvas.ts";
import { css, mix, scale } from "./colour.ts";
import { between, smooth } from "./drawing.ts";
import { type FacePoint, onFace } from "./head-pose.ts";

export function paintBeard({ pen, person, face, tones, all, size }: Canvas): void {
  const { beard } = person;
  if (beard === "none") return;
  const { mouth, jaw } = face;
  const colour = mix(scale(person.hairColour, 0.82), tones.deep, 0.15);
  const opacity = beard === "stubble" ? 0.28 : 0.94;
  const paint = css(colour);
  const lift = 2;
  const hole = [-1, -0.5, 0, 0.5, 1];
  if (beard === "full" || beard === "stubble") {
    // From sideburn along the jaw; the inner edge runs under the cheek and round the mouth, over the moustache.
    const grow = beard === "full" ? 1.045 : 0.985;
    const outer = jaw
      .slice(2, 15)
      .map(
        ([x, y, z]): FacePoint => [
          x * grow,
          y + (beard === "full" ? 2.4 * (1 - (x / person.faceWidth) ** 2) : -0.4),
          z,
        ],
      );
    const wing = (face.nostrils[0]?.[1] ?? 20) + 1.6;
    const [xl, xr] = [mouth.x(-1), mouth.x(1)];
    const w = person.faceWidth;
    const inner: FacePoint[] = [
      onFace(-w * 0.93, 12),
      onFace(-w * 0.82, 21),
      onFace(xl - 6.5, wing + 5.5),
      onFace(xl + 3, wing + 2.2, lift),
      onFace(-3, wing + 1.2, lift),
      onFace(3, wing + 1.2, lift),
      onFace(xr - 3, wing + 2.2, lift),
      onFace(xr + 6.5, wing + 5.5),
      onFace(w * 0.82, 21),
      onFace(w * 0.93, 12),
    ].map(([x, y, z]): FacePoint => [x, y, Math.abs(x) > w * 0.8 ? z * 0.45 : z]);
    pen.path(between(all(outer), all(inner)), { fill: paint, opacity });
    return;
  }
  const top = (face.nostrils[2]?.[1] ?? 22) + 1.4;
  const upper = hole.map((place) =>
    onFace(
      mouth.x(place) * 1.06,
      Math.max(top + 2.2 * place * place, mouth.upperOuter(place) - 3.2 + 1.5 * place * place),
      lift,
    ),
  );
  const lower = hole.map((place) =>
    onFace(mouth.x(place) * 1.08, mouth.upperOuter(place) + (Math.abs(place) === 1 ? 2.6 : 0.5), lift),
  );
  pen.path(between(all(upper), all(lower)), { fill: paint, opacity });
  if (beard === "goatee") {
    const chin = face.chin + 7.6 * face.jawDrop;
    const low = mouth.lowerOuter(0);
    const patch: FacePoint[] = [
      onFace(-6, low + 3.5, lift),
      onFace(0, low + 2.6, lift),
      onFace(6, low + 3.5, lift),
      onFace(8.5, chin - 4, 1),
      [5, chin + 1.5, 17],
      [0, chin + 3.2, 17],
      [-5, chin + 1.5, 17],
      onFace(-8.5, chin - 4, 1),
    ];
    pen.path(smooth(all(patch), true), { fill: paint, opacity });
    for (const side of [-1, 1]) {
      const x = mouth.x(side);
      const y = mouth.upperInner(side);
      pen.path(
        smooth(all([onFace(x * 1.08, y + 1, lift), onFace(x * 1.02, y + 6, lift), onFace(side * 7.5, chin - 5, lift)])),
        { stroke: paint, width: 3.2 * size, opacity },
      );
    }
  }
}
