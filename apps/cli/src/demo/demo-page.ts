/** What the page tells. */
export interface DemoPageOptions {
  readonly model: string;
  readonly description: string;
  readonly seed: number;
  readonly source: string;
  readonly command: string;
  readonly seconds: number;
  readonly emotions: readonly string[];
  /** The speaking portrait, where there is one. */
  readonly speaking?: SpeakingPart;
}

export interface SpeakingPart {
  /** The film: .mp4 with its sound, or .webp without. */
  readonly file: string;
  readonly model: string;
  readonly emotions: readonly string[];
  readonly framesPerSecond: number;
  readonly frames: number;
  /** Grid of frames in speaking-frames.webp, for pages without a film. */
  readonly sprite?: { readonly columns: number; readonly width: number; readonly height: number };
}

const escaped = (text: string): string => text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Without a film the page itself shows the frame that belongs to the sound. */
function playedBySound({ framesPerSecond, frames, sprite }: SpeakingPart): string {
  if (!sprite) return "";
  const { columns, width, height } = sprite;
  return `<canvas id="face" width="${width}" height="${height}" style="width:${2 * width}px;max-width:100%"></canvas><br>
<audio id="voice" controls src="speech.wav"></audio>
<script>
const face = document.getElementById("face").getContext("2d");
const voice = document.getElementById("voice");
const frames = new Image();
const show = () => {
  const k = Math.min(${frames - 1}, Math.floor(voice.currentTime * ${framesPerSecond}));
  face.drawImage(frames, (k % ${columns}) * ${width}, Math.floor(k / ${columns}) * ${height}, ${width}, ${height}, 0, 0, ${width}, ${height});
  requestAnimationFrame(show);
};
frames.onload = show;
frames.src = "speaking-frames.webp";
</script>`;
}

function speakingFigure(part: SpeakingPart): string {
  const who = `The portrait as ${escaped(part.emotions.join(", "))}, saying one sentence`;
  const film = part.sprite
    ? `${playedBySound(part)}<p>ffmpeg was not found, so there is no film with sound, only <a href="${part.file}">moving pictures</a>. Install it (Debian: <code>apt-get install ffmpeg</code>) and run the demo again.</p>`
    : `<video controls loop src="${part.file}" width="512" aria-label="${who}"></video>`;
  return `<h2>And it speaks</h2>
<figure>${film}<figcaption>${who}: "Unless to be rather cold hearted and rather selfish is to be ill disposed" (LibriVox, public domain).
Every frame was made by <code>${escaped(part.model)}</code> from the portrait and the sound.</figcaption></figure>`;
}

/** A page of its own: nothing from elsewhere, pictures, film and sound beside it. */
export function demoPage(options: DemoPageOptions): string {
  const { model, description, seed, source, command, seconds, emotions, speaking } = options;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Prosopon: one person, six emotions</title>
<style>
:root { color-scheme: light dark; }
body { font: 17px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2.5rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.9rem; margin-bottom: 0.2rem; }
figure { margin: 2rem 0; }
img { max-width: 100%; height: auto; border-radius: 6px; background: #fff; }
figcaption { opacity: 0.75; font-size: 0.92rem; margin-top: 0.4rem; }
code { font-size: 0.9em; }
.pair { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; }
</style>
</head>
<body>
<h1>One person, six emotions</h1>
<p>Nobody here exists. The portraits were drawn, then a diffusion model changed the emotion of each face: it carries the picture to noise
as a ${escaped(source)} face and brings it back as another.</p>
<div class="pair">
<figure><img src="portrait.png" alt="A drawn portrait, ${escaped(source)}" width="256"><figcaption>Drawn: ${escaped(source)}</figcaption></figure>
<figure><img src="grid.png" alt="The same portrait as ${escaped(emotions.join(", "))}"><figcaption>Edited by the model</figcaption></figure>
</div>
<figure><img src="contact-sheet.png" alt="Several people, each with six emotions"><figcaption>Left: the drawn portrait. Then what the model made of it.</figcaption></figure>
<figure><img src="truth.png" alt="The same portrait drawn with each emotion"><figcaption>For comparison, the same person <em>drawn</em> with each emotion: what a perfect edit would show.</figcaption></figure>
${speaking ? speakingFigure(speaking) : ""}
<p>Model: <code>${escaped(model)}</code>. ${escaped(description)} Seed ${seed}, ${seconds.toFixed(0)} s. Every picture carries a mark of its
origin (IPTC digital source type).</p>
<p>Again: <code>${escaped(command)}</code></p>
</body>
</html>
`;
}
