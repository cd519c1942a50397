import {
  ExitPolicy,
  generateSigningKey,
  type JoinedRelay,
  signDescriptor,
  verifyDescriptor,
} from "@tabor/onion-core";

const policy = ExitPolicy.ofExit();
const EXIT = { policy4: policy.summary(4), policy6: policy.summary(6) };
const NO_EXIT = { policy4: "reject 1-65535", policy6: "reject 1-65535" };

/** One of many for a consensus: of three relays one is an exit, and one is a tab. @param now milliseconds since the Unix epoch. */
export async function relay(n: number, now: number): Promise<JoinedRelay> {
  const { key } = await generateSigningKey();
  const fields = {
    ntorKey: crypto.getRandomValues(new Uint8Array(32)),
    signalKey: crypto.getRandomValues(new Uint8Array(32)),
    published: now - (n % 86_000) * 1000,
    platform: n % 3 === 0 ? "tab" : "node",
    nat: "unknown",
    capacity: 100 + ((n * 7919) % 20_000),
    family: [],
    ...(n % 3 === 1 ? EXIT : NO_EXIT),
  } as const;
  const descriptorBytes = await signDescriptor(fields, key);
  const descriptor = await verifyDescriptor(descriptorBytes, now);
  const address = `${String(1 + (n % 200))}.${String(n % 251)}.1.1`;
  return { descriptor, descriptorBytes, address, since: now - n };
}
