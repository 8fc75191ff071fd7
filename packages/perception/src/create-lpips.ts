import { ProsoponError } from "@prosopon/errors";
import { graph, input, output, type Tensor } from "@prosopon/graph";
import { type Expert, type Scope, scope } from "@prosopon/nn";
import { type Host, type Program, programOf, sessionPool, tensorOf } from "@prosopon/runtime";
import { lpipsDistance, stageDistance } from "./lpips-distance.ts";
import { type LpipsTrunk, lpipsLeastSide } from "./lpips-trunk.ts";

type Build = (scope: Scope, a: ReturnType<typeof input>, b: ReturnType<typeof input>) => ReturnType<typeof input>;

/** Distances of pairs of images. */
export interface PairJudge extends AsyncDisposable {
  readonly name: string;
  /** [N, 3, H, W] in [-1, 1] twice, the same shape -> N distances. @throws `bad-input`, `not-found` for absent weights, `cancelled`. */
  distances(
    reference: Tensor<"float32">,
    image: Tensor<"float32">,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly number[]>;
}

export interface LpipsOptions {
  readonly host: Host;
  readonly trunk: LpipsTrunk;
  /** By the names of `lpipsDistance`; from files with `lpipsParameters`. */
  readonly parameters: NonNullable<Program["parameters"]>;
}

/** LPIPS in a host. */
export const createLpips = ({ host, trunk, parameters }: LpipsOptions): PairJudge =>
  pairJudge(`lpips-${trunk}`, host, parameters, lpipsLeastSide[trunk], (place, a, b) =>
    lpipsDistance(place, a, b, trunk),
  );

export interface ExpertDistanceOptions {
  readonly host: Host;
  readonly expert: Expert;
  readonly parameters: NonNullable<Program["parameters"]>;
}

/** `stageDistance` by an expert, such as a classifier of our own. Numbers of different experts cannot be compared, nor with LPIPS. */
export const createExpertDistance = ({ host, expert, parameters }: ExpertDistanceOptions): PairJudge =>
  pairJudge(`${expert.name}-distance`, host, parameters, 1, (place, a, b) =>
    stageDistance(expert.features(place, expert.preprocess(a)), expert.features(place, expert.preprocess(b))),
  );

function pairJudge(
  name: string,
  host: Host,
  parameters: NonNullable<Program["parameters"]>,
  least: number,
  build: Build,
): PairJudge {
  const sessions = sessionPool<string>();
  const session = (shape: readonly number[]) =>
    sessions.get(`${shape}`, () => {
      const g = graph({ name });
      const [a, b] = [input(g, "reference", "float32", shape), input(g, "image", "float32", shape)];
      output(g, "distance", build(scope(g), a, b));
      return host.load(programOf(g, parameters));
    });
  return {
    name,
    async distances(reference, image, { signal } = {}) {
      const { shape } = reference;
      const side = Math.min(shape[2] ?? 0, shape[3] ?? 0);
      if (shape.length !== 4 || shape[1] !== 3 || !shape[0] || side < least || `${shape}` !== `${image.shape}`)
        throw new ProsoponError("bad-input", `"${name}" cannot compare [${shape}] with [${image.shape}].`, {
          values: { reference: shape, image: image.shape, least },
          mend: `Give two stacks [N, 3, H, W] of one shape, sides of ${least} pixels or more.`,
        });
      const loaded = await session(shape);
      const found = await loaded.run({ reference, image }, signal ? { signal } : {});
      return Array.from(tensorOf(found, "distance").data as Float32Array);
    },
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}
