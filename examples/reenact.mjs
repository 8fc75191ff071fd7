// A picture gets another emotion: node examples/reenact.mjs face.png sad edited.png
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "@prosopon/client/node";

const [face, emotion, edited] = process.argv.slice(2);
const client = connect({ url: process.env.PROSOPON_URL ?? "http://127.0.0.1:4000", token: process.env.PROSOPON_TOKEN });
const image = await client.upload(await readFile(face));
const job = await client.reenact({ picture: image.id, consent: true, to: [emotion] });
for await (const { state, progress } of client.watch(job.id)) console.log(state, progress?.label ?? "");
const { content } = await client.artifact(job.id);
await writeFile(edited, content.stream());
