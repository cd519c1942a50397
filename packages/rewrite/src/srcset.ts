/**
 * Rewrites the addresses of a `srcset` (HTML §4.8.4.2.2); candidates whose address `rewrite` refuses are left out.
 * @returns undefined when none is left.
 */
export function rewriteSrcset(
  text: string,
  rewrite: (address: string) => string | undefined,
): string | undefined {
  const candidates: string[] = [];
  for (const { address, descriptors } of candidatesOf(text)) {
    const rewritten = rewrite(address);
    if (rewritten !== undefined) candidates.push([quoteless(rewritten), ...descriptors].join(" "));
  }
  return candidates.length === 0 ? undefined : candidates.join(", ");
}

interface Candidate {
  readonly address: string;
  readonly descriptors: readonly string[];
}

const SPACE = /[ \t\n\f\r]/;

function* candidatesOf(text: string): Generator<Candidate> {
  const words = /[ \t\n\f\r,]*([^ \t\n\f\r]+)/y;
  for (let match = words.exec(text); match !== null; match = words.exec(text)) {
    const word = match[1] ?? "";
    const address = withoutCommas(word);
    if (address === "") continue;
    if (address.length < word.length) {
      yield { address, descriptors: [] };
      continue;
    }
    const end = endOfDescriptors(text, words.lastIndex);
    const descriptors = text.slice(words.lastIndex, end).split(SPACE).filter(isDescriptor);
    words.lastIndex = end;
    yield { address, descriptors };
  }
}

/** Commas in parentheses do not end a candidate, as the standard foresees descriptors that have them. */
function endOfDescriptors(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "(") depth = 1;
    else if (character === ")") depth = 0;
    else if (character === "," && depth === 0) return at;
  }
  return text.length;
}

function isDescriptor(word: string): boolean {
  return /^[-+.0-9e]+[wxh]$/i.test(word);
}

function withoutCommas(word: string): string {
  let end = word.length;
  while (end > 0 && word.endsWith(",", end)) end--;
  return word.slice(0, end);
}

/** A comma at an end, or a blank, would not belong to the address. */
function quoteless(address: string): string {
  return address
    .replace(/[ \t\n\f\r]/g, "%20")
    .replace(/^,/, "%2C")
    .replace(/,$/, "%2C");
}
