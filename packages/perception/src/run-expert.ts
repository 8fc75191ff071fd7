import { ProsoponError } from "@prosopon/errors";
import { graph, input, output, sizeOf, type Tensor, tensor } from "@prosopon/graph";
import { type Expert, scope } from "@prosopon/nn";
import { type Host, type Program, programOf, sessionPool, tensorOf } from "@prosopon/runtime";

export interface ExpertRunnerOptions {
  readonly host: Host;
  readonly expert: Expert;
  /** Where its weights lie, by the names that it gives them. */
  readonly parameters: NonNullable<Program["parameters"]>;
}

/** An expert's last feature for whole stacks of images. */
export interface ExpertRunner extends AsyncDisposable {
  /** [N, 3, H, W] in [-1, 1] -> the output [N, D]. @throws `bad-input` for another shape, `not-found` for absent weights, `cancelled`. */
  run(images: Tensor<"float32">, options?: { readonly signal?: AbortSignal }): Promise<Tensor<"float32">>;
}

/** Batches that have a session each; the last images of a stack go into the smallest that holds them. */
const batches = [1, 8, 32];

/** Runs an expert as a metric does: in batches of up to 32, of which the last is filled up with zeros. */
export function createExpertRunner({ host, expert, parameters }: ExpertRunnerOptions): ExpertRunner {
  const sessions = sessionPool<string>();
  const session = (shape: readonly number[]) =>
    sessions.get(`${shape}`, () => {
      const g = graph({ name: expert.name });
      const image = input(g, "image", "float32", shape);
      output(g, "output", expert.features(scope(g), expert.preprocess(image)).at(-1)!);
      return host.load(programOf(g, parameters));
    });

  return {
    async run({ shape, data }, { signal } = {}) {
      const [count, channels, height, width] = shape;
      if (shape.length !== 4 || channels !== 3 || !count)
        throw new ProsoponError("bad-input", `The expert "${expert.name}" takes [N, 3, H, W], not [${shape}].`, {
          values: { shape },
        });
      const stride = 3 * height! * width!;
      const parts: Tensor[] = [];
      for (let start = 0; start < count; ) {
        const rest = count - start;
        const size = batches.find((n) => n >= rest) ?? batches.at(-1)!;
        const filled = tensor("float32", [size, 3, height!, width!]);
        filled.data.set(data.subarray(start * stride, (start + Math.min(size, rest)) * stride));
        const loaded = await session(filled.shape);
        parts.push(tensorOf(await loaded.run({ image: filled }, signal ? { signal } : {}), "output"));
        start += size;
      }
      const length = sizeOf(parts[0]!.shape.slice(1));
      const whole = tensor("float32", [count, length]);
      let filledTo = 0;
      for (const part of parts) {
        const values = (part.data as Float32Array).subarray(0, whole.data.length - filledTo);
        whole.data.set(values, filledTo);
        filledTo += values.length;
      }
      return whole;
    },
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}
