import { createReadStream } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FakeApplication, type FakeGateway, type FakeGatewayOptions, fakeGateway } from "@prosopon/client/testing";
import { type Emotion, mouthShape, type Scene, scene, type Viseme } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { pageFolder } from "@prosopon/studio";
import sharp from "sharp";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wav": "audio/wav",
};

/** As strict as the gateway's own. */
export const policy =
  "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' ws: wss:; worker-src 'self' blob:; " +
  "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const talker: Partial<Scene> & { identity: number } = { identity: 2 };

async function jpeg(given: Partial<Scene>): Promise<Uint8Array> {
  const { image } = render(scene({ ...talker, ...given }), { size: 256 });
  return sharp(Buffer.from(image.data), { raw: { width: 256, height: 256, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
}

/** A drawn person who moves the mouth at random, 25 frames a second for as long as the speech is. */
export function fakeTalk(rate = 25): FakeApplication {
  return async function* ({ input, file, live, signal }) {
    const visemes: readonly Viseme[] = ["a", "p", "i", "o", "s", "E", "u", "t"];
    const emotion = String(input["emotion"] ?? "neutral").toLowerCase() as Emotion;
    const mouths = await Promise.all(visemes.map((viseme) => jpeg({ emotion, mouth: mouthShape(viseme) })));
    yield { progress: { label: "reading the voice", done: 0, total: 3 } };
    await sleep(60);
    if (input["live"]) {
      let index = 0;
      for await (const _ of live) {
        yield { data: mouths[index % mouths.length]!, pts: index / 25, width: 256, height: 256 };
        index += 1;
      }
      return undefined;
    }
    const count = Math.ceil(((file(input["speech"]).length - 44) / 2 / 16_000) * 25);
    const begun = Date.now();
    for (let index = 0; index < count && !signal.aborted; index += 1) {
      yield { data: mouths[Math.floor(index / 3) % mouths.length]!, pts: index / 25, width: 256, height: 256 };
      yield { progress: { label: "frames", done: index + 1, total: count } };
      const ahead = begun + (1000 * index) / rate - Date.now();
      if (ahead > 0) await sleep(ahead);
    }
    return { name: "talk.mp4", mime: "video/mp4", content: new Uint8Array(2000) };
  };
}

/** As if the film's person were the drawn one; with a word for its maker. */
export const fakeDub: FakeApplication = async function* (run) {
  if (run.file(run.input["video"]).length === 0) throw new Error("There is no film.");
  const artifact = yield* fakeTalk()(run);
  return (
    artifact && { ...artifact, name: "dub.mp4", table: { warnings: ["Two faces were found; the largest speaks."] } }
  );
};

/** The same person with the emotion that was asked for. */
export const fakeReenact: FakeApplication = async function* ({ input }) {
  const emotion = String((input["to"] as readonly string[])[0]).toLowerCase() as Emotion;
  for (let done = 1; done <= 4; done += 1) {
    yield { progress: { label: "sampling", done, total: 4 } };
    yield { data: await jpeg({ emotion, intensity: done < 3 ? 1 : 2 }), width: 256, height: 256 };
    await sleep(30);
  }
  const { image } = render(scene({ ...talker, emotion, intensity: 3 }), { size: 256 });
  const content = await sharp(Buffer.from(image.data), { raw: { width: 256, height: 256, channels: 3 } })
    .png()
    .toBuffer();
  return { name: `${emotion}.png`, mime: "image/png", content };
};

/** A fake gateway that serves the built page under the gateway's own policy. */
export function fakeStudioGateway(options: Partial<FakeGatewayOptions> = {}): Promise<FakeGateway> {
  const root = fileURLToPath(pageFolder);
  return fakeGateway({
    applications: { talk: fakeTalk(), reenact: fakeReenact, dub: fakeDub },
    fallback(request, response) {
      const path = new URL(request.url ?? "/", "http://page").pathname;
      const file = path === "/" ? "index.html" : path.slice(1);
      const type = types[extname(file)];
      if (!type || !/^[\w.-]+$/.test(file)) return void response.writeHead(404).end();
      response.writeHead(200, { "content-type": type, "content-security-policy": policy });
      createReadStream(join(root, file))
        .on("error", () => response.destroy())
        .pipe(response);
    },
    ...options,
  });
}
