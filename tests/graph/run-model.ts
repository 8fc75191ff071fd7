import type { Tensor } from "@prosopon/graph";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";

/** Runs an ONNX model once in this process, without the runtime's own optimisations: the reference for ours. */
export async function runModel(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Readonly<Record<string, Tensor>>> {
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
    graphOptimizationLevel: "disabled",
  });
  try {
    const given = Object.entries(feeds).map(
      ([name, { dtype, data, shape }]) => [name, new OrtTensor(dtype, data as Float32Array, shape)] as const,
    );
    const results = await session.run(Object.fromEntries(given));
    return Object.fromEntries(
      Object.entries(results).map(([name, t]) => [
        name,
        { dtype: t.type as Tensor["dtype"], shape: t.dims, data: t.data as Float32Array },
      ]),
    );
  } finally {
    await session.release();
  }
}
