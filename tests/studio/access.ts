import { readFile } from "node:fs/promises";
import { pageFolder } from "@prosopon/studio";
import { expect, test } from "vitest";
import { openStudio } from "./open-studio.ts";
import type { Served } from "./served.ts";

/** Who can use the page and what it lets in: keyboards, screens, keys, contents. */
export function accessTests(studio: Served): void {
  test("is usable by keyboard alone: every control has a name, the order is that of the page", async () => {
    const { url } = await studio.serve();
    const { page, says } = await openStudio(studio.browser, { url });
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
    expect(studio.inputs[0]).toMatchObject({ emotion: "SAD" });
  });

  test.each([
    { phone: true, dark: false },
    { phone: true, dark: true },
    { phone: false, dark: true },
  ])("fits the screen and the colour scheme (phone $phone, dark $dark)", async ({ phone, dark }) => {
    const { url } = await studio.serve();
    const { page, press, problems } = await openStudio(studio.browser, { url, phone, dark });
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
    const { url } = await studio.serve({ token: "sesame" });
    const { page, press, says, speakExample } = await openStudio(studio.browser, { url });
    await says("This gateway asks for a key");
    await page.type('input[type="password"]', "sesame");
    await press("Open");
    await page.waitForSelector(".link-ready");
    await speakExample();
    await says("Streaming");
  });

  test("loads nothing from elsewhere and runs nothing inline", async () => {
    const html = await readFile(new URL("index.html", pageFolder), "utf8");
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|https?:\/\//);
    const css = await readFile(new URL("style.css", pageFolder), "utf8");
    expect(css).not.toMatch(/@import|url\(/);
  });
}
