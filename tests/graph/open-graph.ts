import { encodeModel, type Graph, lower, type Tensor } from "@prosopon/graph";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";

/** A lowered and encoded graph in the runtime, in this process: inputs and parameters are fed by name. */
export async function openGraph(
  graph: Graph,
): Promise<(feeds: Readonly<Record<string, Tensor>>) => Promise<Readonly<Record<string, Tensor>>>> {
  const session = await InferenceSession.create(encodeModel(lower(graph)), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const toOrt = ({ dtype, data, shape }: Tensor) => new OrtTensor(dtype, data as Float32Array, shape);
  return async (feeds) => {
    const results = await session.run(Object.fromEntries(Object.entries(feeds).map(([k, t]) => [k, toOrt(t)])));
    return Object.fromEntries(
      Object.entries(results).map(([k, t]) => [
        k,
        { dtype: t.type as Tensor["dtype"], shape: t.dims, data: t.data as Float32Array },
      ]),
    );
  };
}
