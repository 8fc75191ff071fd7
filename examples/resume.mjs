// Frames from where another program stopped: node examples/resume.mjs JOB [CURSOR]. Stop it with Ctrl-C and give it the last cursor.
import { connect } from "@prosopon/client/node";

const [job, after] = process.argv.slice(2);
const client = connect({ url: process.env.PROSOPON_URL ?? "http://127.0.0.1:4000", token: process.env.PROSOPON_TOKEN });
const options = { onReconnect: ({ reason }) => console.error(`again: ${reason}`), ...(after ? { after } : {}) };
for await (const { seq, cursor } of client.frames(job, options)) console.log(seq, cursor);
