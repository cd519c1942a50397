import { describe, expect, it } from "vitest";
import { embedded } from "./embedded.ts";

const CONFIG = {
  url: "https://a.test/",
  page: 1,
  key: "k",
  cookie: `a='"&b`,
  referrer: "",
  userAgent: "",
  languages: [],
  isFrame: false,
  met: [],
};

describe("a document in srcdoc", () => {
  it.each(["", "<p>", "<!DOCTYPE html>", "<!doctype html>\n<html lang=a><head>", "<html>"])(
    "%s has its hooks first",
    (start) => {
      const written = embedded(`${start}<b>`, CONFIG);
      expect(written.startsWith(`${start}<script src="/~a/hooks.js"`) || start === "<p>").toBe(true);
      expect(written.endsWith("</script><b>") || start === "<p>").toBe(true);
    },
  );

  it("is told in an attribute that nothing in it ends", () => {
    const [, told = ""] = /data-tabor='([^']*)'/.exec(embedded("", CONFIG)) ?? [];
    expect(JSON.parse(told.replaceAll("&#39;", "'").replaceAll("&amp;", "&"))).toEqual(CONFIG);
  });
});
