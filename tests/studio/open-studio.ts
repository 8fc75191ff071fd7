import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, launch, type Page } from "puppeteer-core";

export const chromium = "/usr/bin/chromium";
export const chromiumIsHere = existsSync(chromium);

/** Builds the page from the sources as they are. */
export function buildPage(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL("../../apps/studio/build.mjs", import.meta.url))], {
    stdio: "pipe",
  });
}

export const launchChromium = (): Promise<Browser> =>
  launch({
    executablePath: chromium,
    headless: true,
    args: [
      "--no-sandbox",
      "--autoplay-policy=no-user-gesture-required",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
    ],
  });

export interface StudioPage {
  readonly page: Page;
  /** What went wrong in it: errors, refused content, failed requests. */
  readonly problems: string[];
  /** Waits until the page's text has this. */
  says(text: string): Promise<void>;
  /** Presses the button, switch or tile whose text has this. */
  press(text: string): Promise<void>;
  /** Takes the example's speech and lets the portrait say it. */
  speakExample(): Promise<void>;
  /** What the page last said aloud. */
  status(): Promise<string>;
  /** How many frames came, as the page counts them. */
  frames(): Promise<string | undefined>;
  /** What the file that can be kept is called. */
  kept(): Promise<string>;
}

export interface OpenStudioOptions {
  readonly url: string;
  readonly phone?: boolean;
  readonly dark?: boolean;
}

/** The studio in a fresh page, connected. */
export async function openStudio(
  browser: Browser,
  { url, phone = false, dark = false }: OpenStudioOptions,
): Promise<StudioPage> {
  const context = await browser.createBrowserContext();
  await context.overridePermissions(new URL(url).origin, ["microphone"]);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.setViewport(
    phone
      ? { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
      : { width: 1280, height: 900 },
  );
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push((error as Error).message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(url);
  await page.waitForSelector(".link-ready, .link-locked");
  const says: StudioPage["says"] = async (text) => {
    await page.waitForFunction((wanted) => document.body.textContent?.includes(wanted), {}, text);
  };
  const press: StudioPage["press"] = async (text) => {
    const found = await page.evaluateHandle(
      (wanted) =>
        [...document.querySelectorAll("button, summary, label")].find((one) => one.textContent?.includes(wanted)),
      text,
    );
    const element = found.asElement();
    if (!element) throw new Error(`Nothing to press says "${text}".`);
    await (element as Awaited<ReturnType<Page["$"]>>)?.click();
  };
  return {
    page,
    problems,
    says,
    press,
    async speakExample() {
      await press("Example");
      await says("Ready.");
      await press("Let it speak");
    },
    status: () => page.$eval(".status", (one) => one.textContent ?? ""),
    frames: () => page.$eval(".figures", (one) => /of (\d+)/.exec(one.textContent ?? "")?.[1]),
    kept: () => page.$eval("a[download]", (one) => (one as HTMLAnchorElement).download),
  };
}
