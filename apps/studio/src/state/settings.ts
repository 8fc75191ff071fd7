import { signal } from "@preact/signals";

/** What the page is used for now: a face that speaks, a face that feels, or a film that says something else. */
export const mode = signal<"speak" | "feel" | "dub">("speak");
export const emotion = signal("happy");
/** The emotion that a visitor's picture shows before it is changed; empty: the gateway recognises it. */
export const shown = signal("");
/** How strongly a speaking face shows its emotion: 1 slight, 2 clear, 3 strong. */
export const intensity = signal(2);
/** 0 to 1: how much of the picture is let go before it is made again. */
export const strength = signal(0.5);

/** How hard the emotion pulls (1: plain) and how many steps the model takes, for each use: speech has to keep pace. */
export const pull = { speak: signal(3.5), feel: signal(1.75) } as const;
export const steps = { speak: signal(1), feel: signal(8) } as const;
