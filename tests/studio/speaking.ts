import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openStudio } from "./open-studio.ts";
import type { Served } from "./served.ts";

/** A portrait that speaks: from an example, a recording, the microphone as it goes, in a picture of the visitor's. */
export function speakingTests(studio: Served): void {
  test("speaks: example, live pictures with sound, every frame, a marked film to keep", async () => {
    const { url } = await studio.serve();
    const { page, problems, says, speakExample } = await openStudio(studio.browser, { url });
    expect(await page.$eval(".actions .primary", (one) => (one as HTMLButtonElement).disabled)).toBe(true);
    await speakExample();
    await says("Streaming");
    await says("Done.");
    // Pictures arrived on the canvas: it is no plain colour.
    const colours = await page.$eval("canvas", (canvas) => {
      const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, 256, 256);
      return new Set(Array.from({ length: 500 }, (_, i) => data[4 * 131 * i])).size;
    });
    expect(colours).toBeGreaterThan(20);
    const figures = await page.$eval(".figures", (one) => one.textContent ?? "");
    const [, missed, all] = /Missed(\d+) of (\d+)/.exec(figures) ?? [];
    // 4.4 seconds of speech at 25 frames a second; how many were shown in time is the machine's business.
    expect(Number(all)).toBe(111);
    expect(Number(missed)).toBeLessThan(111);
    const download = await page.$eval("a[download]", (one) => [
      (one as HTMLAnchorElement).download,
      (one as HTMLAnchorElement).href,
    ]);
    expect(download[0]).toBe("talk.mp4");
    expect(download[1]).toMatch(/^blob:/);
    await says("trainedAlgorithmicMedia");
    expect(studio.inputs[0]).toMatchObject({ emotion: "HAPPY", intensity: 2, guidance: 3.5, steps: 1, consent: true });
    expect(problems).toEqual([]);
  });

  test("records speech from the microphone", async () => {
    const { url } = await studio.serve();
    const { page, press, says, problems } = await openStudio(studio.browser, { url });
    await press("Record");
    await says("Recording 0:02");
    await press("Stop");
    await page.waitForSelector(".outline");
    await press("Let it speak");
    await says("Done.");
    expect(problems).toEqual([]);
  });

  test("follows the microphone live and reports its delay", async () => {
    const { url } = await studio.serve();
    const { page, press, says, problems } = await openStudio(studio.browser, { url });
    await press("Live");
    await press("Go live");
    await says("Live. Speak now.");
    await says("Behind your voice");
    await press("I have finished");
    await says("Done.");
    expect(studio.inputs[0]).toMatchObject({ live: true });
    expect(
      Number(await page.$eval(".figures", (one) => /voice(-?\d+) ms/.exec(one.textContent ?? "")?.[1])),
    ).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });

  test("uses a picture only with consent, redrawn without its metadata", async () => {
    const { url } = await studio.serve();
    const { page, press, says, problems } = await openStudio(studio.browser, { url });
    await press("Example");
    await says("Ready.");
    const input = await page.$('input[accept^="image/"]');
    await input?.uploadFile(fileURLToPath(new URL("../../docs/images/demo.jpg", import.meta.url)));
    await says("Say first that the person in the picture agreed.");
    expect(await page.$eval(".actions .primary", (one) => (one as HTMLButtonElement).disabled)).toBe(true);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(`${request.url()} ${request.postData() ?? ""}`));
    await press("I am the person");
    await press("Let it speak");
    await says("Streaming");
    expect(requests.find((one) => one.includes("mutation"))).toContain('"consent":true');
    await press("Remove it");
    expect(await page.$(".consent")).toBeNull();
    expect(problems).toEqual([]);
  });
}
