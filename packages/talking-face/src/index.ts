export { frameTimes } from "./frame-times.ts";
export { type GuidedFrameOptions, guidedConditions, guidedFrame } from "./guided-frame.ts";
export {
  type PortraitControl,
  type PortraitMotion,
  portraitControlNames,
  portraitControls,
} from "./portrait-controls.ts";
export { readAhead } from "./read-ahead.ts";
export { type RowWindow, type SlidingWindowsOptions, slidingWindows } from "./sliding-windows.ts";
export type { FirstStage, Parameters, TalkDenoiser } from "./talk-model.ts";
export type { Planes } from "./talk-networks.ts";
export { type TalkSettings, type TalkSettingsInput, talkSettings, talkSettingsSchema } from "./talk-settings.ts";
export { decodeTalkState, encodeTalkState, type TalkState } from "./talk-state.ts";
export {
  type CreateTalkerOptions,
  createTalker,
  type SynthesizeOptions,
  type Talker,
  type TalkFrame,
  type TalkInput,
} from "./talker.ts";
