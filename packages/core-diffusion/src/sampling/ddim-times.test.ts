import fc from "fast-check";
import { expect, test } from "vitest";
import { quadraticTimes, strengthTimes, uniformTimes } from "./ddim-times.ts";

const list = (text: string) => text.split(" ").map(Number);

test.each([
  [6, 0.5, "1 100 200 300 400 500"],
  [20, 0.5, "1 26 52 78 105 131 157 184 210 236 263 289 315 342 368 394 421 447 473 500"],
  [
    40,
    0.5,
    "1 12 25 38 51 64 76 89 102 115 128 141 153 166 179 192 205 217 230 243 256 269 282 294 307 320 333 346 358 371 384 397 410 423 435 448 461 474 487 500",
  ],
  [
    40,
    0.4,
    "1 10 20 30 41 51 61 71 82 92 102 112 123 133 143 153 164 174 184 194 205 215 225 235 246 256 266 276 287 297 307 317 328 338 348 358 369 379 389 400",
  ],
  [
    40,
    0.6,
    "1 15 30 46 61 76 92 107 123 138 153 169 184 200 215 230 246 261 276 292 307 323 338 353 369 384 400 415 430 446 461 476 492 507 523 538 553 569 584 600",
  ],
  [
    80,
    0.5,
    "1 6 12 18 25 31 37 44 50 56 63 69 75 82 88 94 101 107 113 120 126 132 139 145 151 158 164 170 177 183 189 196 202 208 215 221 227 234 240 246 253 259 265 272 278 284 291 297 303 310 316 322 329 335 341 348 354 360 367 373 379 386 392 398 405 411 417 424 430 436 443 449 455 462 468 474 481 487 493 500",
  ],
])("%i steps at strength %d are the original's", (steps, strength, expected) => {
  expect(strengthTimes(steps, strength)).toEqual(list(expected));
});

test("uniform times are the original's, also where steps do not divide", () => {
  expect(uniformTimes(8)).toEqual([1, 126, 251, 376, 501, 626, 751, 876]);
  expect(uniformTimes(500).slice(-2)).toEqual([997, 999]);
  expect(uniformTimes(200).slice(-1)).toEqual([996]);
  expect(uniformTimes(400)).toHaveLength(500);
  expect(() => uniformTimes(300)).toThrow("a divisor of 1000");
});

test("quadratic times start at 1 and end at 801", () => {
  const times = quadraticTimes(5);
  expect(times[0]).toBe(1);
  expect([800, 801]).toContain(times[4]);
  expect(times[2]! - times[1]!).toBeGreaterThan(times[1]! - times[0]!);
});

test("what the original crashes on is refused with a mend", () => {
  expect(() => uniformTimes(1000)).toThrow("at most 500 steps");
  expect(() => strengthTimes(40, 1)).toThrow("strength above 0 and below 1");
  expect(() => strengthTimes(40, 0.02)).toThrow("at most 10 steps");
});

test("any grid that is given rises within the schedule", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 60 }),
      fc.double({ min: 0.122, max: 0.999, noNaN: true }),
      (steps, strength) => {
        const times = strengthTimes(steps, strength);
        expect(times).toHaveLength(steps);
        expect(times.every((t, i) => t < 1000 && (i === 0 || t > times[i - 1]!))).toBe(true);
      },
    ),
  );
});
