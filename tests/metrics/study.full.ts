import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { image } from "@prosopon/media";
import { encodeImage } from "@prosopon/media/node";
import type { StudyAnswer, StudyPlan } from "@prosopon/metrics";
import type { Browser, Page, Viewport } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromium, chromiumIsHere, launchChromium } from "../studio/open-studio.ts";

if (!chromiumIsHere && process.env["CI"] === "true") throw new Error(`These tests need ${chromium}.`);

let root = "";
const at = (...names: string[]) => join(root, ...names);
/** Screenshots are kept where this names a folder. */
const shots = process.env["PROSOPON_SCREENSHOTS"];

/** `prosopon evaluate study ... --json`, as it is built. */
async function study(...args: readonly string[]) {
  const command = fileURLToPath(new URL("../../apps/cli/bin/prosopon.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [command, "evaluate", "study", ...args, "--json"]);
  return JSON.parse(stdout);
}

async function shot(page: Page, name: string): Promise<void> {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png` });
}

/** The file that the page offers at the end. */
async function saved(page: Page, folder: string): Promise<StudyAnswer[]> {
  const devtools = await page.createCDPSession();
  await devtools.send("Browser.setDownloadBehavior", {
    behavior: "allow",
    downloadPath: folder,
    browserContextId: page.browserContext().id!,
  });
  await page.click("a[download]");
  for (let tries = 0; tries < 600; tries++) {
    const [file] = (await readdir(folder)).filter((name) => name.endsWith(".json"));
    if (file) return JSON.parse(await readFile(join(folder, file), "utf8"));
    await wait(100);
  }
  throw new Error("Nothing was saved.");
}

describe.skipIf(!chromiumIsHere)(`the page of a study in ${chromium}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "study-"));
    for (const [folder, emotion] of [
      ["ours/happy", "happy"],
      ["ours/angry", "angry"],
      ["original", "neutral"],
    ] as const) {
      await mkdir(at(folder), { recursive: true });
      for (let index = 0; index < 3; index++) {
        const scene = sample({ seed: 5, index, split: "test", speaking: 0 });
        const { data } = render({ ...scene, emotion, intensity: 3 }).image;
        await writeFile(at(folder, `${index}.png`), await encodeImage(image(128, 128, 3, data), "image/png"));
      }
    }
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(root, { recursive: true });
  });

  async function open(
    folder: string,
    person: number,
    viewport: Viewport = { width: 1024, height: 768 },
  ): Promise<{ page: Page; problems: string[] }> {
    const page = await (await browser.createBrowserContext()).newPage();
    await page.setViewport(viewport);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push((error as Error).message));
    page.on("requestfailed", (request) => problems.push(request.url()));
    await page.goto(`${pathToFileURL(at(folder, "index.html"))}`);
    await page.$eval(
      "#person",
      (field, value) => {
        (field as HTMLInputElement).value = value;
      },
      `${person}`,
    );
    await shot(page, `${folder}-start`);
    await page.click("button");
    return { page, problems };
  }
  const says = (page: Page, text: string) =>
    page.waitForFunction((wanted) => document.querySelector("main")?.textContent?.includes(wanted), {}, text);

  test("preference: mouse and keys, the answers are those of the plan", async () => {
    const folders = [`ours=${at("ours/happy")}`, `original=${at("original")}`];
    await study("plan", "preference", ...folders, "--participants", "2", "-o", at("pairs"));
    const plan: StudyPlan = JSON.parse(await readFile(at("pairs/plan.json"), "utf8"));
    const { page, problems } = await open("pairs", 2);
    const wanted: string[] = [];
    for (const [index, trial] of plan.participants[1]!.entries()) {
      await says(page, `${index + 1} of 3`);
      await shot(page, `pairs-${index + 1}`);
      if (trial.kind !== "preference") throw new Error("not planned");
      const seen = await page.$$eval("img", (all) => all.map((one) => [one.getAttribute("src"), one.naturalWidth]));
      expect(seen).toEqual([
        [trial.left.picture, 128],
        [trial.right.picture, 128],
      ]);
      // Always for the original.
      const side = trial.left.method === "original" ? "left" : "right";
      wanted.push(side);
      if (index === 0) await page.click(`button:nth-of-type(${side === "left" ? 1 : 2})`);
      else await page.keyboard.press(side === "left" ? "ArrowLeft" : "ArrowRight");
    }
    await says(page, "Thank you");
    await shot(page, "pairs-end");
    await mkdir(at("pairs-saved"));
    const answers = await saved(page, at("pairs-saved"));
    expect(answers.map(({ participant, trial, answer }) => [participant, trial, answer])).toEqual(
      wanted.map((side, index) => [1, index, side]),
    );
    expect(problems).toEqual([]);
    const results = await study("results", at("pairs"), at("pairs-saved"));
    expect(results.shares).toMatchObject([{ name: "original over ours", share: 1, count: 3 }]);
  });

  test("naming: digits and buttons; on a phone nothing is cut off", async () => {
    await study("plan", "naming", `ours=${at("ours")}`, "--participants", "1", "-o", at("names"));
    const phone = { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
    const { page, problems } = await open("names", 1, phone);
    await says(page, "1 of 6");
    await shot(page, "names-1");
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    // 2 is happy; a digit without an answer does nothing.
    await page.keyboard.press("9");
    await page.keyboard.press("2");
    for (let index = 2; index <= 6; index++) {
      await says(page, `${index} of 6`);
      await page.click("p > button:nth-of-type(2)");
    }
    await says(page, "Thank you");
    await mkdir(at("names-saved"));
    await saved(page, at("names-saved"));
    const { shares } = await study("results", at("names"), at("names-saved"));
    // Half of the faces are happy, half angry.
    expect(shares).toMatchObject([{ name: "ours", share: 0.5, count: 6 }]);
    expect(problems).toEqual([]);
  });

  test("a picture that is gone is said, not judged", async () => {
    await study("plan", "naming", `ours=${at("ours")}`, "--participants", "1", "-o", at("gone"));
    await rm(at("gone/pictures"), { recursive: true });
    const { page } = await open("gone", 1);
    await says(page, "cannot be shown");
    expect(await page.$$("button")).toEqual([]);
  });
});
