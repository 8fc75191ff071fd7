import type { Alignment } from "./alignment.ts";
import type { Manifest } from "./manifest.ts";

const kindNames: Readonly<Record<Manifest["kind"], string>> = {
  "first-stage": "first stage (a vector-quantised autoencoder between pictures and latents)",
  reenactment: "reenactment (a denoiser that changes the emotion of a face)",
  "talking-face": "talking face (a denoiser that is told speech, an emotion and a portrait)",
  denoiser: "denoiser (a U-Net without its conditions)",
  "emotion-classifier": "emotion classifier",
  "identity-embedder": "identity embedder",
  "portrait-landmarks": "landmark regressor (68 points of a face that fills the picture)",
  "face-finder": "face finder (detector and 68 landmarks)",
};

const alignmentNames: Readonly<Record<Alignment, string>> = {
  canonical: "eyes, nose and mouth brought to fixed places by turning and scaling",
  corpus: "where rendered portraits have their face",
  reference: "as the thesis' code aligns AffectNet",
  "reference-clip": "as the thesis' code cuts MEAD's clips",
  none: "the middle of the picture as it is",
};

function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return `${Math.round(seconds)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const size = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

/** The README.md of a model: what it is, where it comes from, how well it does, where it must not be used. */
export function modelCard(manifest: Manifest): string {
  const { name, kind, title, description, licence, domain, alignment, files, training, origin, scores } = manifest;
  const ranges = "ranges" in manifest ? manifest.ranges : undefined;
  const lines = [
    `# ${title}`,
    "",
    description,
    "",
    `- Name: \`${name}\``,
    `- Kind: ${kindNames[kind]}`,
    `- Domain: ${domain}`,
    ...(alignment === undefined ? [] : [`- Alignment: ${alignment} (${alignmentNames[alignment]})`]),
    `- Licence: ${licence}`,
    ...files.map((file) => `- File: \`${file.name}\`, ${size(file.bytes)}, sha256 \`${file.sha256}\``),
    ...(ranges ? [`- Calibrated for int8 (\`${ranges.name}\`)`] : []),
    "",
    "## Limits",
    "",
    domain === "rendered portraits"
      ? "It has only ever seen drawn portraits. On photographs it shows that the parts fit together, nothing more."
      : "Use it only on pictures of people who agreed to it.",
    "Every picture made with it is marked as made by a model.",
  ];
  if (training)
    lines.push(
      "",
      "## Training",
      "",
      `${training.steps} steps in ${duration(training.duration)}, seed ${training.seed}. Data: ${training.data}`,
      "",
      "```sh",
      training.command,
      "```",
    );
  if (origin) {
    const { format, file, sha256, weights, updates, epoch, globalStep, assumed } = origin;
    lines.push(
      "",
      "## Origin",
      "",
      `Imported from \`${file}\` (names of ${format}), sha256 \`${sha256}\`.`,
      `- Weights: ${weights === "ema" ? `averaged${updates === undefined ? "" : ` over ${updates} updates`}` : "live"}`,
      ...(epoch === undefined ? [] : [`- Epoch: ${epoch}`]),
      ...(globalStep === undefined ? [] : [`- Steps: ${globalStep}`]),
      ...assumed.map((one) => `- Assumed: ${one}`),
      "- To be filled in: who trained it, on what, and under which licence it may be used.",
    );
  }
  if (Object.keys(scores).length > 0)
    lines.push("", "## Scores", "", "```json", JSON.stringify(scores, undefined, 2), "```");
  return `${lines.join("\n")}\n`;
}
