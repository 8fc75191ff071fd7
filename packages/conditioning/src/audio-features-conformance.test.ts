import { expect, test } from "vitest";
import type { AudioFeatures } from "./audio-features.ts";
import { checkAudioFeatures, fakeAudioFeatures } from "./audio-features-conformance.ts";
import { logMel } from "./log-mel.ts";

const waveform = Float32Array.from({ length: 17_777 }, (_, i) => 0.3 * Math.sin(i / 11) * Math.sin(i / 2000));

test("log-mel and the fake conform", async () => {
  await checkAudioFeatures(logMel(), waveform);
  await checkAudioFeatures(logMel({ bands: 12, hopsPerFrame: 1, hopSeconds: 0.02, windowSeconds: 0.064 }), waveform);
  await checkAudioFeatures(fakeAudioFeatures({ size: 3 }), waveform);
});

test("broken promises are found", async () => {
  const good = fakeAudioFeatures();
  const broken = (change: Partial<AudioFeatures>) => checkAudioFeatures({ ...good, ...change }, waveform);
  await expect(broken({ size: 3 })).rejects.toThrow("not float32[28,3]");
  await expect(broken({ name: "" })).rejects.toThrow("name is empty");
  let run = 0;
  const drifting: AudioFeatures["extract"] = async (...given) => {
    const found = await good.extract(...given);
    found.data[0]! += ++run;
    return found;
  };
  await expect(broken({ extract: drifting })).rejects.toThrow("second run");
  const late: AudioFeatures["stream"] = async function* (chunks, rate) {
    let first = true;
    for await (const row of good.stream!(chunks, rate)) {
      if (!first) yield row;
      first = false;
    }
  };
  await expect(broken({ stream: late })).rejects.toThrow("27 rows for 28 frames");
  const { stream: _, ...whole } = good;
  await expect(checkAudioFeatures(whole, waveform)).rejects.toThrow("has no stream");
  const deaf: AudioFeatures["extract"] = (samples, frames, rate) =>
    good.extract(
      samples.map((v) => v || 0),
      frames,
      rate,
    );
  await expect(broken({ extract: deaf })).rejects.toThrow("no number is taken");
});
