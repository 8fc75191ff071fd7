import { describe } from "vitest";
import { editingCases } from "./editing-cases.ts";
import { firstStageCases } from "./first-stage-cases.ts";
import { fixture, fullRoot, haveFull, lazily } from "./fixture.ts";
import { scheduleCases } from "./schedule-cases.ts";
import { trainingCases } from "./training-cases.ts";
import { unetCases } from "./unet-cases.ts";

const tiny = lazily(() => fixture(fullRoot, "ldm-tiny"));
describe.skipIf(!haveFull())("large fixtures (PROSOPON_FIXTURES)", () => {
  unetCases("ldm-tiny", tiny);
  firstStageCases("ldm-tiny", tiny);
  scheduleCases("ldm-tiny", tiny);
  editingCases("ldm-tiny", tiny, {
    manipulations: ["manip-g1", "manip-cycle", "manip-g3"],
    generations: ["ddimA-eta0", "ddimA-eta1", "ddimA-eta1-g3"],
    plms: ["plms-g1", "plms-g2"],
  });
  trainingCases("ldm-tiny", tiny);
});
