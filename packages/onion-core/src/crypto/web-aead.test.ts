import { describe, test } from "vitest";
import { webAead } from "./web-aead.ts";
import { aeadContract } from "../testing/aead-contract.ts";

describe("webAead", () => {
  for (const { name, run } of aeadContract(webAead)) test(name, run);
});
