import { describe, test } from "vitest";
import { nodeAead } from "./node-aead.ts";
import { aeadContract } from "../testing/aead-contract.ts";

describe("nodeAead of the scenarios", () => {
  for (const { name, run } of aeadContract(nodeAead)) test(name, run);
});
