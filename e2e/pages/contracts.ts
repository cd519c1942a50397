/** The contract suites of ports, in a page; the test asks for them by `window.runContract`. */
import { spentTokensContract } from "@tabor/blind-tokens/testing";
import { mlKem768, webAead, webHandshake } from "@tabor/onion-core";
import { aeadContract, type ContractCase, handshakeCryptoContract } from "@tabor/onion-core/testing";
import { keptSpentTokens } from "../../apps/web/src/live/spent-tokens-storage.ts";

declare global {
  interface Window {
    /** @returns a line for each promise that was not kept, and how many there are. */
    runContract(name: ContractName): Promise<{ readonly broken: readonly string[]; readonly cases: number }>;
    /** Whether ML-KEM is the browser's own here. */
    readonly hasOwnMlKem: boolean;
  }
}

const CONTRACTS = {
  "AES-GCM": aeadContract(webAead),
  "the handshake's primitives": handshakeCryptoContract(webHandshake),
  "the handshake's primitives, with ML-KEM by the library": handshakeCryptoContract({
    ...webHandshake,
    kem: mlKem768,
  }),
  "ML-KEM of the browser and of the library": [
    { name: "browser to library", run: () => agrees(webHandshake.kem, mlKem768) },
    { name: "library to browser", run: () => agrees(mlKem768, webHandshake.kem) },
  ],
  "spent tokens": spentTokensContract(async () => {
    await deleted("tabor-spent-tokens");
    return (now) => keptSpentTokens(indexedDB, now);
  }),
} satisfies Record<string, readonly ContractCase[]>;

export type ContractName = keyof typeof CONTRACTS;

async function agrees(sender: typeof mlKem768, receiver: typeof mlKem768): Promise<void> {
  const pair = await receiver.generateKeyPair();
  const { ciphertext, secret } = await sender.encapsulate(pair.publicKey);
  const received = await pair.decapsulate(ciphertext);
  if (String(received) !== String(secret)) throw new Error("two secrets");
}

function deleted(name: string): Promise<void> {
  const request = indexedDB.deleteDatabase(name);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve();
    };
    request.onerror = () => {
      reject(request.error ?? new Error("the database failed"));
    };
  });
}

window.runContract = async (name) => {
  const broken: string[] = [];
  for (const { name: promise, run } of CONTRACTS[name]) {
    try {
      await run();
    } catch (error) {
      broken.push(`${promise}: ${String(error)}`);
    }
  }
  return { broken, cases: CONTRACTS[name].length };
};
Object.defineProperty(window, "hasOwnMlKem", { value: webHandshake.kem !== mlKem768 });
