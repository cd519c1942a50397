/** An identity in base64url (SPEC §1.2): 32 bytes, of which one in 64 begins with "-". */
const DASHED_KEY = /^-[\w-]{42}$/;

/**
 * A list of keys as an option each: of `--authority KEY -KEY` the second would be taken for an option of its own.
 * @param argv without the program's name
 */
export function nameDashedKeys(argv: readonly string[]): string[] {
  let option = "";
  return argv.flatMap((word, i) => {
    if (DASHED_KEY.test(word) && option !== "") return argv[i - 1] === option ? [word] : [option, word];
    if (word.startsWith("--")) option = word;
    return [word];
  });
}
