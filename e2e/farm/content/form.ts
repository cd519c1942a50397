import type { Visit } from "../network/host.ts";

/** What a form sent: urlencoded or multipart, as its content type says. @throws on anything else. */
export async function formOf({ headers, body }: Visit): Promise<FormData> {
  const type = headers["content-type"] ?? "";
  return new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
}

/** A field that is text, or "". */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

export function cookiesOf({ headers }: Visit): ReadonlyMap<string, string> {
  const pairs = (headers["cookie"] ?? "").split(/;\s*/).filter((pair) => pair !== "");
  return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}
