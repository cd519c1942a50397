import { createHash } from "node:crypto";

const WORDS =
  `river stone copper lantern market autumn signal garden harbour window paper summer bridge candle mountain
  letter orchard silver village thunder feather compass island meadow winter engine valley station printer morning theatre
  pencil kitchen forest shadow captain basket journey violin dragon castle pepper saddle anchor button marble ribbon
  cotton hammer ladder mirror needle oyster parcel quarry rocket sailor tunnel velvet wagon yellow zephyr`.split(
    /\s+/,
  );

/** A number below `bound` that belongs to this seed: the same in every run. */
export function numberOf(seed: string, bound: number): number {
  return createHash("sha256").update(seed).digest().readUInt32BE(0) % bound;
}

export function words(seed: string, count: number): string {
  return Array.from({ length: count }, (_, i) => WORDS[numberOf(`${seed}/${i}`, WORDS.length)]).join(" ");
}

export function sentence(seed: string): string {
  const text = words(seed, 8 + numberOf(seed, 9));
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

export function paragraph(seed: string, sentences = 5): string {
  return Array.from({ length: sentences }, (_, i) => sentence(`${seed}/${i}`)).join(" ");
}

export function title(seed: string): string {
  return words(`title ${seed}`, 4).replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
}

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}
