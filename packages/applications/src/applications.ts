import type { Application } from "@prosopon/jobs";
import type { ApplicationOptions } from "./application-options.ts";
import { dubApplication } from "./dub-application.ts";
import { portraitApplication } from "./portrait-application.ts";
import { reenactApplication } from "./reenact-application.ts";
import { talkApplication } from "./talk-application.ts";

/** Every application of this package: what a worker or a gateway starts with. */
export const applications = (options: ApplicationOptions): readonly Application[] => [
  dubApplication(options),
  portraitApplication(options),
  reenactApplication(options),
  talkApplication(options),
];
