import { type FrameRate, frameTime, image, type Sound, sound } from "@prosopon/media";
import { openVideoWriter, readSound, readVideo } from "@prosopon/media/node";

// A clip that flashes and beeps at once, now and then: after coding and decoding, how far apart are picture and sound?

const WIDTH = 64;
const HEIGHT = 48;
const SAMPLE_RATE = 16_000;

/** The frames at which something happens: unevenly spaced, so that no constant shift passes for another event. */
function events(rate: FrameRate, seconds: number): number[] {
  const list: number[] = [];
  for (let at = 20; frameTime(rate, at + 20) < seconds; at += 90 + ((list.length * 37) % 61)) list.push(at);
  return list;
}

function beeps(rate: FrameRate, seconds: number): Sound {
  const samples = new Float32Array(Math.round(SAMPLE_RATE * seconds));
  for (const frame of events(rate, seconds)) {
    const from = Math.ceil(frameTime(rate, frame) * SAMPLE_RATE);
    const to = frameTime(rate, frame + 4) * SAMPLE_RATE;
    for (let at = from; at < to; at += 1)
      samples[at] = 0.8 * Math.sin((2 * Math.PI * 1000 * (at - from)) / SAMPLE_RATE);
  }
  return sound(SAMPLE_RATE, [samples]);
}

export async function writeFlashAndBeep(
  file: string,
  rate: FrameRate,
  seconds: number,
  eachFrame: (index: number) => void = () => {},
): Promise<void> {
  const lit = new Set(events(rate, seconds).flatMap((at) => [at, at + 1, at + 2, at + 3]));
  const picture = (level: number) =>
    image(
      WIDTH,
      HEIGHT,
      3,
      Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, at) => level + (at % 31)),
    );
  const dark = picture(20);
  const light = picture(210);
  await using writer = await openVideoWriter(file, {
    width: WIDTH,
    height: HEIGHT,
    frameRate: rate,
    audio: beeps(rate, seconds),
  });
  for (let index = 0; frameTime(rate, index) < seconds; index += 1) {
    await writer.write(lit.has(index) ? light : dark);
    eachFrame(index);
  }
  await writer.close();
}

export interface Offset {
  /** When the flash is seen, in seconds. */
  readonly time: number;
  /** Seconds from the flash to the beep. */
  readonly offset: number;
}

export async function measureOffsets(file: string, rate: FrameRate, seconds: number): Promise<Offset[]> {
  const video = await readVideo(file);
  const flashes: number[] = [];
  let before = 0;
  for await (const { data, pts } of video.frames()) {
    const level = data[3 * (WIDTH * 24 + 32)]!;
    if (level > 128 && before <= 128) flashes.push(pts);
    before = level;
  }
  const [samples] = (await readSound(file, { sampleRate: SAMPLE_RATE })).channels;
  const heard: number[] = [];
  let quietUntil = 0;
  for (let at = 0; at < samples!.length; at += 1) {
    if (Math.abs(samples![at]!) < 0.4) continue;
    if (at >= quietUntil) heard.push(at / SAMPLE_RATE);
    // The tone itself; after half a second of silence the next begins.
    quietUntil = at + SAMPLE_RATE / 2;
  }
  const expected = events(rate, seconds).length;
  if (flashes.length !== expected || heard.length !== expected) {
    throw new Error(`${expected} events were written, ${flashes.length} seen, ${heard.length} heard`);
  }
  return flashes.map((time, index) => ({ time, offset: heard[index]! - time }));
}
