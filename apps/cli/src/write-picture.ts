import { markedPicture, type PictureMark } from "@prosopon/applications";
import type { Image } from "@prosopon/media";
import { writeFileAtomic } from "@prosopon/media/node";
import { mimeOf } from "./check-output.ts";
import type { Context } from "./context.ts";
import { signingIdentity } from "./signing-identity.ts";

/** What a command says of a picture; who signs it, the environment says. */
export type PictureDetails = Omit<PictureMark, "identity">;

/** The bytes of a picture file, of the format that its ending says, with its mark of origin, signed where an identity is configured. */
export const pictureBytes = (
  context: Pick<Context, "env">,
  file: string,
  picture: Image,
  details: PictureDetails,
): Promise<Uint8Array> => markedPicture(picture, mimeOf(file), { ...details, identity: signingIdentity(context) });

/** Writes a marked picture, whole or not at all. @throws `output`, `bad-input`. */
export async function writePicture(
  context: Pick<Context, "env">,
  file: string,
  picture: Image,
  details: PictureDetails,
): Promise<void> {
  await writeFileAtomic(file, await pictureBytes(context, file, picture, details));
}
