import type { KeyPress } from "../services/view-agent.ts";

/** What a key can ask of the frame. */
export type Command =
  | "new-tab"
  | "close-tab"
  | "next-tab"
  | "previous-tab"
  | "move-tab-right"
  | "move-tab-left"
  | "address"
  | "back"
  | "forward"
  | "reload"
  | "stop"
  | "find"
  | "find-next"
  | "find-previous"
  | "zoom-in"
  | "zoom-out"
  | "zoom-reset"
  | "downloads"
  | "site-information"
  | "new-circuit"
  | "new-identity"
  | "shortcuts";

/** One way to press something. `command`: Control, or Command on a Mac. */
export interface Chord {
  readonly key: string;
  readonly command?: boolean;
  readonly alt?: boolean;
  readonly shift?: boolean;
  /** Browsers keep this one for themselves, unless the app has a window of its own. */
  readonly kept?: boolean;
}

export interface Shortcut {
  readonly command: Command;
  readonly label: string;
  readonly chords: readonly Chord[];
}

const MAC_BACK: Chord = { key: "[", command: true };
const MAC_FORWARD: Chord = { key: "]", command: true };

/** As people know them from other browsers, with others where browsers do not let us have those. */
export const SHORTCUTS: readonly Shortcut[] = [
  {
    command: "new-tab",
    label: "New tab",
    chords: [
      { key: "t", command: true, kept: true },
      { key: "t", alt: true },
    ],
  },
  {
    command: "close-tab",
    label: "Close the tab",
    chords: [
      { key: "w", command: true, kept: true },
      { key: "w", alt: true },
    ],
  },
  {
    command: "next-tab",
    label: "Next tab",
    chords: [
      { key: "Tab", command: true, kept: true },
      { key: "PageDown", alt: true },
    ],
  },
  {
    command: "previous-tab",
    label: "Previous tab",
    chords: [
      { key: "Tab", command: true, shift: true, kept: true },
      { key: "PageUp", alt: true },
    ],
  },
  {
    command: "move-tab-right",
    label: "Move the tab right",
    chords: [{ key: "PageDown", alt: true, shift: true }],
  },
  {
    command: "move-tab-left",
    label: "Move the tab left",
    chords: [{ key: "PageUp", alt: true, shift: true }],
  },
  {
    command: "address",
    label: "Type an address",
    chords: [{ key: "l", command: true }, { key: "d", alt: true }, { key: "F6" }],
  },
  { command: "back", label: "Back", chords: [{ key: "ArrowLeft", alt: true }, MAC_BACK] },
  { command: "forward", label: "Forward", chords: [{ key: "ArrowRight", alt: true }, MAC_FORWARD] },
  { command: "reload", label: "Reload", chords: [{ key: "r", command: true }, { key: "F5" }] },
  { command: "stop", label: "Stop loading", chords: [{ key: "Escape" }] },
  { command: "find", label: "Find in the page", chords: [{ key: "f", command: true }] },
  { command: "find-next", label: "Find the next", chords: [{ key: "g", command: true }, { key: "F3" }] },
  {
    command: "find-previous",
    label: "Find the previous",
    chords: [
      { key: "g", command: true, shift: true },
      { key: "F3", shift: true },
    ],
  },
  {
    command: "zoom-in",
    label: "Larger",
    chords: [
      { key: "+", command: true },
      { key: "=", command: true },
    ],
  },
  { command: "zoom-out", label: "Smaller", chords: [{ key: "-", command: true }] },
  { command: "zoom-reset", label: "Usual size", chords: [{ key: "0", command: true }] },
  { command: "downloads", label: "Downloads", chords: [{ key: "j", command: true }] },
  { command: "site-information", label: "About this site", chords: [{ key: "i", command: true }] },
  {
    command: "new-circuit",
    label: "New circuit for this site",
    chords: [{ key: "l", command: true, shift: true }],
  },
  { command: "new-identity", label: "New identity", chords: [{ key: "u", command: true, shift: true }] },
  { command: "shortcuts", label: "These shortcuts", chords: [{ key: "/", command: true }] },
];

/** What a press asks for, if anything. @param mac Command takes the place of Control, and Alt types characters. */
export function commandOf(press: KeyPress, mac: boolean): Command | undefined {
  return SHORTCUTS.find(({ chords }) => chords.some((chord) => isPressed(chord, press, mac)))?.command;
}

function isPressed(chord: Chord, press: KeyPress, mac: boolean): boolean {
  // On a Mac, Alt with an arrow moves by words.
  if (mac && press.altKey && chord.key.startsWith("Arrow")) return false;
  // Control and Tab switch tabs on every system.
  const byControl = !mac || chord.key === "Tab";
  const wanted = chord.command ?? false;
  return (
    press.ctrlKey === (wanted && byControl) &&
    press.metaKey === (wanted && !byControl) &&
    press.altKey === (chord.alt ?? false) &&
    isKey(chord, press)
  );
}

/** Letters by their character, or by their place where Alt or the keyboard makes another of it. */
function isKey({ key, shift }: Chord, press: KeyPress): boolean {
  const isSign = key.length === 1 && !/[a-z]/.test(key);
  // Where a sign is on the keyboard, and with Shift or not, is different from country to country.
  if (isSign) return press.key === key;
  if (press.shiftKey !== (shift ?? false)) return false;
  if (press.key.toLowerCase() === key.toLowerCase()) return true;
  const latin = /^[a-z]$/i.test(press.key);
  return !latin && /^[a-z]$/.test(key) && press.code === `Key${key.toUpperCase()}`;
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  PageUp: "Page Up",
  PageDown: "Page Down",
  Escape: "Esc",
};

/** The keys of a chord, as they are called. */
export function chordKeys({ key, command, alt, shift }: Chord, mac: boolean): string[] {
  const name = NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  return [
    ...(command === true ? [mac && key !== "Tab" ? "⌘" : "Ctrl"] : []),
    ...(alt === true ? [mac ? "⌥" : "Alt"] : []),
    ...(shift === true ? ["Shift"] : []),
    name,
  ];
}

/** The chords to tell of: on a Mac not the ones for others, elsewhere not the Mac's. */
export function shownChords({ chords }: Shortcut, mac: boolean): readonly Chord[] {
  const isMacs = (chord: Chord): boolean => chord === MAC_BACK || chord === MAC_FORWARD;
  const isOthers = (chord: Chord): boolean => chord.key.startsWith("Arrow") && chord.alt === true;
  return chords.filter((chord) => (mac ? !isOthers(chord) : !isMacs(chord)) && chord.key !== "=");
}
