import { ProsoponError } from "@prosopon/errors";
import { tensor } from "@prosopon/graph";
import { decodeSafetensors, encodeSafetensors } from "@prosopon/weights";
import type { FeatureStatistics } from "./feature-statistics.ts";

/** Statistics as the bytes of a safetensors file, to compare many sets with one reference: `mean`, `covariance` (float64), protocol and count. */
export const encodeStatistics = ({ count, size, mean, covariance, protocol }: FeatureStatistics): Uint8Array =>
  encodeSafetensors(
    new Map([
      ["mean", tensor("float64", [size], mean)],
      ["covariance", tensor("float64", [size, size], covariance)],
    ]),
    { format: "feature-statistics/v1", count: `${count}`, protocol },
  );

/** What `encodeStatistics` wrote. @throws `bad-file` for anything else. */
export function decodeStatistics(bytes: Uint8Array): FeatureStatistics {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { mean, covariance } = Object.fromEntries(tensors);
  const count = Number(metadata["count"]);
  const size = mean?.shape[0] ?? 0;
  if (
    metadata["format"] !== "feature-statistics/v1" ||
    mean?.dtype !== "float64" ||
    covariance?.dtype !== "float64" ||
    covariance.data.length !== size * size ||
    !(count >= 2)
  )
    throw new ProsoponError("bad-file", "The file holds no feature statistics.", {
      values: { format: metadata["format"], count: metadata["count"] },
      mend: "Compute them from the reference images once more.",
    });
  return {
    count,
    size,
    mean: Float64Array.from(mean.data as Float64Array),
    covariance: Float64Array.from(covariance.data as Float64Array),
    protocol: metadata["protocol"] ?? "",
  };
}
