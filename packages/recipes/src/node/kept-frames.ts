import { type Tensor, tensor } from "@prosopon/graph";
import { tensorOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { type FramesOptions, framesProgram } from "../frames.ts";
import { mouthWeight } from "./talk-batches.ts";

export interface KeptFramesOptions extends FramesOptions {
  /** Those that training starts from. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** 0: the truth is aimed at everywhere; 1: away from mouths, what is made already. */
  readonly share: number;
}

/** What is aimed at where a talking face should speak better but look as before: the truth at mouths, elsewhere partly the frames that it makes already. */
export interface KeptFrames extends AsyncDisposable {
  /** A batch for `frameStep` with other targets. */
  aimed(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
}

export async function keptFrames({ weights, share, ...options }: KeptFramesOptions): Promise<KeptFrames> {
  // Beside a step that trains: its threads must not wait in a loop.
  const host = await createHost({ kind: "in-process", threads: 1, spinning: false });
  const session = await host.load(framesProgram(options, weights));
  const [channels, height, width] = options.latent;
  const places = height * width;
  return {
    async aimed(feeds) {
      const { latent, emphasis } = feeds as Record<"latent" | "emphasis", Tensor<"float32">>;
      const told = Object.fromEntries(session.inputs.map(({ name }) => [name, feeds[name]!]));
      const made = tensorOf(await session.run(told), "result").data as Float32Array;
      const data = latent.data.map((truth, i) => {
        const sample = Math.floor(i / (channels * places));
        // A place whose error weighs as in the middle of a mouth is the mouth's; others are in part.
        const mouth = Math.min(1, (emphasis.data[sample * places + (i % places)]! - 1) / mouthWeight);
        return truth + share * (1 - mouth) * (made[i]! - truth);
      });
      return { ...feeds, latent: tensor("float32", [...latent.shape], data) };
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
