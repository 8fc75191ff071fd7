import type { JSX } from "preact";

const paths = {
  play: "M8 5.5v13l10.500-6.500z",
  stop: "M7 7h10v10H7z",
  microphone: "M12 3.500a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0v-5a3 3 0 0 0-3-3ZM6 11.500a6 6 0 0 0 12 0M12 17.500v3",
  upload: "M12 15.500v-11M7.500 9 12 4.500 16.500 9M5 19.500h14",
  download: "M12 4.500v11M7.500 11l4.500 4.500 4.500-4.500M5 19.500h14",
  shuffle:
    "M4 7.500h3l9 9h4M4 16.500h3l2.500-2.500M13.500 10l2.500-2.500h4M17.500 5l2.500 2.500-2.500 2.500M17.500 14l2.500 2.500-2.500 2.500",
  wave: "M4 12h1.500M8 8.500v7M12 5v14M16 8.500v7M18.500 12H20",
  grid: "M5 5h6v6H5zM13 5h6v6h-6zM5 13h6v6H5zM13 13h6v6h-6z",
  film: "M4.500 6h15v12h-15zM8.500 6v12M15.500 6v12M4.500 10h4M4.500 14h4M15.500 10h4M15.500 14h4",
  close: "M6.500 6.500l11 11M17.500 6.500l-11 11",
  spark: "M12 4l1.800 6.200L20 12l-6.200 1.800L12 20l-1.800-6.200L4 12l6.200-1.800z",
  again: "M5 12a7 7 0 1 0 2.300-5.200M5 4.500v4h4",
  check: "M5.500 12.500l4 4 9-9.500",
} as const;

export type IconName = keyof typeof paths;

/** A small drawing in the colour of the text; it says nothing to screen readers. */
export const Icon = ({ name, filled = false }: { readonly name: IconName; readonly filled?: boolean }): JSX.Element => (
  <svg class={filled ? "icon icon-filled" : "icon"} viewBox="0 0 24 24" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
);
