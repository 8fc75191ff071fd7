import { describe, expect, test } from "vitest";
import { markedPacket, readPacket } from "./packet.ts";

const COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

// As Adobe and exiftool write it: properties as attributes and as elements, a foreign about, padding.
const FOREIGN = `<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="uuid:7" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" dc:format="image/png" Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture">
<dc:creator><rdf:Seq><rdf:li>J\xc3\xbcrgen &amp; Co</rdf:li></rdf:Seq></dc:creator>
<Iptc4xmpExt:AISystemUsed>Other</Iptc4xmpExt:AISystemUsed>
</rdf:Description></rdf:RDF></x:xmpmeta>${" ".repeat(2000)}<?xpacket end="w"?>`;

describe("markedPacket", () => {
  test("writes the IPTC property into a packet of its own", () => {
    const packet = markedPacket(undefined, "compositeWithTrainedAlgorithmicMedia", {});
    expect(packet).toContain(`<Iptc4xmpExt:DigitalSourceType>${COMPOSITE}</Iptc4xmpExt:DigitalSourceType>`);
    expect(packet).toContain(`xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"`);
    expect(packet).toMatch(/^<\?xpacket begin=.*<\?xpacket end="w"\?>$/);
  });

  test("keeps other properties and their subject, removes foreign marks and padding", () => {
    const packet = markedPacket(FOREIGN, "trainedAlgorithmicMedia", { model: "m" });
    expect(packet).toContain("<rdf:li>J\xc3\xbcrgen &amp; Co</rdf:li>");
    expect(packet).toContain(`dc:format="image/png"`);
    expect(packet.match(/rdf:about="uuid:7"/g)).toHaveLength(2);
    expect(packet).not.toContain("digitalCapture");
    expect(packet.match(/DigitalSourceType/g)).toHaveLength(2);
    expect(packet.length).toBeLessThan(FOREIGN.length - 1000);
    expect(readPacket(packet)).toEqual({
      kind: "trainedAlgorithmicMedia",
      uri: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
      model: "m",
    });
  });

  test("a second mark takes the place of the first, to the byte", () => {
    for (const base of [undefined, FOREIGN]) {
      const once = markedPacket(base, "trainedAlgorithmicMedia", { software: "b", note: "c" });
      const other = markedPacket(base, "digitalCapture", { software: "a", version: "1", model: "m" });
      expect(markedPacket(other, "trainedAlgorithmicMedia", { software: "b", note: "c" })).toBe(once);
    }
  });

  test("replaces a packet that says nothing, refuses one that is not RDF", () => {
    expect(markedPacket("<rdf:RDF/>", "composite", {})).toBe(markedPacket(undefined, "composite", {}));
    expect(() => markedPacket("<a:Description/>", "composite", {})).toThrow(/not RDF/);
  });

  test("takes other prefixes for RDF", () => {
    const packet = FOREIGN.replaceAll("rdf:", "r.d:").replaceAll("xmlns:rdf", "xmlns:r.d");
    const marked = markedPacket(packet, "composite", {});
    expect(marked.match(/r\.d:about="uuid:7"/g)).toHaveLength(2);
    expect(readPacket(marked)?.kind).toBe("composite");
  });

  test("refuses details that XML cannot hold", () => {
    expect(() => markedPacket(undefined, "composite", { model: "a\u0000" })).toThrow(/character 0/);
    expect(() => markedPacket(undefined, "composite", { model: "\ud800" })).toThrow(/character 55296/);
    expect(() => markedPacket(undefined, "composite", { model: "a".repeat(2001) })).toThrow(/2000 characters/);
    expect(() => markedPacket(undefined, "composite", { model: 5 as never })).toThrow(/not a text/);
  });

  test("takes linear time on packets made to be slow", () => {
    const size = 2 ** 21;
    const hostile = [
      "<Iptc4xmpExt:DigitalSourceType ".repeat(size / 32),
      `<Iptc4xmpExt:DigitalSourceType${" ".repeat(size)}`,
      " ".repeat(size),
      ` Iptc4xmpExt:DigitalSourceType=`.repeat(size / 32),
      "<".repeat(size),
      " a".repeat(size / 2),
      `<rdf:Description xmlns:prosopon="urn:prosopon:provenance:1">`.repeat(size / 64),
    ];
    for (const text of hostile) {
      const packet = `<rdf:Description/>${text}</rdf:RDF>`;
      expect(markedPacket(packet, "composite", {})).toContain(COMPOSITE.slice(0, 40));
      readPacket(packet);
    }
  }, 20_000);
});

describe("readPacket reads what others write", () => {
  test.each([
    ["an attribute", FOREIGN, "digitalCapture"],
    ["single quotes", `<a b:DigitalSourceType = '${COMPOSITE}'/>`, "compositeWithTrainedAlgorithmicMedia"],
    ["a resource", `<b:DigitalSourceType rdf:resource="${COMPOSITE}"/>`, "compositeWithTrainedAlgorithmicMedia"],
    [
      "https and white space",
      `<b:DigitalSourceType>\n ${COMPOSITE.replace("http", "https")}\n</b:DigitalSourceType>`,
      "compositeWithTrainedAlgorithmicMedia",
    ],
    ["another list", "<b:DigitalSourceType>http://example.org/x</b:DigitalSourceType>", undefined],
  ] as const)("%s", (_, packet, kind) => {
    expect(readPacket(packet)).toMatchObject({ kind });
  });

  test("UTF-8 and references; nothing where nothing is said", () => {
    const packet = `<b:DigitalSourceType>x</b:DigitalSourceType><b:AISystemUsed>J\xc3\xbc &#x41;&#66;&lt;&bogus;&#9999999;</b:AISystemUsed>`;
    expect(readPacket(packet)).toMatchObject({ uri: "x", software: "Jü AB<&bogus;&#9999999;" });
    expect(readPacket("<b:AISystemUsed>x</b:AISystemUsed>")).toBeUndefined();
    expect(readPacket("")).toBeUndefined();
  });
});
