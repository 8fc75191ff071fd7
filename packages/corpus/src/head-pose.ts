/** Turn of the head in degrees. Yaw: nose to the picture's right; pitch: nose up; roll: clockwise on screen. */
export interface Pose {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
}

/** Where the face sits in the frame: shift in 1/128 of the width, right and down, and size around 1. */
export interface Framing {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** A point of the picture in units of the 128 x 128 view box. */
export type Point = readonly [x: number, y: number];

/**
 * A point of the unturned face: origin between the eyes, x to the picture's right, y down, z towards the viewer, in units of
 * 1/128 of the frame.
 */
export type FacePoint = readonly [x: number, y: number, z: number];

export interface Projection {
  /** A point of the head. */
  head(point: FacePoint): Point;
  /** A point of neck, shoulders and clothes, which do not turn with the head. */
  body(x: number, y: number): Point;
}

const depth = 22;

/** Depth of the face's ellipsoid under (x, y), before nose, lips and brows. */
export function surface(x: number, y: number): number {
  return depth * Math.sqrt(Math.max(0, 1 - (x / 41) ** 2 - ((y - 6) / 66) ** 2));
}

/** Point on the face's surface, `lift` in front of it. */
export function onFace(x: number, y: number, lift = 0): FacePoint {
  return [x, y, surface(x, y) + lift];
}

/** Parallel projection of the turned head, held so that the face's middle stays in the middle, as in an aligned crop. */
export function projection(pose: Pose, framing: Framing): Projection {
  const yaw = (pose.yaw * Math.PI) / 180;
  const pitch = (pose.pitch * Math.PI) / 180;
  const roll = (pose.roll * Math.PI) / 180;
  const [sinYaw, cosYaw] = [Math.sin(yaw), Math.cos(yaw)];
  const [sinPitch, cosPitch] = [Math.sin(pitch), Math.cos(pitch)];
  const [sinRoll, cosRoll] = [Math.sin(roll), Math.cos(roll)];
  const turn = ([x, y, z]: FacePoint): Point => {
    const right = x * cosYaw + z * sinYaw;
    const front = -x * sinYaw + z * cosYaw;
    const down = (y - 8) * cosPitch - front * sinPitch + 8;
    return [right * cosRoll - (down - 16) * sinRoll, right * sinRoll + (down - 16) * cosRoll + 16];
  };
  const anchor = turn([0, 14, 22]);
  // Seven tenths of the shift that a turn gives the face are taken back; the rest shows as the head turning away.
  const [x0, y0] = [
    64 + framing.x - 0.7 * anchor[0] * framing.scale,
    54 + framing.y - 0.7 * (anchor[1] - 14) * framing.scale,
  ];
  return {
    head: (point) => {
      const [x, y] = turn(point);
      return [x0 + framing.scale * x, y0 + framing.scale * y];
    },
    body: (x, y) => [x0 + framing.scale * (x - 26 * sinRoll), y0 + framing.scale * y],
  };
}
