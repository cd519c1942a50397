import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { HookConfig } from "./config.ts";
import { WORKER_CONFIG, workerPrelude } from "./worker-prelude.ts";

const CONFIG: HookConfig = {
  url: "https://a.example/w.js?\u2028</script>",
  page: 1,
  key: "k",
  cookie: `a="'\\%;b=c`,
  referrer: "",
  userAgent: "UA",
  languages: ["en"],
  isFrame: false,
  met: [],
};

describe("what stands before a worker's script", () => {
  it("is one line that tells the hooks what they need, then loads them", () => {
    const text = workerPrelude(CONFIG, "classic", "https://l.view.example");
    const self: Record<string, unknown> = {};
    const loaded: unknown[] = [];
    runInNewContext(text, { self, importScripts: (url: string) => loaded.push([url, self[WORKER_CONFIG]]) });
    expect(loaded).toEqual([["https://l.view.example/~a/hooks.js", CONFIG]]);
    expect(text).not.toContain("\n");
  });

  it("of a module is imports alone, which run in order", () => {
    const text = workerPrelude(CONFIG, "module", "https://l.view.example");
    const [first, second, ...rest] = [...text.matchAll(/import ("(?:[^"\\]|\\.)*");/g)].map(
      ([, url = ""]) => JSON.parse(url) as string,
    );
    const script = decodeURIComponent((first ?? "").replace("data:text/javascript,", ""));
    const self: Record<string, unknown> = {};
    runInNewContext(script, { self });
    expect(self[WORKER_CONFIG]).toEqual(CONFIG);
    expect(second).toBe("https://l.view.example/~a/hooks.js");
    expect(rest).toEqual([]);
  });
});
