import type { ContractCase } from "@tabor/onion-core/testing";
import type { SpentToken, SpentTokens } from "../spent-tokens.ts";

/** Milliseconds since the Unix epoch. */
const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

/** Opens the same place each time, as it is found at that time. */
type OpenSpentTokens = (now: number) => Promise<SpentTokens>;

/** What is promised of every place that remembers spent tokens. @param empty gives one where nothing was kept. */
export function spentTokensContract(empty: () => Promise<OpenSpentTokens>): readonly ContractCase[] {
  const [first, second, other] = [
    token("a1", "01", NOW + HOUR),
    token("a1", "02", NOW + HOUR),
    token("b2", "01", NOW + 2 * HOUR),
  ];
  const filled = async (): Promise<OpenSpentTokens> => {
    const open = await empty();
    const place = await open(NOW);
    await Promise.all([first, second, other].map((each) => place.keep(each)));
    return open;
  };
  return [
    {
      name: "nothing is spent at first",
      run: async () => {
        const open = await empty();
        expectTokens(await open(NOW), []);
        expectTokens(await open(NOW), []);
      },
    },
    {
      name: "what was kept is there after each new start, also what was kept at once",
      run: async () => {
        const open = await filled();
        expectTokens(await open(NOW), [first, second, other]);
        const third = token("a1", "03", NOW + HOUR);
        await (await open(NOW)).keep(third);
        expectTokens(await open(NOW), [first, second, third, other]);
      },
    },
    {
      name: "what is over is dropped, and only that",
      run: async () => {
        const open = await filled();
        expectTokens(await open(NOW + HOUR), [other]);
        // It is gone, and not only hidden.
        expectTokens(await open(NOW), [other]);
      },
    },
  ];
}

function token(key: string, nonce: string, until: number): SpentToken {
  return { key: key.repeat(32), nonce: nonce.repeat(32), until };
}

function expectTokens({ before }: SpentTokens, expected: readonly SpentToken[]): void {
  const text = (tokens: readonly SpentToken[]): string =>
    tokens
      .map(({ key, nonce, until }) => `${key} ${nonce} ${String(until)}`)
      .sort()
      .join();
  if (text(before) !== text(expected)) {
    throw new Error(`expected ${text(expected)}, but found ${text(before)}`);
  }
}
