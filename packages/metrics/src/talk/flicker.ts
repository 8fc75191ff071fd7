import type { Image } from "@prosopon/media";
import { planesOf } from "../colour-planes.ts";
import { checkPair } from "../image-pair.ts";
import type { Metric } from "../metric.ts";
import { type Summary, summary } from "../summary.ts";

/**
 * Brightness that comes and goes from frame to frame: the mean of |f(t-1) - 2 f(t) + f(t+1)| of the luma 0..255 over places and frames. Steady motion
 * and steady fading cancel mostly, what jumps there and back counts. Frames are added in order; three are needed.
 */
export const flicker = (): Metric<Image, Summary> => ({
  specification: "metric/v1",
  name: "flicker",
  protocol: "Mean absolute second difference over time of the BT.601 luma 0..255, over places and inner frames.",
  start() {
    const values: number[] = [];
    let last: readonly { readonly image: Image; readonly luma: Float64Array }[] = [];
    return {
      add(image) {
        if (last.length > 0) checkPair({ reference: last.at(-1)!.image, image });
        const frame = { image, luma: planesOf(image, "luma")[0]!.data };
        const [a, b] = [last.at(-2)?.luma, last.at(-1)?.luma];
        if (a && b) {
          let sum = 0;
          for (let i = 0; i < b.length; i++) sum += Math.abs(a[i]! - 2 * b[i]! + frame.luma[i]!);
          values.push(sum / b.length);
        }
        last = [...last.slice(-1), frame];
      },
      result: () => summary("flicker", values),
    };
  },
});
