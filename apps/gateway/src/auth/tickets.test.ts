import { expect, test } from "vitest";
import { createTickets } from "./tickets.ts";

test("a ticket opens its job and scope until its end, and nothing else", () => {
  let time = 1000;
  const tickets = createTickets({ seconds: 10, now: () => time });
  const { ticket, expires } = tickets.issue({ tenant: "anna", job: "j1", scope: "read" });
  expect(expires).toBe(11_000);
  expect(tickets.redeem(ticket, "j1", "read")).toEqual({ tenant: "anna", expires: 11_000 });
  expect(tickets.redeem(ticket, "j2", "read")).toBeUndefined();
  expect(tickets.redeem(ticket, "j1", "feed")).toBeUndefined();
  expect(createTickets({ seconds: 10, now: () => time }).redeem(ticket, "j1", "read")).toBeUndefined();
  for (let at = 0; at < ticket.length; at++) {
    const changed = ticket.slice(0, at) + (ticket[at] === "A" ? "B" : "A") + ticket.slice(at + 1);
    const grant = tickets.redeem(changed, "j1", "read");
    // The last letter of base64 has spare bits; a change of these alone is the same tag.
    if (grant)
      expect([
        at,
        Buffer.from(changed.split(".")[1]!, "base64url").equals(Buffer.from(ticket.split(".")[1]!, "base64url")),
      ]).toEqual([ticket.length - 1, true]);
  }
  time = 11_000;
  expect(tickets.redeem(ticket, "j1", "read")).toBeUndefined();
});

test("a ticket does not outlive the credential that asked for it", () => {
  const tickets = createTickets({ seconds: 10, now: () => 0 });
  expect(tickets.issue({ tenant: "anna", job: "j1", scope: "read" }, 3000).expires).toBe(3000);
});
