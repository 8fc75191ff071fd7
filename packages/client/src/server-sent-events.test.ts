import fc from "fast-check";
import { expect, test } from "vitest";
import { type ServerSentEvent, serverSentEvents } from "./server-sent-events.ts";

async function parsed(text: string, cut: number): Promise<ServerSentEvent[]> {
  const bytes = new TextEncoder().encode(text);
  const found: ServerSentEvent[] = [];
  const chunks = async function* () {
    for (let start = 0; start < bytes.length; start += cut) yield bytes.subarray(start, start + cut);
  };
  for await (const event of serverSentEvents(chunks())) found.push(event);
  return found;
}

test("events come out as they were written, whatever the line ends and the cuts", async () => {
  const line = fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !/[\r\n]/.test(text));
  const event = fc.record({
    event: fc.constantFrom("next", "complete"),
    data: fc.array(line, { minLength: 1, maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 4 }),
      fc.constantFrom("\n", "\r\n"),
      fc.integer({ min: 1, max: 30 }),
      async (events, end, cut) => {
        const text = events.map((e) =>
          [":note", `event: ${e.event}`, ...e.data.map((d) => `data: ${d}`), "", ""].join(end),
        );
        expect(await parsed(`:${end}${end}${text.join("")}`, cut)).toEqual(
          events.map((e) => ({ event: e.event, data: e.data.join("\n") })),
        );
      },
    ),
  );
});

test("an event that the end cuts off is dropped", async () => {
  expect(await parsed("event: next\ndata: 1\n\nevent: next\ndata: 2\n", 5)).toEqual([{ event: "next", data: "1" }]);
});
