import type { FaceGeometry } from "./face-geometry.ts";
import { type FacePoint, onFace } from "./head-pose.ts";
import { innerMouth } from "./mouth-geometry.ts";

/** Places on the lid curves that carry landmarks 37, 38 and their mirror images. */
export const lidPlaces = [-1, -0.36, 0.36, 1] as const;
/** Places on the outer lips of landmarks 48..54 and 55..59, on the inner lips of 60..64 and 65..67. */
export const outerUpperPlaces = [-1, -0.6, -0.24, 0, 0.24, 0.6, 1] as const;
export const outerLowerPlaces = [0.62, 0.3, 0, -0.3, -0.62] as const;
export const innerUpperPlaces = [-innerMouth, -0.36, 0, 0.36, innerMouth] as const;
export const innerLowerPlaces = [0.36, 0, -0.36] as const;

/** The 68 landmarks in iBUG order, as points of the face before projection. */
export function landmarks(face: FaceGeometry): FacePoint[] {
  const [left, right] = face.eyes;
  const lids = ({ x, width, upper, lower }: typeof left): FacePoint[] => [
    ...lidPlaces.map((place) => onFace(x + place * width, upper(place), -1)),
    onFace(x + lidPlaces[2] * width, lower(lidPlaces[2]), -1),
    onFace(x + lidPlaces[1] * width, lower(lidPlaces[1]), -1),
  ];
  const { mouth } = face;
  const lip = (curve: (place: number) => number) => (place: number) => onFace(mouth.x(place), curve(place), mouth.lift);
  return [
    ...face.jaw,
    ...face.brows.flat(),
    ...face.bridge,
    ...face.nostrils,
    ...lids(left),
    ...lids(right),
    ...outerUpperPlaces.map(lip(mouth.upperOuter)),
    ...outerLowerPlaces.map(lip(mouth.lowerOuter)),
    ...innerUpperPlaces.map(lip(mouth.upperInner)),
    ...innerLowerPlaces.map(lip(mouth.lowerInner)),
  ];
}
