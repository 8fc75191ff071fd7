// A portrait says what a recording says: node examples/talk.mjs face.png speech.wav film.mp4
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "@prosopon/client/node";

const [face, sound, film] = process.argv.slice(2);
const client = connect({ url: process.env.PROSOPON_URL ?? "http://127.0.0.1:4000", token: process.env.PROSOPON_TOKEN });
const portrait = await client.upload(await readFile(face));
const speech = await client.upload(await readFile(sound));
const job = await client.talk({ picture: portrait.id, consent: true, speech: speech.id, emotion: "happy" });
for await (const frame of client.frames(job.id)) console.log(`frame ${frame.seq}, ${frame.data.length} bytes`);
const { content } = await client.artifact(job.id);
await writeFile(film, content.stream());
