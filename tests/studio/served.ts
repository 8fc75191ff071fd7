import type { FakeGateway } from "@prosopon/client/testing";
import type { Browser } from "puppeteer-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { fakeDub, fakeReenact, fakeStudioGateway, fakeTalk } from "./fake-studio-gateway.ts";
import { buildPage, launchChromium } from "./open-studio.ts";

/** A browser for all tests of a suite and a gateway for each. */
export interface Served {
  readonly browser: Browser;
  /** What was asked of the applications in this test. */
  readonly inputs: Record<string, unknown>[];
  /** The same application, its inputs noted. */
  noting(application: typeof fakeReenact): typeof fakeReenact;
  serve(options?: Parameters<typeof fakeStudioGateway>[0]): Promise<FakeGateway>;
}

/** Opens and closes them around the tests of the suite that calls it. */
export function served(): Served {
  let browser: Browser;
  let gateway: FakeGateway | undefined;
  let inputs: Record<string, unknown>[] = [];
  const noting: Served["noting"] = (application) => (run) => {
    inputs.push({ ...run.input });
    return application(run);
  };
  const applications = { talk: noting(fakeTalk()), reenact: noting(fakeReenact), dub: noting(fakeDub) };
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
  return {
    get browser() {
      return browser;
    },
    get inputs() {
      return inputs;
    },
    noting,
    async serve(options = {}) {
      gateway = await fakeStudioGateway({ applications, ...options });
      return gateway;
    },
  };
}
