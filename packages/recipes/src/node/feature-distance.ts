import { encodeModel, graph, input, output, slice, type Tensor, tensor } from "@prosopon/graph";
import { type Image, toPlanar } from "@prosopon/media";
import { type Expert, scope } from "@prosopon/nn";
import { stageDistance } from "@prosopon/perception";
import type { Host } from "@prosopon/runtime";

export interface FeatureDistanceOptions {
  readonly host: Host;
  readonly expert: Expert;
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** Side of the square pictures, pixels. */
  readonly side: number;
}

/** Two pictures -> how unlike they look to the network, 0 for equal ones. */
export type FeatureDistance = (a: Image, b: Image) => Promise<number>;

/** An expert's `stageDistance`, run by itself. */
export async function featureDistance(options: FeatureDistanceOptions): Promise<FeatureDistance> {
  const { host, expert, parameters, side } = options;
  const shape = [2, 3, side, side];
  const g = graph({ name: "feature-distance" });
  const place = scope(g);
  const stages = expert.features(place, expert.preprocess(input(g, "pair", "float32", shape)));
  const of = (n: number) => stages.map((features) => slice(features, { axis: 0, start: n, end: n + 1 }));
  output(g, "distance", stageDistance(of(0), of(1)));
  const used = Object.fromEntries([...place.parameters.keys()].map((name) => [name, parameters[name]!]));
  const session = await host.load({ model: encodeModel(g, { parameters: "initializers" }), parameters: used });
  return async (a, b) => {
    const pair = tensor("float32", shape);
    pair.data.set(toPlanar(a));
    pair.data.set(toPlanar(b), 3 * side * side);
    return Number((await session.run({ pair }))["distance"]!.data[0]);
  };
}
