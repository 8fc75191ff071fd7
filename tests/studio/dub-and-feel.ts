import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStudio } from "./open-studio.ts";
import type { Served } from "./served.ts";

/** The other two uses: films that say something else, faces that feel. */
export function dubAndFeelTests(studio: Served): void {
  test("dubs a film: only with consent, with sound, every frame, what its maker should know, a file to keep", async () => {
    const { url } = await studio.serve();
    const { page, problems, press, says, status, frames, kept } = await openStudio(studio.browser, { url });
    await press("Dub");
    await says("Choose a film first.");
    const folder = await mkdtemp(join(tmpdir(), "studio-"));
    const film = join(folder, "my holidays.mp4");
    await writeFile(film, new Uint8Array(5000));
    const input = await page.$('input[accept^="video/mp4,"]');
    await input?.uploadFile(film);
    await says("Say first that the person in the film agreed.");
    expect(await page.$eval(".actions .primary", (one) => (one as HTMLButtonElement).disabled)).toBe(true);
    await press("I am the person in this film");
    await press("Example");
    await says("Ready.");
    // Live speech is for portraits.
    expect(await page.$('[role="switch"]')).toBeNull();
    await press("Dub it");
    await says("Streaming");
    await press("Cancel");
    await says("Stopped.");
    expect(await status()).toBe("Stopped.");
    await press("Dub again");
    await says("Streaming");
    await says("Done.");
    expect(await frames()).toBe("111");
    expect(await kept()).toBe("dub.mp4");
    await says("Two faces were found; the largest speaks.");
    expect(studio.inputs[1]).toMatchObject({ emotion: "HAPPY", guidance: 3.5, steps: 1, consent: true });
    // A film that was made here can be dubbed again; the portrait's stage is its own.
    await press("The one just made");
    await says("Say first that the person in the film agreed.");
    await press("Speak");
    expect(await page.$("a[download]")).toBeNull();
    expect(problems).toEqual([]);
    // Not before: the browser reads the file when it is sent.
    await rm(folder, { recursive: true });
  });

  test("makes six emotions and compares before and after, by keyboard", async () => {
    const { url } = await studio.serve();
    const { page, press, says, problems, kept } = await openStudio(studio.browser, { url });
    await press("Feel");
    await press("All six");
    await says("Done. Drag the line to compare.");
    expect(await page.$$eval(".result-done img", (all) => all.length)).toBe(6);
    expect(studio.inputs.map(({ to }) => String(to)).sort()).toEqual([
      "ANGRY",
      "DISGUSTED",
      "HAPPY",
      "SAD",
      "SCARED",
      "SURPRISED",
    ]);
    expect(studio.inputs[0]).toMatchObject({ from: "NEUTRAL", strength: 500, guidance: 1.75, steps: 8 });
    await page.focus('[aria-label="Before and after"]');
    for (let i = 0; i < 10; i += 1) await page.keyboard.press("ArrowRight");
    expect(await page.$eval(".comparison", (one) => (one as HTMLElement).style.getPropertyValue("--edge"))).toBe("60%");
    await page.focus('.results input[type="radio"]');
    await page.keyboard.press("ArrowRight");
    await says("sad · AI");
    expect(await kept()).toBe("sad.png");
    expect(problems).toEqual([]);
  });
}
