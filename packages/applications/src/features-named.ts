import { type AudioFeatures, logMel } from "@prosopon/conditioning";
import { ProsoponError } from "@prosopon/errors";

/** The features that a model was trained with. @throws `unavailable` for features that cannot be computed as speech arrives. */
export function featuresNamed(name: string): AudioFeatures & Required<Pick<AudioFeatures, "stream">> {
  const known = name === "log-mel" ? logMel() : undefined;
  if (known?.stream) return known as AudioFeatures & Required<Pick<AudioFeatures, "stream">>;
  throw new ProsoponError("unavailable", `Speech features "${name}" cannot be computed while the speech arrives.`, {
    values: { features: name },
    mend: "Use a model that hears log-mel features.",
  });
}
