// Pictures in time with the sound, in a page of one's own. From the root of the repository:
//   npx esbuild examples/page/main.mjs --bundle --format=esm --outdir=examples/page --servedir=examples/page --serve=127.0.0.1:8000
// and a gateway that lets this page in: PROSOPON_ORIGINS=http://127.0.0.1:8000 npx prosopon serve
import { audioClock, connect, play } from "@prosopon/client";

const [portrait, speech, start, screen, told] = ["portrait", "speech", "start", "screen", "told"].map((id) =>
  document.getElementById(id),
);
const client = connect({ url: new URLSearchParams(location.search).get("gateway") ?? "http://127.0.0.1:4000" });

start.onclick = async () => {
  const context = new AudioContext();
  const sound = await context.decodeAudioData(await speech.files[0].arrayBuffer());
  const [face, words] = await Promise.all([client.upload(portrait.files[0]), client.upload(speech.files[0])]);
  const job = await client.talk({ picture: face.id, consent: true, speech: words.id });
  const report = await play({
    events: client.events(job.id),
    clock: audioClock({ context, sound }),
    draw: (picture) => screen.getContext("2d").drawImage(picture, 0, 0, screen.width, screen.height),
  });
  told.textContent = `${report.shown} pictures shown, ${report.missed} missed`;
};
