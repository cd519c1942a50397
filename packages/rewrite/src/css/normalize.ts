/** The letters of "url" that no hexadecimal escape could swallow; the tokenizer knows `url(` only by these letters themselves. */
const LETTERS = new Set("urlURL");

/**
 * The text as CSS Syntax §3.3 wants it (line feeds, no NUL), and with escapes of u, r and l resolved: the tokenizer takes `\75rl(x)` for
 * a function of that name, where browsers see `url(x)`. None of the three is a hexadecimal digit, so none can become part of another
 * escape. All escapes are walked through in turn, so that of `\\75` nothing is taken for one.
 */
export function normalizeCss(text: string): string {
  const lines = text
    .replace(/^\uFEFF+/, "")
    .replace(/\r\n?|\f/g, "\n")
    .replaceAll("\0", "\uFFFD");
  if (!lines.includes("\\")) return lines;
  return lines.replace(/\\(?:([0-9a-f]{1,6})[ \t\n]?|([^\n]))/gi, (escape, hex?: string, other?: string) => {
    const letter = hex === undefined ? (other ?? "") : letterOf(parseInt(hex, 16));
    return LETTERS.has(letter) ? letter : escape;
  });
}

function letterOf(code: number): string {
  return code < 0x80 ? String.fromCharCode(code) : "";
}
