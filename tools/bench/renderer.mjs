import { rm } from "node:fs/promises";
import { join } from "node:path";
import { portraitCache } from "@prosopon/recipes/node";
import { interleave } from "./interleave.mjs";
import { summary } from "./statistics.mjs";

export const renderer = {
  name: "renderer",
  description: "pictures of 128 x 128 rendered and written to disk by one thread a core",
  async run({ rounds, threads, folder, quick }) {
    const count = quick ? 16 : 1024;
    const place = join(folder, "portraits");
    let seed = 0;
    const turn = async () => {
      const start = performance.now();
      const cache = await portraitCache({ folder: place, seed: ++seed, split: "train", count, threads });
      const seconds = (performance.now() - start) / 1000;
      await cache[Symbol.asyncDispose]();
      await rm(place, { recursive: true });
      return [count / seconds];
    };
    const { pictures } = await interleave({ pictures: turn }, { rounds });
    return {
      measurements: [{ label: "pictures", unit: "1/s", ...summary(pictures.flat()) }],
      ratios: [],
      notes: [`${count} pictures each time, the start of ${threads} threads included.`],
    };
  },
};
