// node tools/import-face-finder.mjs [--from FOLDER] [--to FOLDER]: face-api's tiny face detector and 68-landmark network (MIT)
// as the model "face-finder", under the names and in the layouts of packages/perception. Needs built packages.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tensor } from "@prosopon/graph";
import { writeModel } from "@prosopon/models/node";

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "node_modules/@vladmandic/face-api" },
    to: { type: "string", default: "models" },
  },
});
const { version } = JSON.parse(readFileSync(join(values.from, "package.json"), "utf8"));

/** What tests/perception/face-finder.full.ts measures, and checks against these numbers. */
const scores = {
  photographs: { pictures: 50, faces: 52, found: 52, wrong: 0 },
  landmarkError: { eyes: 0.056, mouth: 0.082, largestMeanOfAFace: 0.136 },
  alignedCrops: { pictures: 50, oneFaceFound: 50 },
  tightCrops: { pictures: 45, oneFaceFound: 39 },
  faceless: { pictures: 50, withAFaceFound: 0 },
};

/** face-api's last name -> [ours, the axes of its shape in our order]: TensorFlow keeps the channels last. */
const layouts = {
  filters: ["weight", [3, 2, 0, 1]],
  depthwise_filter: ["depthwise.weight", [2, 3, 0, 1]],
  pointwise_filter: ["pointwise.weight", [3, 2, 0, 1]],
  weights: ["weight", [0, 1]],
  bias: ["bias", [0]],
};

function transposed(data, shape, order) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const to = order.map((axis) => shape[axis]);
  const result = new Float32Array(data.length);
  const index = to.map(() => 0);
  for (let i = 0; i < result.length; i++) {
    result[i] = data[order.reduce((sum, axis, k) => sum + index[k] * strides[axis], 0)];
    for (let k = to.length - 1; k >= 0 && ++index[k] === to[k]; k--) index[k] = 0;
  }
  return tensor("float32", to, result);
}

/** The tensors of a TensorFlow.js manifest: uint8 with a scale and a minimum for each tensor, value = q * scale + minimum. */
function* weightsOf(prefix, model) {
  const folder = join(values.from, "model");
  for (const { paths, weights } of JSON.parse(readFileSync(join(folder, `${model}-weights_manifest.json`), "utf8"))) {
    const bytes = Buffer.concat(paths.map((path) => readFileSync(join(folder, path))));
    let offset = 0;
    for (const { name, shape, quantization } of weights) {
      if (quantization?.dtype !== "uint8") throw new Error(`${model}: "${name}" is not quantised to uint8`);
      const length = shape.reduce((a, b) => a * b, 1);
      const { scale, min } = quantization;
      const data = Float64Array.from(bytes.subarray(offset, offset + length), (q) => q * scale + min);
      offset += length;
      const path = name.split("/");
      const [local, order] = layouts[path.pop()];
      yield [[prefix, ...path, local].join("."), transposed(data, shape, order)];
    }
    if (offset !== bytes.length) throw new Error(`${model}: ${bytes.length} bytes, but the manifest counts ${offset}`);
  }
}

const card = `# Face finder

Finds faces in photographs and 68 landmarks (iBUG 300-W order) in each: a detector (Tiny YOLO v2 of separable convolutions, 190 thousand
parameters) and a landmark network (360 thousand), both of face-api.

- Source: \`tiny_face_detector\` and \`face_landmark_68\` of \`@vladmandic/face-api\` ${version}, which has them from face-api.js by Vincent
  Mühler. Their uint8 weights are written out as float16 in PyTorch's layout; nothing was trained. Outputs differ from face-api's by
  what float16 rounds: below 0.001 of the detector's range and 0.1 pixels of the 112 that the landmark network sees.
- Licence: MIT, the notice is below.
- Made by \`node tools/import-face-finder.mjs\`; used through \`createFaceFinder\` of \`@prosopon/perception\`, which looks twice (face-api does
  not), so its landmarks are not face-api's.

## Scores

Measured by \`tests/perception/face-finder.full.ts\` at the defaults, a square of 416 pixels and a threshold of 0.4. What counts as right is
what another detector, YuNet, says about the same pictures: nobody marked them by hand.

\`\`\`json
${JSON.stringify(scores, undefined, 2)}
\`\`\`

- \`photographs\`: 50 portraits and scenes, 106 to 2333 pixels, with 52 faces. A face is found when the boxes overlap by 0.3.
- \`landmarkError\`: of the centres of the eyes and the corners of the mouth, over the distance of the eyes, mean over the faces found. The
  two detectors do not mean quite the same places, so part of it is no error.
- \`alignedCrops\`: the same faces as 128 x 128 crops; \`tightCrops\`: 128 x 128 crops that end at chin and forehead.
- \`faceless\`: the photographs with grey in place of every face; a face that is found there is a wrong one.

Larger squares find smaller faces, in exchange for large ones: of the 52 faces it found alone, without the second look, 52 at 224 pixels
(threshold 0.3), 51 at 416 and 46 at 608.

## Limits

It was made for faces seen from the front. Profiles, hidden faces and faces that are small in the picture were hardly among the pictures
above; six of the 45 tight crops, five of them film stills, were missed. Landmarks of closed or covered eyes and of profiles are guesses.
What the weights were trained on is not documented well, and how they do by skin colour and age was not measured. The landmarks are good
enough to align a face and to place a mask, not to measure one.
Use it only on pictures of people who agreed to it.

## Licence of the weights

${readFileSync(join(values.from, "LICENSE"), "utf8").trim()}
`;

const manifest = await writeModel(values.to, {
  manifest: {
    name: "face-finder",
    kind: "face-finder",
    title: "Face finder",
    description:
      "Finds faces in photographs and 68 landmarks in each: the tiny face detector and the landmark network of face-api.",
    licence: "MIT",
    domain: "photographs",
    config: { size: 416 },
    scores,
  },
  parameters: new Map([
    ...weightsOf("detector", "tiny_face_detector_model"),
    ...weightsOf("landmarks", "face_landmark_68_model"),
  ]),
  dtype: "float16",
  card,
});
process.stdout.write(`${manifest.files.map(({ name, bytes }) => `${name} ${bytes} bytes`).join("\n")}\n`);
