import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FakeGateway } from "@prosopon/client/testing";
import { pageFolder } from "@prosopon/studio";
import type { Browser } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { fakeDub, fakeReenact, fakeStudioGateway, fakeTalk } from "./fake-studio-gateway.ts";
import { buildPage, chromium, chromiumIsHere, launchChromium, openStudio } from "./open-studio.ts";

if (!chromiumIsHere && process.env["CI"] === "true") throw new Error(`These tests need ${chromium}.`);

/** What was asked of the applications. */
let inputs: Record<string, unknown>[] = [];
const noting =
  (application: typeof fakeReenact): typeof fakeReenact =>
  (run) => {
    inputs.push({ ...run.input });
    return application(run);
  };
const applications = { talk: noting(fakeTalk()), reenact: noting(fakeReenact), dub: noting(fakeDub) };

describe.skipIf(!chromiumIsHere)(`the studio in ${chromium}`, () => {
  let browser: Browser;
  let gateway: FakeGateway | undefined;
  beforeAll(async () => {
    buildPage();
    browser = await launchChromium();
  });
  afterAll(async () => browser?.close());
  afterEach(async () => {
    inputs = [];
    await gateway?.close();
    gateway = undefined;
  });
  const serve = async (options: Parameters<typeof fakeStudioGateway>[0] = {}): Promise<FakeGateway> => {
    gateway = await fakeStudioGateway({ applications, ...options });
    return gateway;
  };

  test("speaks: example, live pictures with sound, every frame, a marked film to keep", async () => {
    const { url } = await serve();
    const { page, problems, press, says } = await openStudio(browser, { url });
    expect(await page.$eval(".actions .primary", (one) => (one as HTMLButtonElement).disabled)).toBe(true);
    await press("Example");
    await says("Ready.");
    await press("Let it speak");
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
    expect(inputs[0]).toMatchObject({ emotion: "HAPPY", intensity: 2, guidance: 3, steps: 1, consent: true });
    expect(problems).toEqual([]);
  });

  test("goes on after its connections were cut, and says so", async () => {
    const place = await serve({ applications: { talk: fakeTalk(40), reenact: fakeReenact } });
    const { page, press, says } = await openStudio(browser, { url: place.url });
    await press("Example");
    await says("Ready.");
    await press("Let it speak");
    await says("Streaming");
    place.cut();
    await says("Reconnected");
    await says("Done.");
    expect(await page.$eval(".figures", (one) => /of (\d+)/.exec(one.textContent ?? "")?.[1])).toBe("111");
  });

  test("takes a job up again after a reload", async () => {
    const { url } = await serve();
    const { page, press, says } = await openStudio(browser, { url });
    await press("Example");
    await says("Ready.");
    await press("Let it speak");
    await says("Streaming");
    expect(page.url()).toContain("#job=job-1");
    await page.reload();
    await says("Streaming");
    await says("Done.");
    expect(await page.$eval(".figures", (one) => /of (\d+)/.exec(one.textContent ?? "")?.[1])).toBe("111");
    expect(inputs).toHaveLength(1);
  });

  test("cancels, and can start anew", async () => {
    const { url } = await serve({ applications: { talk: noting(fakeTalk(5)), reenact: fakeReenact } });
    const { press, says, status } = await openStudio(browser, { url });
    await press("Example");
    await says("Ready.");
    await press("Let it speak");
    await says("Streaming");
    await press("Cancel");
    await says("Stopped.");
    expect(await status()).toBe("Stopped.");
    await press("Speak again");
    await says("Streaming");
    expect(inputs).toHaveLength(2);
  });

  test("tells why a job failed", async () => {
    const { url } = await serve({
      applications: {
        // biome-ignore lint/correctness/useYield: it fails before its first frame
        async *talk() {
          throw new Error("There is no face in the picture.");
        },
        reenact: fakeReenact,
      },
    });
    const { press, says } = await openStudio(browser, { url });
    await press("Example");
    await says("Ready.");
    await press("Let it speak");
    await says("There is no face in the picture.");
  });

  test("records speech from the microphone", async () => {
    const { url } = await serve();
    const { page, press, says, problems } = await openStudio(browser, { url });
    await press("Record");
    await says("Recording 0:02");
    await press("Stop");
    await page.waitForSelector(".outline");
    await press("Let it speak");
    await says("Done.");
    expect(problems).toEqual([]);
  });

  test("follows the microphone live and reports its delay", async () => {
    const { url } = await serve();
    const { page, press, says, problems } = await openStudio(browser, { url });
    await press("Live");
    await press("Go live");
    await says("Live. Speak now.");
    await says("Behind your voice");
    await press("I have finished");
    await says("Done.");
    expect(inputs[0]).toMatchObject({ live: true });
    expect(
      Number(await page.$eval(".figures", (one) => /voice(-?\d+) ms/.exec(one.textContent ?? "")?.[1])),
    ).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });

  test("uses a picture only with consent, redrawn without its metadata", async () => {
    const { url } = await serve();
    const { page, press, says, problems } = await openStudio(browser, { url });
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

  test("dubs a film: only with consent, with sound, every frame, what its maker should know, a file to keep", async () => {
    const { url } = await serve();
    const { page, problems, press, says, status } = await openStudio(browser, { url });
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
    expect(await page.$eval(".figures", (one) => /of (\d+)/.exec(one.textContent ?? "")?.[1])).toBe("111");
    expect(await page.$eval("a[download]", (one) => (one as HTMLAnchorElement).download)).toBe("dub.mp4");
    await says("Two faces were found; the largest speaks.");
    expect(inputs[1]).toMatchObject({ emotion: "HAPPY", guidance: 3, steps: 1, consent: true });
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
    const { url } = await serve();
    const { page, press, says, problems } = await openStudio(browser, { url });
    await press("Feel");
    await press("All six");
    await says("Done. Drag the line to compare.");
    expect(await page.$$eval(".result-done img", (all) => all.length)).toBe(6);
    expect(inputs.map(({ to }) => String(to)).sort()).toEqual([
      "ANGRY",
      "DISGUSTED",
      "HAPPY",
      "SAD",
      "SCARED",
      "SURPRISED",
    ]);
    expect(inputs[0]).toMatchObject({ from: "NEUTRAL", strength: 500, guidance: 1.75, steps: 8 });
    await page.focus('[aria-label="Before and after"]');
    for (let i = 0; i < 10; i += 1) await page.keyboard.press("ArrowRight");
    expect(await page.$eval(".comparison", (one) => (one as HTMLElement).style.getPropertyValue("--edge"))).toBe("60%");
    await page.focus('.results input[type="radio"]');
    await page.keyboard.press("ArrowRight");
    await says("sad · AI");
    expect(await page.$eval("a[download]", (one) => (one as HTMLAnchorElement).download)).toBe("sad.png");
    expect(problems).toEqual([]);
  });

  test("is usable by keyboard alone: every control has a name, the order is that of the page", async () => {
    const { url } = await serve();
    const { page, says } = await openStudio(browser, { url });
    const reached: string[] = [];
    for (let i = 0; i < 40; i += 1) {
      await page.keyboard.press("Tab");
      const name = await page.evaluate(() => {
        const one = document.activeElement;
        if (!one || one === document.body) return "";
        const label =
          (one as HTMLInputElement).labels?.[0]?.textContent ?? one.getAttribute("aria-label") ?? one.textContent;
        return `${one.tagName.toLowerCase()}: ${label?.trim()}`;
      });
      if (name === "") break;
      reached.push(name);
      if (name.includes("Example")) {
        await page.keyboard.press("Enter");
        await says("Ready.");
      }
    }
    expect(reached.filter((name) => / $|: $/.test(name))).toEqual([]);
    const order = [
      "To the stage",
      "Speak",
      "Others",
      "Person 1",
      "Shape this face",
      "Use a picture",
      "happy",
      "Strength",
      "Guidance",
      "Steps",
      "Live",
      "Record",
      "File",
      "Example",
    ];
    const places = order.map((text) => reached.findIndex((name) => name.includes(text)));
    expect(places, reached.join(" | ")).not.toContain(-1);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    // The chosen emotion moves with the arrows.
    await page.focus('input[name="emotion"]:checked');
    await page.keyboard.press("ArrowRight");
    expect(await page.$eval('input[name="emotion"]:checked', (one) => (one as HTMLInputElement).value)).toBe("sad");
    await page.focus(".actions .primary");
    await page.keyboard.press("Enter");
    await says("Done.");
    expect(inputs[0]).toMatchObject({ emotion: "SAD" });
  });

  test.each([
    { phone: true, dark: false },
    { phone: true, dark: true },
    { phone: false, dark: true },
  ])("fits the screen and the colour scheme (phone $phone, dark $dark)", async ({ phone, dark }) => {
    const { url } = await serve();
    const { page, press, problems } = await openStudio(browser, { url, phone, dark });
    await press("Shape this face");
    const seen = await page.evaluate(() => ({
      over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      ground: getComputedStyle(document.body).backgroundColor,
      small: [...document.querySelectorAll("button, .button, select")].filter(
        (one) => one.getBoundingClientRect().height < 36,
      ).length,
    }));
    expect(seen.over).toBe(0);
    expect(seen.small).toBe(0);
    expect(seen.ground).toBe(dark ? "rgb(21, 20, 26)" : "rgb(245, 243, 239)");
    expect(problems).toEqual([]);
  });

  test("asks for a key where the gateway wants one", async () => {
    const { url } = await serve({ token: "sesame" });
    const { page, press, says } = await openStudio(browser, { url });
    await says("This gateway asks for a key");
    await page.type('input[type="password"]', "sesame");
    await press("Open");
    await page.waitForSelector(".link-ready");
    await press("Example");
    await says("Ready.");
    await press("Let it speak");
    await says("Streaming");
  });

  test("loads nothing from elsewhere and runs nothing inline", async () => {
    const html = await readFile(new URL("index.html", pageFolder), "utf8");
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|https?:\/\//);
    const css = await readFile(new URL("style.css", pageFolder), "utf8");
    expect(css).not.toMatch(/@import|url\(/);
  });
});
