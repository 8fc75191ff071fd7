import { ProsoponError } from "@prosopon/errors";
import { graph, input, sizeOf, type Tensor, tensor } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import type { ByteRange } from "@prosopon/runtime";
import { wav2vec2 } from "./wav2vec2.ts";
import { fewestSamples, type Wav2Vec2Config } from "./wav2vec2-config.ts";

/** A tensor, or where its bytes lie in a file. */
export type Wav2Vec2Weight = Tensor | ByteRange;

const positions = "encoder.pos_conv_embed.conv";
/** torchaudio takes these rows, which no speech was trained on, out of the published head. */
const unusedRows = [1, 2, 3];

/**
 * The parameters of `wav2vec2` out of a public file's tensors, by the names of Hugging Face (with or without "wav2vec2.") or torchaudio
 * ("encoder.transformer.", "aux."). Weight normalisation is folded into the weight (w = g · v / ‖v‖ for each place of the kernel; Salimans and
 * Kingma 2016), and a torchaudio head of three characters too many loses those that torchaudio drops.
 * @throws `not-found` naming an absent tensor, `bad-input` for one of another shape and for a byte range where numbers are needed.
 */
export function wav2vec2Weights(
  given: ReadonlyMap<string, Wav2Vec2Weight>,
  config: Wav2Vec2Config,
): Readonly<Record<string, Wav2Vec2Weight>> {
  const byName = new Map([...given].map(([name, value]) => [canonical(name), value] as const));
  const declared = scope(graph());
  wav2vec2(declared, input(declared.graph, "waveform", "float32", [1, fewestSamples(config)]), config);
  const [g, v] = [byName.get(`${positions}.weight_g`), byName.get(`${positions}.weight_v`)];
  if (g && v) byName.set(`${positions}.weight`, foldWeightNorm(numbers(g, "weight_g"), numbers(v, "weight_v")));
  for (const name of ["lm_head.weight", "lm_head.bias"]) {
    const head = byName.get(name);
    if (config.labels !== undefined && head?.shape[0] === config.labels + unusedRows.length)
      byName.set(name, withoutRows(numbers(head, name), unusedRows));
  }
  return Object.fromEntries(
    [...declared.parameters.values()].map(({ name, shape }) => {
      const found = byName.get(name);
      if (!found)
        throw new ProsoponError("not-found", `The weights hold no "${name}" of wav2vec 2.0.`, {
          values: { name },
          mend: name.startsWith("lm_head")
            ? "Give weights that were tuned for recognition: a network without its head knows no characters."
            : "Give the weights of Wav2Vec2Model, Wav2Vec2ForCTC or torchaudio's wav2vec2_model.",
        });
      if (`${found.shape}` !== `${shape}`)
        throw new ProsoponError("bad-input", `"${name}" is [${found.shape}], but this network has [${shape}].`, {
          values: { name, shape: found.shape, expected: shape },
          mend: "Choose the configuration that these weights were made for.",
        });
      return [name, found];
    }),
  );
}

/** Hugging Face's and torchaudio's names as this package has them. */
const canonical = (name: string): string =>
  name
    .replace(/^wav2vec2\./, "")
    .replace(/^encoder\.transformer\./, "encoder.")
    .replace(/^encoder\.feature_projection\./, "feature_projection.")
    .replace(/^aux\./, "lm_head.")
    .replace(/\.parametrizations\.weight\.original0$/, ".weight_g")
    .replace(/\.parametrizations\.weight\.original1$/, ".weight_v");

function numbers(value: Wav2Vec2Weight, name: string): Tensor<"float32"> {
  if ("data" in value && value.dtype === "float32") return value as Tensor<"float32">;
  throw new ProsoponError("bad-input", `"${name}" of wav2vec 2.0 must be given as float32 numbers.`, {
    values: { name, dtype: value.dtype },
    mend: "It is changed on loading: read this tensor instead of naming its bytes, and widen it if it is float16.",
  });
}

function foldWeightNorm(g: Tensor<"float32">, v: Tensor<"float32">): Tensor<"float32"> {
  const kernel = v.shape.at(-1) ?? 0;
  if (v.shape.length !== 3 || g.data.length !== kernel)
    throw new ProsoponError("bad-input", `Weight normalisation of [${v.shape}] has no lengths [${g.shape}].`, {
      values: { g: g.shape, v: v.shape },
    });
  const squares = new Float64Array(kernel);
  for (let i = 0; i < v.data.length; i++) squares[i % kernel]! += v.data[i]! ** 2;
  const factors = squares.map((sum, place) => g.data[place]! / Math.sqrt(sum));
  return tensor(
    "float32",
    v.shape,
    v.data.map((value, i) => value * factors[i % kernel]!),
  );
}

function withoutRows({ shape, data }: Tensor<"float32">, rows: readonly number[]): Tensor<"float32"> {
  const size = sizeOf(shape.slice(1));
  const kept = data.filter((_, i) => !rows.includes(Math.floor(i / size)));
  return tensor("float32", [shape[0]! - rows.length, ...shape.slice(1)], kept);
}
