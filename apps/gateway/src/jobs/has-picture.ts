import type { Job } from "@prosopon/jobs";

/** Fields of an input that hold pictures by their usual names; an input does not tell the kinds of its uploads. */
const pictureFields: ReadonlySet<string> = new Set([
  "image",
  "picture",
  "portrait",
  "photograph",
  "video",
  "face",
  "source",
]);

/** True when a job changes a picture that its caller uploaded. */
export const hasPicture = ({ input }: Pick<Job, "input">): boolean =>
  Object.entries(input).some(
    ([key, value]) =>
      pictureFields.has(key) &&
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      "upload" in value,
  );
