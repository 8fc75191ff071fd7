import { computed, signal } from "@preact/signals";
import { type Client, connect, type RunnableApplication } from "@prosopon/client";
import { isProsoponError } from "@prosopon/errors";

/** How the page stands with its gateway. */
export type Connection = "connecting" | "ready" | "locked" | "away";

export const connection = signal<Connection>("connecting");
export const trouble = signal("");
export const emotions = signal<readonly string[]>([]);
export const applications = signal<readonly RunnableApplication[]>([]);
export const models = signal<readonly string[]>([]);

/** Kinds of models that make pictures; the others look at them. */
const makers = ["reenactment", "talking-face"];
const keep = "prosopon.token";
let client = open(sessionStorage.getItem(keep) ?? undefined);

export const canTalk = computed(() => applications.value.some(({ name }) => name === "talk"));
export const canDub = computed(() => applications.value.some(({ name }) => name === "dub"));
export const canReenact = computed(() => applications.value.some(({ name }) => name === "reenact"));

/** The client of the gateway that served this page. */
export const gateway = (): Client => client;

function open(token: string | undefined): Client {
  return connect({ url: location.origin, ...(token ? { token } : {}) });
}

/** Asks what the gateway offers; tries again by itself while it is away. */
export async function greet(): Promise<void> {
  connection.value = connection.value === "away" ? "away" : "connecting";
  try {
    const [names, offered, installed] = await Promise.all([client.emotions(), client.applications(), client.models()]);
    emotions.value = names;
    applications.value = offered;
    models.value = installed.filter(({ kind }) => makers.includes(kind)).map(({ name }) => name);
    connection.value = "ready";
    trouble.value = "";
  } catch (error) {
    trouble.value = error instanceof Error ? error.message : String(error);
    const refused = isProsoponError(error) && error.code === "bad-input";
    connection.value = refused ? "locked" : "away";
    if (!refused) setTimeout(greet, 3000);
  }
}

/** Tries a key; kept for this tab only. */
export async function unlock(token: string): Promise<void> {
  client.close();
  sessionStorage.setItem(keep, token);
  client = open(token);
  await greet();
}
