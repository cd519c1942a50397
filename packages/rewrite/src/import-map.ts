import type { Addresses } from "./address.ts";
import { isAddress } from "./specifier.ts";

/**
 * Rewrites an import map (HTML §8.1.5.3). Its addresses are minted, and so are keys that are addresses, as the imports that they stand for
 * have been. A prefix (`"lib/": "https://cdn.test/lib/"`) stays only if what is minted for it is one too.
 * @returns an empty map for what is none; the browser would refuse it as well.
 */
export function rewriteImportMap(text: string, addresses: Addresses): string {
  const map = parseObject(text);
  const scopes = Object.entries(objectOf(map["scopes"])).flatMap(([scope, imports]) => {
    const address = addresses.rewrite(scope, "script");
    return address === undefined ? [] : [[address, rewriteImports(objectOf(imports), addresses)] as const];
  });
  const rewritten = {
    imports: rewriteImports(objectOf(map["imports"]), addresses),
    scopes: Object.fromEntries(scopes),
  };
  return JSON.stringify(rewritten).replaceAll("<", "\\u003c");
}

type Json = Readonly<Record<string, unknown>>;

function rewriteImports(imports: Json, addresses: Addresses): Record<string, string | null> {
  const rewritten: [string, string | null][] = [];
  for (const [key, value] of Object.entries(imports)) {
    const name = isAddress(key) ? addresses.rewrite(key, "script") : key;
    const address = typeof value === "string" ? addresses.rewrite(value, "script") : undefined;
    const isPrefix = key.endsWith("/");
    if (name === undefined || (isPrefix && !name.endsWith("/"))) continue;
    rewritten.push([name, address === undefined || (isPrefix && !address.endsWith("/")) ? null : address]);
  }
  return Object.fromEntries(rewritten);
}

function parseObject(text: string): Json {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}
