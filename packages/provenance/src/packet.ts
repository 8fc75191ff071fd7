import { ProsoponError } from "@prosopon/errors";
import { decodeUtf8 } from "./byte-text.ts";
import { type DigitalSource, sourceOf, sourceUri } from "./digital-source.ts";

/** What may be said beside the kind; each text at most 2000 characters of XML 1.0. */
export interface MarkDetails {
  /** The program, as Iptc4xmpExt:AISystemUsed. */
  readonly software?: string;
  /** Its version, as Iptc4xmpExt:AISystemVersionUsed. */
  readonly version?: string;
  /** The model or checkpoint. */
  readonly model?: string;
  readonly note?: string;
}

export interface Provenance extends MarkDetails {
  /** Undefined if the file names a source type outside the IPTC list. */
  readonly kind: DigitalSource | undefined;
  /** The source type as it stands in the file. */
  readonly uri: string;
}

const OWN = "urn:prosopon:provenance:1";
const PROPERTIES = {
  software: "Iptc4xmpExt:AISystemUsed",
  version: "Iptc4xmpExt:AISystemVersionUsed",
  model: "prosopon:model",
  note: "prosopon:note",
} as const satisfies Record<keyof MarkDetails, string>;
const KEYS = Object.keys(PROPERTIES) as (keyof MarkDetails)[];
const SOURCE = "Iptc4xmpExt:DigitalSourceType";

/**
 * The packet (as byte text) with the mark in it and every other property kept. A mark that was there, whoever wrote it, goes.
 * Throws `bad-file` for a packet that is no RDF, `bad-input` for details that XML cannot hold.
 */
export function markedPacket(packet: string | undefined, kind: DigitalSource, details: MarkDetails): string {
  const properties = KEYS.flatMap((key) => {
    const text = details[key];
    return text === undefined ? [] : [`<${PROPERTIES[key]}>${escaped(key, text)}</${PROPERTIES[key]}>`];
  });
  const source = `<${SOURCE}>${sourceUri(kind)}</${SOURCE}>`;
  const base = packet?.includes(":Description") ? packet : EMPTY;
  const prefix = /<\/([\w.-]{1,64}):RDF\s*>/.exec(base)?.[1];
  if (prefix === undefined) {
    throw new ProsoponError("bad-file", "The XMP packet of the file is not RDF, so the mark cannot join it.", {
      mend: "Remove its XMP metadata first.",
    });
  }
  const cleaned = trimmed(withoutMark(base, prefix));
  const literal = prefix.replaceAll(".", "\\.");
  // All descriptions of a packet speak about the same thing.
  const about = new RegExp(`\\s${literal}:about\\s*=\\s*("[^"]*"|'[^']*')`).exec(cleaned)?.[1] ?? '""';
  const description = `${opening(prefix)} ${prefix}:about=${about} xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">${source}${properties.join("")}</${prefix}:Description>`;
  const at = cleaned.search(new RegExp(`</${literal}:RDF\\s*>`));
  return cleaned.slice(0, at) + description + cleaned.slice(at);
}

/** The mark in a packet (byte text), or undefined if it names no digital source type. */
export function readPacket(packet: string): Provenance | undefined {
  const uri = valueIn(packet, SOURCE)?.trim();
  if (uri === undefined) return undefined;
  const details: Partial<Record<keyof MarkDetails, string>> = {};
  for (const key of KEYS) {
    const text = valueIn(packet, PROPERTIES[key]);
    if (text !== undefined) details[key] = text;
  }
  return { kind: sourceOf(uri), uri, ...details };
}

// The byte order mark in the header is written as the three bytes of its UTF-8 form.
const EMPTY = `<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

function opening(prefix: string): string {
  return `<${prefix}:Description xmlns:prosopon="${OWN}"`;
}

// A property is an element or an attribute. Prefixes are free in XML, so those of IPTC are matched by the local name. Each pattern
// takes time linear in the packet: no repeated part can begin in more than one place.
function element(name: string): RegExp {
  const [prefix, local] = name.split(":") as [string, string];
  const any = prefix === "prosopon" ? "(prosopon)" : "([\\w.-]{1,64})";
  return new RegExp(`<${any}:${local}((?:\\s[^<>]*)?)(?:/>|>([^<]*)</\\1:${local}\\s*>)`, "g");
}

function attribute(name: string): RegExp {
  const [prefix, local] = name.split(":") as [string, string];
  return new RegExp(`\\s${prefix === "prosopon" ? prefix : "[\\w.-]{1,64}"}:${local}\\s*=\\s*("[^"]*"|'[^']*')`, "g");
}

function withoutMark(packet: string, prefix: string): string {
  const closing = `</${prefix}:Description>`;
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const start = packet.indexOf(opening(prefix), at);
    const end = start < 0 ? -1 : packet.indexOf(closing, start);
    if (end < 0) break;
    parts.push(packet.slice(at, start));
    at = end + closing.length;
  }
  let rest = parts.join("") + packet.slice(at);
  for (const name of [SOURCE, ...Object.values(PROPERTIES)]) {
    rest = rest.replace(element(name), "").replace(attribute(name), "");
  }
  return rest;
}

function valueIn(packet: string, name: string): string | undefined {
  const found = element(name).exec(packet);
  if (found !== null) {
    const resource = /\s(?:[\w.-]{1,64}:)?resource\s*=\s*("[^"]*"|'[^']*')/.exec(found[2]!)?.[1];
    return plain(found[3] || (resource === undefined ? "" : resource.slice(1, -1)));
  }
  const quoted = attribute(name).exec(packet)?.[1];
  return quoted === undefined ? undefined : plain(quoted.slice(1, -1));
}

// The white space that editors leave before the end is room, not content; a JPEG segment has none to spare.
function trimmed(packet: string): string {
  const end = packet.lastIndexOf("<?xpacket end");
  return end < 0 ? packet : packet.slice(0, end).trimEnd() + packet.slice(end);
}

/** ASCII only: other characters become references, so that the text needs no encoding. */
function escaped(key: string, text: string): string {
  if (typeof text !== "string" || text.length > 2000) {
    throw new ProsoponError("bad-input", `The detail "${key}" is not a text of at most 2000 characters.`, {
      values: { key },
    });
  }
  return Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    const allowed =
      code === 9 ||
      code === 10 ||
      code === 13 ||
      (code >= 32 && (code < 0xd800 || code > 0xdfff) && (code & ~1) !== 0xfffe);
    if (!allowed) {
      throw new ProsoponError("bad-input", `The detail "${key}" holds character ${code}, which XML cannot write.`, {
        values: { key, code },
      });
    }
    return code < 32 || code > 126 || "<>&\"'".includes(character) ? `&#${code};` : character;
  }).join("");
}

const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function plain(text: string): string {
  return decodeUtf8(text).replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|([a-z]{2,4}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
