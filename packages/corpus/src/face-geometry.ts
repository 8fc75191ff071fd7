import type { ActionUnits } from "./action-units.ts";
import { type EyeGeometry, eyeGeometry } from "./eye-geometry.ts";
import { type FacePoint, onFace } from "./head-pose.ts";
import { type MouthGeometry, mouthGeometry } from "./mouth-geometry.ts";
import type { Person } from "./person.ts";
import type { MouthShape } from "./viseme.ts";

/** The moved face before projection: contours that both the pen and the landmarks use, so that they cannot disagree. */
export interface FaceGeometry {
  /** 17 points from the picture's left temple over the chin to the right. */
  readonly jaw: readonly FacePoint[];
  /** From right temple over the crown to the left: the rest of the head's outline. */
  readonly skull: readonly FacePoint[];
  /** Upper edges of both brows, 5 points each, left to right, and their thickness there. */
  readonly brows: readonly (readonly FacePoint[])[];
  readonly browThickness: readonly number[];
  readonly bridge: readonly FacePoint[];
  readonly nostrils: readonly FacePoint[];
  readonly eyes: readonly [EyeGeometry, EyeGeometry];
  readonly mouth: MouthGeometry;
  readonly crown: number;
  readonly chin: number;
  readonly jawDrop: number;
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** Moves a person's face by action units, lids and speech. All lengths in 1/128 of the frame. */
export function faceGeometry(p: Person, au: ActionUnits, mouth: MouthShape, blink: number): FaceGeometry {
  const jawAction = Math.min(1, 0.85 * au.AU26 + 0.95 * au.AU27 + 0.08 * au.AU25 * au.AU12);
  const jawDrop = clamp((jawAction * (1 - 0.7 * mouth.speech) + 0.95 * mouth.jaw) * (1 - 0.8 * mouth.closure), 0, 1.05);
  return {
    ...outline(p, jawDrop, au),
    ...brows(p, au),
    ...nose(p, au),
    eyes: [eyeGeometry(p, au, blink, -1), eyeGeometry(p, au, blink, 1)],
    mouth: mouthGeometry(p, au, mouth, jawDrop),
    jawDrop,
  };
}

// Half of an average jaw from temple to chin: how far down, how far out, and what a square jaw adds.
const jawDown = [0, 0.135, 0.27, 0.41, 0.55, 0.69, 0.82, 0.945, 1] as const;
const jawOut = [1, 0.995, 0.975, 0.935, 0.87, 0.765, 0.6, 0.33, 0] as const;
const jawSpread = [0, 0, 0.004, 0.014, 0.03, 0.05, 0.065, 0.055, 0] as const;

function outline(p: Person, jawDrop: number, au: ActionUnits): Pick<FaceGeometry, "jaw" | "skull" | "crown" | "chin"> {
  const top = -3;
  const height = p.faceHeight + 3;
  const jaw = Array.from({ length: 17 }, (_, index): FacePoint => {
    const step = 8 - Math.abs(index - 8);
    const down = jawDown[step]!;
    const square = (2 * p.jawSquareness - 1) * jawSpread[step]!;
    const cheek = 0.025 * p.cheekbones * Math.sin(Math.PI * Math.min(1, 2 * down));
    const taper = 1 - p.jawTaper * down * down * (1 - down);
    const width = p.faceWidth * (jawOut[step]! + square + cheek) * taper;
    const drop = down ** 4 * (9.6 * jawDrop - 1.2 * au.AU17);
    return [
      Math.sign(index - 8) * width * (1 - 0.05 * jawDrop * down),
      top + height * down + drop,
      3 + 13 * down * down,
    ];
  });
  const crown = -p.foreheadHeight;
  const skull = Array.from({ length: 11 }, (_, index): FacePoint => {
    const angle = ((index + 1) / 12) * Math.PI;
    const cos = Math.cos(angle);
    const x = p.faceWidth * Math.sign(cos) * Math.abs(cos) ** 0.82 * (1 + 0.02 * Math.sin(angle));
    return [x, top - (p.foreheadHeight + top) * Math.sin(angle) ** 0.9, 1];
  });
  return { jaw, skull, crown, chin: top + height };
}

function brows(p: Person, au: ActionUnits): Pick<FaceGeometry, "brows" | "browThickness"> {
  const inner = [1, 0.72, 0.36, 0.1, 0] as const;
  const outer = [0, 0.25, 0.7, 1, 0.75] as const;
  const lower = [1, 0.8, 0.5, 0.26, 0.12] as const;
  const arch = [0, 0.5, 0.95, 1, 0.1] as const;
  const thickness = [0.66, 1, 0.94, 0.68, 0.12] as const;
  const one = (side: -1 | 1): FacePoint[] => {
    // The person's left is the picture's right.
    const oneSided = side === 1 ? au.L2 : au.R2;
    const uneven = 1 + side * p.asymmetry;
    const raise = 5.4 * au.AU1 * uneven;
    const lift = 5.2 * Math.max(au.AU2, oneSided) * uneven;
    // With the inner raiser, the lowerer pulls together more than down (the oblique brow of grief and fear).
    const press = (5.2 * au.AU4 + 1.6 * au.AU9) * (1 - 0.8 * Math.min(1, au.AU1));
    const sag = 2.2 * Math.min(au.AU1, au.AU4 + 0.3) * (1 - au.AU2);
    const knit = 2.4 * au.AU4;
    const points = inner.map((weight, index): FacePoint => {
      const outward = index / 4;
      const x = 6.6 + outward * 20 * p.browLength - knit * (1 - outward) + 0.3 * (p.eyeDistance - 16.5);
      const y =
        p.browHeight +
        p.browSlant * (0.5 - outward) +
        1.6 * outward ** 3 -
        p.browArch * (arch[index] ?? 0) -
        raise * weight -
        lift * (outer[index] ?? 0) +
        press * (lower[index] ?? 0) +
        sag * outward * outward;
      return onFace(side * x, y, 2.5);
    });
    return side === -1 ? points.reverse() : points;
  };
  return {
    brows: [one(-1), one(1)],
    browThickness: thickness.map((value) => value * p.browThickness * (1 + 0.12 * au.AU4)),
  };
}

function nose(p: Person, au: ActionUnits): Pick<FaceGeometry, "bridge" | "nostrils"> {
  const wrinkle = 2.6 * au.AU9 + 0.7 * au.AU10;
  const tip = p.noseLength - 0.9 * wrinkle;
  const bridge = [0, 1 / 3, 2 / 3, 1].map((part): FacePoint => {
    const y = -1 + part * (tip + 1);
    return onFace(0, y, 1.2 * p.noseBridge + part * (6.5 + 2 * p.noseBridge));
  });
  const base = tip + 3.6 - 0.2 * wrinkle;
  const width = p.noseWidth * (1 + 0.1 * au.AU9 + 0.05 * au.AU12);
  const nostrils = [-1, -0.5, 0, 0.5, 1].map((place): FacePoint => {
    const edge = Math.abs(place);
    return onFace(
      place * width * 0.86,
      base + 0.9 - (edge === 0 ? 0 : 0.4 + 1.3 * edge ** 2) - 0.55 * wrinkle * edge,
      6.5 - 4.5 * edge,
    );
  });
  return { bridge, nostrils };
}
