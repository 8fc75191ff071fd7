import { alignedNote, faceExperts, portraitLike, sourcePicture } from "@prosopon/applications";
import { createHost } from "@prosopon/runtime/node";
import { checkOutput } from "../check-output.ts";
import type { Context } from "../context.ts";
import { modelFolders } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { writePicture } from "../write-picture.ts";

export interface LikePortraitOptions {
  readonly like: string;
  readonly face?: number | undefined;
  readonly size: number;
  readonly output: string;
}

const percent = (confidence: number): string => `${Math.round(100 * confidence)} %`;

/** `prosopon portrait --like`: an avatar after a photograph, as a marked picture file that `talk` and `reenact` take. */
export async function likePortrait(
  context: Context,
  reporter: Reporter,
  { like, face, size, output }: LikePortraitOptions,
): Promise<void> {
  await checkOutput(output, [like]);
  const { signal } = context;
  const { image: photograph } = await sourcePicture(like, (text) => reporter.warn(text));
  await using host = await createHost({ device: "cpu" });
  const folders = modelFolders(context);
  const experts = faceExperts({ host, folders, domain: "rendered portraits", emotions: [], signal });
  const found = await portraitLike(photograph, { find: (picture) => experts.faces(picture), wanted: face, size });
  const { image, scene, hair, beard, glasses, pose, landmarkError, landmarkErrorBefore } = found;
  if (Math.abs(pose.yaw) > 20 || Math.abs(pose.pitch) > 15)
    reporter.warn("The head is turned away: shape and colours are guessed from one side.");
  await writePicture(context, output, image, {
    kind: "algorithmicMedia",
    software: "Prosopon",
    version: context.version,
    note: alignedNote,
  });
  reporter.result(
    {
      command: "portrait",
      like,
      output,
      width: size,
      height: size,
      faces: found.faces,
      person: scene.person,
      light: scene.light,
      background: scene.background,
      guesses: { hair, beard, glasses },
      pose,
      landmarkError,
      landmarkErrorBefore,
    },
    `${output}: hair ${hair.value} (${percent(hair.confidence)}), beard ${beard.value} (${percent(beard.confidence)}), glasses ${glasses.value} (${percent(glasses.confidence)}), ${size} x ${size}`,
  );
}
