import { expect, test } from "vitest";
import { socksBenchOptions } from "./options.ts";

test("a proxy is all that must be told", () => {
  expect(socksBenchOptions(["127.0.0.1:9150"])).toEqual({
    ...{ proxy: { host: "127.0.0.1", port: 9150 }, listen: "127.0.0.1", site: "127.0.0.1", sitePort: 0 },
    ...{ mib: 64, streams: 200, rounds: 3, json: undefined },
  });
});

test("the site is asked for by name where one is given, and listens where it is told to", () => {
  const args = ["[::1]:9050", "--listen", "10.0.0.2", "--site-port", "8000", "--site", "site.test"];
  expect(socksBenchOptions(args)).toMatchObject({
    ...{ proxy: { host: "::1", port: 9050 }, listen: "10.0.0.2", sitePort: 8000, site: "site.test" },
  });
  expect(socksBenchOptions(["tor:9050", "--listen", "10.0.0.2"]).site).toBe("10.0.0.2");
});

test.each([
  [[], "one proxy is wanted"],
  [["a:1", "b:2"], "one proxy is wanted"],
  [["9150"], "no HOST:PORT"],
  [["::1:9150"], "no HOST:PORT"],
  [["a:0"], "the port"],
  [["a:65536"], "the port"],
  [["a:1", "--mib", "1e3"], "--mib"],
  [["a:1", "--mib", "4096"], "--mib"],
  [["a:1", "--rounds", "0"], "--rounds"],
])("%j is refused with a sentence", (args, sentence) => {
  expect(() => socksBenchOptions(args)).toThrow(sentence);
});
