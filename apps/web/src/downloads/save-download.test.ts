import type { Download, DownloadId, TabId } from "@tabor/browsing";
import { PortDuplex } from "@tabor/browsing/view";
import { concat, TaborError } from "@tabor/onion-core";
import { describe, expect, test } from "vitest";
import { firstSink, type FileSink } from "./file-sink.ts";
import { pieces } from "./pieces.ts";
import { saveDownload } from "./save-download.ts";

const DOWNLOAD: Download = {
  id: 1 as DownloadId,
  tab: "tab-1" as TabId,
  url: "https://a.example/a.bin",
  fileName: "a.bin",
  type: "application/zip",
  total: undefined,
  received: 0,
  state: { name: "running" },
};

/** A sink whose writings wait until they are let through. */
function sinkThat(done: string[], write: () => Promise<void> = () => Promise.resolve()) {
  const written: Uint8Array[] = [];
  const sink: FileSink = {
    write: async (bytes) => {
      await write();
      written.push(bytes);
    },
    close: () => Promise.resolve(void done.push("close")),
    abort: () => Promise.resolve(void done.push("abort")),
  };
  return { sink, written };
}

function save(open: () => Promise<FileSink>) {
  const { port1, port2 } = new MessageChannel();
  const saved = saveDownload(DOWNLOAD, port2, open);
  return { saved, stream: new PortDuplex(port1) };
}

describe("a download", () => {
  test("is written whole, in large pieces, and then is the person's", async () => {
    const done: string[] = [];
    const { sink, written } = sinkThat(done);
    const { saved, stream } = save(() => Promise.resolve(sink));
    const bytes = Uint8Array.from({ length: (2 << 20) + 5 }, (_, i) => i % 251);
    await stream.write(bytes);
    stream.end();
    expect(await stream.read()).toBeNull();
    await saved;
    expect(concat(...written)).toEqual(bytes);
    expect(written).toHaveLength(3);
    expect(done).toEqual(["close"]);
  });

  test("waits for a slow disk", async () => {
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const { sink } = sinkThat([], () => held);
    const { saved, stream } = save(() => Promise.resolve(sink));
    let sent = 0;
    const sending = (async () => {
      for (; sent < 64; sent++) await stream.write(new Uint8Array(1 << 16));
      stream.end();
    })();
    for (let turn = 0; turn < 500; turn++) await new Promise((resolve) => setImmediate(resolve));
    // One piece that is being written, and what the port lets through.
    expect(sent).toBeLessThan(32);
    go();
    await sending;
    expect(await stream.read()).toBeNull();
    await saved;
  });

  test("that breaks off is forgotten, and one that cannot be kept says why", async () => {
    const done: string[] = [];
    const { saved, stream } = save(() => Promise.resolve(sinkThat(done).sink));
    await stream.write(new Uint8Array(10));
    stream.abort(new TaborError("closed", "relay", "gone"));
    await saved;
    expect(done).toEqual(["abort"]);
    const full = save(() => Promise.reject(new TaborError("resource-limit", "here", "no room")));
    await expect(full.stream.read()).rejects.toMatchObject({ code: "resource-limit", message: "no room" });
  });
});

describe("where it is kept", () => {
  test("is the first way that the browser has", async () => {
    const { sink } = sinkThat([]);
    const none = () => Promise.resolve(undefined);
    expect(await firstSink([none, () => Promise.resolve(sink)], DOWNLOAD)).toBe(sink);
    await expect(firstSink([none], DOWNLOAD)).rejects.toMatchObject({ code: "resource-limit" });
  });

  test("in memory is bounded, with a sentence", async () => {
    const files: [number, string][] = [];
    const open = pieces((file, name) => files.push([file.size, name]));
    const sink = await open(DOWNLOAD);
    await sink?.write(new Uint8Array(1000));
    await sink?.close();
    expect(files).toEqual([[1000, "a.bin"]]);
    expect(() => open({ ...DOWNLOAD, total: 2 ** 30 })).toThrow(/no more than 512 MiB/);
  });
});
