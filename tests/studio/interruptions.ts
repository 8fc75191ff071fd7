import { expect, test } from "vitest";
import { fakeReenact, fakeTalk } from "./fake-studio-gateway.ts";
import { openStudio } from "./open-studio.ts";
import type { Served } from "./served.ts";

/** Jobs that are cut off, left, cancelled or that fail. */
export function interruptionsTests(studio: Served): void {
  test("goes on after its connections were cut, and says so", async () => {
    const place = await studio.serve({ applications: { talk: fakeTalk(40), reenact: fakeReenact } });
    const { says, speakExample, frames } = await openStudio(studio.browser, { url: place.url });
    await speakExample();
    await says("Streaming");
    place.cut();
    await says("Reconnected");
    await says("Done.");
    expect(await frames()).toBe("111");
  });

  test("takes a job up again after a reload", async () => {
    const { url } = await studio.serve();
    const { page, says, speakExample, frames } = await openStudio(studio.browser, { url });
    await speakExample();
    await says("Streaming");
    expect(page.url()).toContain("#job=job-1");
    await page.reload();
    await says("Streaming");
    await says("Done.");
    expect(await frames()).toBe("111");
    expect(studio.inputs).toHaveLength(1);
  });

  test("cancels, and can start anew", async () => {
    const { url } = await studio.serve({ applications: { talk: studio.noting(fakeTalk(5)), reenact: fakeReenact } });
    const { press, says, status, speakExample } = await openStudio(studio.browser, { url });
    await speakExample();
    await says("Streaming");
    await press("Cancel");
    await says("Stopped.");
    expect(await status()).toBe("Stopped.");
    await press("Speak again");
    await says("Streaming");
    expect(studio.inputs).toHaveLength(2);
  });

  test("tells why a job failed", async () => {
    const { url } = await studio.serve({
      applications: {
        // biome-ignore lint/correctness/useYield: it fails before its first frame
        async *talk() {
          throw new Error("There is no face in the picture.");
        },
        reenact: fakeReenact,
      },
    });
    const { says, speakExample } = await openStudio(studio.browser, { url });
    await speakExample();
    await says("There is no face in the picture.");
  });
}
