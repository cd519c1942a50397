import { describe, expect, test } from "vitest";
import type { KeyPress } from "../services/view-agent.ts";
import { chordKeys, commandOf, SHORTCUTS, shownChords } from "./shortcuts.ts";

/** "ctrl+shift+l" as a browser reports it. */
function press(text: string, change: Partial<KeyPress> = {}): KeyPress {
  const parts = text.split("+");
  const key = text.endsWith("++") ? "+" : (parts.at(-1) ?? "");
  return {
    key: parts.includes("shift") && key.length === 1 ? key.toUpperCase() : key,
    code: /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : key,
    ctrlKey: parts.includes("ctrl"),
    altKey: parts.includes("alt"),
    shiftKey: parts.includes("shift"),
    metaKey: parts.includes("meta"),
    ...change,
  };
}

describe("elsewhere than on a Mac", () => {
  test.each([
    ["ctrl+t", "new-tab"],
    ["alt+t", "new-tab"],
    ["ctrl+l", "address"],
    ["ctrl+shift+l", "new-circuit"],
    ["alt+ArrowLeft", "back"],
    ["F5", "reload"],
    ["ctrl++", "zoom-in"],
    ["ctrl+shift+Tab", "previous-tab"],
    ["alt+shift+PageUp", "move-tab-left"],
    ["t", undefined],
    ["ctrl+alt+t", undefined],
    ["meta+t", undefined],
    ["shift+F5", undefined],
  ])("%s: %s", (text, command) => {
    expect(commandOf(press(text), false)).toBe(command);
  });
});

describe("on a Mac", () => {
  test.each([
    ["meta+t", "new-tab"],
    ["meta+[", "back"],
    ["alt+ArrowLeft", undefined],
    ["ctrl+t", undefined],
    ["ctrl+Tab", "next-tab"],
  ])("%s: %s", (text, command) => {
    expect(commandOf(press(text), true)).toBe(command);
  });

  test("Alt makes another character of a letter", () => {
    expect(commandOf(press("alt+t", { key: "†" }), true)).toBe("new-tab");
  });
});

test("a keyboard of other letters, and one that has the signs elsewhere", () => {
  expect(commandOf(press("ctrl+t", { key: "е" }), false)).toBe("new-tab");
  // On a Dvorak keyboard the key of a QWERTY t types y, and that is what is meant.
  expect(commandOf(press("ctrl+t", { key: "y" }), false)).toBeUndefined();
  expect(commandOf(press("ctrl+shift+7", { key: "/", code: "Digit7" }), false)).toBe("shortcuts");
});

test("no two shortcuts are the same, and each has one that browsers let us have", () => {
  for (const mac of [false, true]) {
    const chords = SHORTCUTS.flatMap((shortcut) => shownChords(shortcut, mac));
    const texts = chords.map((chord) => chordKeys(chord, mac).join("+"));
    expect(new Set(texts).size).toBe(texts.length);
    for (const shortcut of SHORTCUTS)
      expect(
        shownChords(shortcut, mac).some(({ kept }) => kept !== true),
        shortcut.label,
      ).toBe(true);
  }
});
