/**
 * Labels set aside for frames of other origins in the pages of a label. Their names follow from its own, so that the service worker knows
 * them without being told: whoever could tell it might be a page, and names that a page chose would be a way out, by looking them up.
 */

/** As many origins as pages of one origin can frame, for one identity. */
const LETTERS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
const LABEL = /^(https?:\/\/[a-z2-7]{20})(?:-[a-l])?(\.view\..+)$/;

/** The origins set aside with a label, be it the pages' own or one of these. @param viewOrigin of the label; of Safest: none. */
export function frameLabelsOf(viewOrigin: string): readonly string[] {
  const [, own, rest] = LABEL.exec(viewOrigin) ?? [];
  return own === undefined || rest === undefined ? [] : LETTERS.map((letter) => `${own}-${letter}${rest}`);
}

/** The origin for whose pages this one was set aside, or itself. */
export function pageLabelOf(viewOrigin: string): string {
  return viewOrigin.replace(LABEL, "$1$2");
}
