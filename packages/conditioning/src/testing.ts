export { checkAudioFeatures, fakeAudioFeatures } from "./audio-features-conformance.ts";
export { checkConditionEncoder, fakeCondition } from "./condition-conformance.ts";
