import { editingCases } from "./editing-cases.ts";
import { firstStageCases } from "./first-stage-cases.ts";
import { fixture, lazily, microRoot } from "./fixture.ts";
import { scheduleCases } from "./schedule-cases.ts";
import { trainingCases } from "./training-cases.ts";
import { unetCases } from "./unet-cases.ts";

const micro = lazily(() => fixture(microRoot, "ldm-micro"));
unetCases("ldm-micro", micro);
firstStageCases("ldm-micro", micro);
scheduleCases("ldm-micro", micro);
editingCases("ldm-micro", micro, {
  manipulations: ["manip-g1", "manip-g2"],
  generations: ["ddimA-eta0"],
  plms: [],
});
trainingCases("ldm-micro", micro);
