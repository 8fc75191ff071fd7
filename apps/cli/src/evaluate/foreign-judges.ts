import { ProsoponError } from "@prosopon/errors";
import { graph, input, type Tensor } from "@prosopon/graph";
import { type Expert, scope } from "@prosopon/nn";
import { createExpertRunner, efficientNet, iresnet } from "@prosopon/perception";
import type { Host } from "@prosopon/runtime";
import type { EmotionJudge, NamedRunner } from "./open-judges.ts";
import { type OpenTensors, openTensors } from "./open-tensors.ts";

/** True for what is a file of weights and not a model's name or folder. */
export const isWeightsFile = (model: string): boolean => /\.(safetensors|pth|pt)$/i.test(model);

/** HSEmotion's outputs in its order (`enet_*_7`, `enet_*_8`), by our names. */
const answers: Readonly<Record<number, readonly string[]>> = {
  7: ["angry", "disgusted", "scared", "happy", "neutral", "sad", "surprised"],
  8: ["angry", "contempt", "disgusted", "scared", "happy", "neutral", "sad", "surprised"],
};
const sizes = { 1280: "b0", 1408: "b2" } as const;
const depths = { 2: "r18", 6: "r34", 14: "r50", 30: "r100" } as const;

const refuse = (file: string, what: string, mend: string) =>
  new ProsoponError("bad-file", `${file} is no ${what}.`, { values: { file }, mend });

async function runner(host: Host, { tensors }: OpenTensors, expert: Expert, file: string) {
  const place = scope(graph());
  const { height, width } = expert.input;
  expert.features(place, expert.preprocess(input(place.graph, "image", "float32", [1, 3, height, width])));
  const parameters: Record<string, Tensor> = {};
  for (const { name, shape } of place.parameters.values()) {
    if (!tensors.names.includes(name))
      throw refuse(file, `${expert.name}: it holds no ${name}`, "Give its state_dict.");
    const found = await tensors.read(name);
    if (`${found.shape}` !== `${shape}`)
      throw refuse(file, `${expert.name}: ${name} is [${found.shape}], not [${shape}]`, "Give its state_dict.");
    parameters[name] = found;
  }
  return createExpertRunner({ host, expert, parameters });
}

/** HSEmotion's EfficientNet of its `state_dict()`; size and classes are told by its last layer. @throws `not-found`, `bad-file` */
export async function openHsemotion(host: Host, file: string): Promise<EmotionJudge> {
  await using opened = await openTensors(file);
  const { names } = opened.tensors;
  const last = names.includes("classifier.weight") ? await opened.tensors.read("classifier.weight") : undefined;
  const [count, width] = (last?.shape ?? []) as readonly [number?, number?];
  const classes = answers[count ?? 0];
  const size = sizes[width as keyof typeof sizes];
  if (!classes || !size)
    throw refuse(
      file,
      "classifier of HSEmotion that is known here",
      "Give the state_dict of enet_b0_7, _b0_8, _b2_7 or _b2_8, as .safetensors or .pth.",
    );
  const expert = efficientNet({ size, classes: classes.length });
  return {
    ...(await runner(host, opened, expert, file)),
    classes,
    note: `HSEmotion ${expert.name} of ${classes.length} classes (${opened.note}), pictures bilinearly to ${expert.input.width} x ${expert.input.height}`,
  };
}

/** insightface's IResNet of its `state_dict()`; its depth is told by its blocks. @throws as above. */
export async function openIresnet(host: Host, file: string): Promise<NamedRunner> {
  await using opened = await openTensors(file);
  const blocks = opened.tensors.names.filter((name) => /^layer3\.\d+\.conv1\.weight$/.test(name)).length;
  const depth = depths[blocks as keyof typeof depths];
  if (!depth || !opened.tensors.names.includes("fc.weight"))
    throw refuse(
      file,
      "embedder of insightface that is known here",
      "Give the state_dict of its iresnet18, 34, 50 or 100, as .safetensors or .pth.",
    );
  const [size] = (await opened.tensors.read("fc.weight")).shape;
  const expert = iresnet({ depth, size: size! });
  return {
    ...(await runner(host, opened, expert, file)),
    note: `insightface ${expert.name} (${opened.note}), pictures bilinearly to 112 x 112`,
  };
}
