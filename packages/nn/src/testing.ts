export { checkExpert, fakeExpert } from "./expert-conformance.ts";
