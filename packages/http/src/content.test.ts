import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { charsetOfText, decodeText } from "./charset.ts";
import { peek, readUpTo } from "./collect.ts";
import { contentKind } from "./content-kind.ts";
import { Fields } from "./fields.ts";
import { fileNameOf } from "./file-name.ts";
import { mediaTypeOf } from "./media-type.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const typed = (type: string): Fields => new Fields([["content-type", type]]);
const NONE = new Fields([]);
const PNG = bytes("\x89PNG\r\n\x1a\n....");

describe("mediaTypeOf", () => {
  test.each([
    ["text/html", "text/html", undefined],
    ['Text/HTML; x=y; Charset="UTF-8"', "text/html", "utf-8"],
    ["text/plain;charset=latin1", "text/plain", "latin1"],
  ])("%s", (value, essence, charset) => {
    expect(mediaTypeOf(typed(value))).toEqual({ essence, charset });
  });

  test.each(["", "html", "text/", "/html", "a/b/c", "te xt/html"])("%j is no type", (value) => {
    expect(mediaTypeOf(typed(value))).toBeUndefined();
  });

  test("the last valid of several lines counts", () => {
    const fields = new Fields([
      ["content-type", "text/plain"],
      ["content-type", "text/html"],
      ["content-type", "nonsense"],
    ]);
    expect(mediaTypeOf(fields)?.essence).toBe("text/html");
  });
});

describe("charsetOfText", () => {
  test.each([
    ["a byte order mark beats everything", typed("text/html; charset=koi8-r"), "\xef\xbb\xbfx", "utf-8"],
    ["UTF-16 has one too", typed("text/html"), "\xff\xfex\0", "utf-16le"],
    ["then the field", typed("text/html; charset=koi8-r"), "<meta charset=utf-8>", "koi8-r"],
    [
      "an unknown name counts for nothing",
      typed("text/html; charset=klingon"),
      "<meta charset=koi8-r>",
      "koi8-r",
    ],
    [
      "then meta charset",
      typed("text/html"),
      "<head><meta name=x content='charset=z'><META CHARSET='koi8-r'>",
      "koi8-r",
    ],
    [
      "then meta http-equiv",
      NONE,
      '<meta http-equiv="Content-Type" content="text/html; charset=shift_jis">',
      "shift_jis",
    ],
    ["not within a comment", NONE, "<!-- <meta charset=koi8-r> --><meta charset=gbk>", "gbk"],
    ["a readable meta cannot be UTF-16", NONE, "<meta charset=utf-16>", "utf-8"],
    ["valid UTF-8 is UTF-8", NONE, "caf\xc3\xa9", "utf-8"],
    ["the rest is windows-1252", NONE, "caf\xe9", "windows-1252"],
    [
      "a meta after 1024 bytes comes too late",
      NONE,
      `${" ".repeat(1024)}<meta charset=koi8-r>\xe9`,
      "windows-1252",
    ],
  ])("%s", (_, fields, text, expected) => {
    expect(charsetOfText(fields, bytes(text), true)).toBe(expected);
  });

  test("plain text has no meta", () => {
    expect(charsetOfText(NONE, bytes("<meta charset=koi8-r>"), false)).toBe("utf-8");
  });

  test("decoding never fails, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (any) => {
        expect(typeof decodeText(any, charsetOfText(NONE, any, true))).toBe("string");
      }),
    );
  });
});

describe("contentKind", () => {
  test.each([
    ["text/html", "x", { kind: "html" }],
    ["application/xhtml+xml", "x", { kind: "html" }],
    ["text/css", "a{}", { kind: "text" }],
    ["application/json", "{}", { kind: "text" }],
    ["text/plain", "<html>", { kind: "text" }],
    ["text/plain", "MZ\0\x01", { kind: "download", type: "text/plain" }],
    ["application/zip", "PK", { kind: "download", type: "application/zip" }],
    ["image/svg+xml", "<svg>", { kind: "download", type: "image/svg+xml" }],
    ["image/jpeg", "<script>", { kind: "download", type: "image/jpeg" }],
    ["", " <!DOCTYPE html>", { kind: "html" }],
    ["", "plain words", { kind: "text" }],
    ["", "\x7fELF\0", { kind: "download", type: "application/octet-stream" }],
  ])("%j starting with %j", (type, text, expected) => {
    expect(contentKind(typed(type), bytes(text))).toEqual(expected);
  });

  test("an image is what its bytes say", () => {
    expect(contentKind(typed("image/jpeg"), PNG)).toEqual({ kind: "image", type: "image/png" });
    expect(contentKind(NONE, PNG)).toEqual({ kind: "image", type: "image/png" });
  });

  test("an attachment is never shown", () => {
    const fields = new Fields([
      ["content-type", "text/html"],
      ["content-disposition", "attachment; filename=x.html"],
    ]);
    expect(contentKind(fields, bytes("<html>")).kind).toBe("download");
  });
});

describe("fileNameOf", () => {
  const named = (disposition: string): string =>
    fileNameOf(new Fields([["content-disposition", disposition]]), new URL("http://a.test/dir/page.html?x"));

  test.each([
    ["attachment; filename=a.txt", "a.txt"],
    ['attachment; filename="a \\"b\\".txt"', "a b.txt"],
    ["attachment; filename=x; filename*=UTF-8''caf%C3%A9.txt", "café.txt"],
    ["attachment", "page.html"],
    ['attachment; filename="../../etc/passwd"', "passwd"],
    ['attachment; filename="C:\\\\x\\\\y.exe"', "y.exe"],
    ['attachment; filename="...."', "page.html"],
    ['attachment; filename="a\u202etxt.exe"', "atxt.exe"],
  ])("%s is saved as %s", (disposition, expected) => {
    expect(named(disposition)).toBe(expected);
  });

  test("is never empty, long or a path", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
        const saved = named(`attachment; filename="${name}"`);
        expect(saved.length).toBeGreaterThan(0);
        expect(saved.length).toBeLessThanOrEqual(120);
        expect(saved).not.toMatch(/[/\\]|^\./);
      }),
    );
  });
});

describe("collecting", () => {
  async function* pieces(...lengths: number[]): AsyncGenerator<Uint8Array, void> {
    for (const length of lengths) {
      await Promise.resolve();
      yield new Uint8Array(length).fill(length);
    }
  }

  test("readUpTo tells a body of just the limit from a longer one", async () => {
    expect((await readUpTo(pieces(2, 3), 5)).complete).toBe(true);
    const cut = await readUpTo(pieces(2, 4), 5);
    expect(cut).toEqual({ bytes: Uint8Array.of(2, 2, 4, 4, 4), complete: false });
  });

  test("peek shows the start and loses nothing", async () => {
    const { start, body } = await peek(pieces(2, 3, 4), 4);
    expect(start).toEqual(Uint8Array.of(2, 2, 3, 3));
    expect((await readUpTo(body, 100)).bytes).toEqual(Uint8Array.of(2, 2, 3, 3, 3, 4, 4, 4, 4));
  });
});
