import { describe, expect, it } from "vitest";
import { systemNameService } from "./name-service.ts";
import { formatIpAddress } from "../net/ip-address.ts";

async function found(host: string): Promise<string[]> {
  const answer = await systemNameService.addresses(host);
  return "found" in answer ? answer.found.map(formatIpAddress) : [];
}

describe("the system's name service", () => {
  it("takes localhost and all below it for this machine, and asks nobody (RFC 6761 §6.3)", async () => {
    for (const host of ["localhost", "LOCALHOST.", "secret.of.a.page.localhost", "x.Localhost."])
      expect(await found(host)).toEqual(["127.0.0.1", "::1"]);
  });

  it("does not take what only ends alike for it", async () => {
    expect(await found("notlocalhost.invalid")).toEqual([]);
  });
});
