const BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/";

/**
 * The IPTC digital source types (https://cv.iptc.org/newscodes/digitalsourcetype/). `trainedAlgorithmicMedia` is made by a model
 * altogether; `compositeWithTrainedAlgorithmicMedia` is a photograph of which a model changed a part.
 */
export const DIGITAL_SOURCES = [
  "trainedAlgorithmicMedia",
  "compositeWithTrainedAlgorithmicMedia",
  "algorithmicMedia",
  "algorithmicallyEnhanced",
  "compositeSynthetic",
  "composite",
  "compositeCapture",
  "humanEdits",
  "digitalCapture",
  "computationalCapture",
  "digitalCreation",
  "dataDrivenMedia",
  "screenCapture",
  "virtualRecording",
  "negativeFilm",
  "positiveFilm",
  "print",
] as const;

export type DigitalSource = (typeof DIGITAL_SOURCES)[number];

export function sourceUri(kind: DigitalSource): string {
  return `${BASE}${kind}`;
}

/** The kind that a URI names, also if written with https; undefined for a URI outside the list. */
export function sourceOf(uri: string): DigitalSource | undefined {
  const name = uri.replace(/^https:/, "http:");
  return DIGITAL_SOURCES.find((kind) => name === sourceUri(kind));
}
