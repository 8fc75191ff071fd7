import { render } from "preact";
import { greet } from "./state/gateway.ts";
import { resume } from "./state/performance.ts";
import { Studio } from "./view/studio.tsx";

const place = document.getElementById("studio");
if (place) render(<Studio />, place);
await greet();
resume();
