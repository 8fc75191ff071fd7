export { checkConditionEncoder, fakeCondition } from "./condition-conformance.ts";
