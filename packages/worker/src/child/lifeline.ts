import { Socket } from "node:net";

// A thread of the child that no model blocks: when the parent is gone, nobody wants the work any more.
const socket = new Socket({ fd: 4 });
const end = (): void => void process.kill(process.pid, "SIGKILL");
socket.on("end", end).on("error", end).resume();
