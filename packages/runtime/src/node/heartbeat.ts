import { Socket } from "node:net";
import { workerData } from "node:worker_threads";

// A thread of the child that no session blocks. It answers each line of the parent with the same line and for how many milliseconds the main
// thread has been at its current call. When the parent is gone, nobody wants the result any more.
const waitingSince = workerData as BigInt64Array;
const socket = new Socket({ fd: 4 });
let rest = "";
socket.setEncoding("utf8");
socket.on("data", (text) => {
  const lines = (rest + String(text)).split("\n");
  rest = lines.pop() ?? "";
  const since = Number(Atomics.load(waitingSince, 0));
  for (const line of lines) socket.write(`${line} ${since === 0 ? 0 : Math.max(1, Date.now() - since)}\n`);
});
const end = (): void => void process.kill(process.pid, "SIGKILL");
socket.on("end", end);
socket.on("error", end);
