import { encodeModel, graph, input, output, type Tensor, tensor } from "@prosopon/graph";
import { type Expert, scope } from "@prosopon/nn";
import type { Host, Program, Session } from "@prosopon/runtime";

export interface ExpertRunnerOptions {
  readonly host: Host;
  readonly expert: Expert;
  /** Where its weights lie, by the names that it gives them. */
  readonly parameters: NonNullable<Program["parameters"]>;
}

/** An expert's last feature for whole stacks of images. */
export interface ExpertRunner extends AsyncDisposable {
  /** [N, 3, H, W] in [-1, 1] -> the output [N, D]. */
  run(images: Tensor<"float32">): Promise<Tensor<"float32">>;
}

const batch = 32;

/** Runs an expert as a metric does: in batches of 32, of which the last is filled up. */
export function createExpertRunner({ host, expert, parameters }: ExpertRunnerOptions): ExpertRunner {
  const sessions = new Map<string, Promise<Session>>();
  const session = (size: number, height: number, width: number) => {
    const key = `${size}x${height}x${width}`;
    let found = sessions.get(key);
    if (!found) {
      const g = graph({ name: expert.name });
      const top = scope(g);
      const image = input(g, "image", "float32", [size, 3, height, width]);
      output(g, "output", expert.features(top, expert.preprocess(image)).at(-1)!);
      found = host.load({
        model: encodeModel(g, { parameters: "initializers" }),
        parameters: Object.fromEntries([...top.parameters.keys()].map((name) => [name, parameters[name]!])),
      });
      sessions.set(key, found);
    }
    return found;
  };
  return {
    async run(images) {
      const [count, , height, width] = images.shape as [number, number, number, number];
      const stride = 3 * height * width;
      const parts: Float32Array[] = [];
      for (let start = 0; start < count; start += batch) {
        const size = count === 1 ? 1 : batch;
        const data = new Float32Array(size * stride);
        data.set(images.data.subarray(start * stride, (start + size) * stride));
        const { output: found } = await (await session(size, height, width)).run({
          image: tensor("float32", [size, 3, height, width], data),
        });
        const length = found!.shape[1]!;
        parts.push((found!.data as Float32Array).slice(0, Math.min(size, count - start) * length));
      }
      const length = parts.length ? parts.reduce((n, p) => n + p.length, 0) / count : 0;
      const whole = new Float32Array(count * length);
      let offset = 0;
      for (const part of parts) {
        whole.set(part, offset);
        offset += part.length;
      }
      return tensor("float32", [count, length], whole);
    },
    async [Symbol.asyncDispose]() {
      for (const opened of sessions.values()) await (await opened)[Symbol.asyncDispose]();
    },
  };
}
