/** What the page tells. */
export interface DemoPageOptions {
  readonly model: string;
  readonly description: string;
  readonly seed: number;
  readonly source: string;
  readonly command: string;
  readonly seconds: number;
  readonly emotions: readonly string[];
}

const escaped = (text: string): string => text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** A page of its own: no script, nothing from elsewhere, the pictures beside it. */
export function demoPage({ model, description, seed, source, command, seconds, emotions }: DemoPageOptions): string {
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
<p>Model: <code>${escaped(model)}</code>. ${escaped(description)} Seed ${seed}, ${seconds.toFixed(0)} s. Every picture carries a mark of its
origin (IPTC digital source type).</p>
<p>Again: <code>${escaped(command)}</code></p>
</body>
</html>
`;
}
