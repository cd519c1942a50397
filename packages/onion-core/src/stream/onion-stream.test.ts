import { describe, expect, it } from "vitest";
import { OnionStream, type StreamCarrier } from "./onion-stream.ts";
import { STREAM_WINDOW } from "../circuit/windows.ts";
import type { StreamId, StreamMessage } from "../cell/relay-message.ts";
import { TaborError } from "../errors.ts";
import { content, failure } from "../scenarios/support.ts";

const ID = 1 as StreamId;

/** A stream, and what it told its carrier. */
function scene() {
  const said: string[] = [];
  let buffered = 0;
  const carrier: StreamCarrier = {
    send: (message: StreamMessage) => {
      said.push(message.command === "END" ? `END ${message.reason}` : message.command);
    },
    pump: () => {
      while (stream.isReady) stream.sendNext();
    },
    buffered: (bytes) => {
      buffered += bytes;
    },
    ended: () => undefined,
  };
  const stream: OnionStream = new OnionStream(ID, carrier);
  const data = (cells: number): void => {
    for (let i = 0; i < cells; i++) stream.receive({ command: "DATA", streamId: ID, data: content(i, 100) });
  };
  const end = (reason: "done" | "misc"): void => {
    stream.receive({ command: "END", streamId: ID, reason });
  };
  return { stream, said, data, end, buffered: () => buffered };
}

const enough = new TaborError("aborted", "here", "enough");

describe("a stream", () => {
  it("answers END misc with END done, once, and is over", () => {
    const { stream, said, end } = scene();
    end("misc");
    expect(said).toEqual(["END done"]);
    expect(stream.isOver).toBe(true);
    stream.abort(enough);
    stream.end();
    expect(said).toEqual(["END done"]);
  });

  it("that has ended its direction may still stop listening, once", () => {
    const { stream, said } = scene();
    stream.end();
    stream.abort(enough);
    stream.abort(enough);
    stream.end();
    expect(said).toEqual(["END done", "END misc"]);
    expect(stream.isOver).toBe(false);
  });

  it("that both have ended says no more", () => {
    const { stream, said, end } = scene();
    stream.end();
    end("done");
    stream.abort(enough);
    expect(said).toEqual(["END done"]);
  });

  it("takes no second END of its kind, and no DATA after one", () => {
    for (const [first, second] of [
      ["done", "done"],
      ["misc", "done"],
      ["misc", "misc"],
    ] as const) {
      const { end } = scene();
      end(first);
      expect(() => {
        end(second);
      }).toThrow("END twice");
    }
    const { end, data } = scene();
    end("done");
    expect(() => {
      data(1);
    }).toThrow("DATA after END");
  });

  it("takes END misc after END done: the other side has stopped listening too", async () => {
    const { stream, end } = scene();
    end("done");
    expect(await stream.read()).toBeNull();
    end("misc");
    expect((await failure(stream.write(content(1, 10)))).code).toBe("closed");
  });

  it("delivers what came before the other side's cut, then its reason", async () => {
    const { stream, data, end, buffered } = scene();
    data(2);
    end("misc");
    expect((await stream.read())?.length).toBe(200);
    expect((await failure(stream.read())).code).toBe("closed");
    expect(buffered()).toBe(0);
  });

  it("lets go of what waits when it is aborted, before or after the other side's cut", () => {
    for (const cut of [false, true]) {
      const { stream, data, end, buffered } = scene();
      data(3);
      expect(buffered()).toBeGreaterThanOrEqual(300);
      if (cut) end("misc");
      stream.abort(enough);
      expect(buffered()).toBe(0);
    }
  });

  it("counts and drops what still comes after its own cut, up to the window", () => {
    const { stream, data, buffered } = scene();
    stream.abort(enough);
    data(STREAM_WINDOW.start);
    expect(buffered()).toBe(0);
    expect(() => {
      data(1);
    }).toThrow("beyond the window");
  });

  it("acknowledges what its reader takes, and nothing before", async () => {
    const { stream, said, data } = scene();
    data(300);
    expect(said).toEqual([]);
    for (let bytes = 0; bytes < 30_000;) bytes += (await stream.read())?.length ?? 0;
    expect(said).toEqual(["STREAM_SENDME", "STREAM_SENDME"]);
  });

  it("does not acknowledge to a side that has ended", async () => {
    const { stream, said, data, end } = scene();
    data(150);
    end("done");
    while ((await stream.read()) !== null);
    expect(said).toEqual([]);
  });

  it("sends its window's worth, waits for acknowledgement, and ends after the last of it", async () => {
    const { stream, said } = scene();
    const writing = stream.write(new Uint8Array((STREAM_WINDOW.start + 20) * 1902));
    stream.end();
    expect(said.length).toBe(STREAM_WINDOW.start);
    stream.receive({ command: "STREAM_SENDME", streamId: ID });
    await writing;
    expect(said.slice(STREAM_WINDOW.start)).toEqual([
      ...Array.from({ length: 20 }, () => "DATA"),
      "END done",
    ]);
    expect((await failure(stream.write(content(1, 1)))).code).toBe("usage");
  });

  it("has one write and one end at a time, and takes writes of nothing", async () => {
    const { stream, said } = scene();
    await stream.write(new Uint8Array(0));
    const first = stream.write(new Uint8Array((STREAM_WINDOW.start + 1) * 1902));
    expect((await failure(stream.write(content(1, 1)))).code).toBe("usage");
    stream.abort(enough);
    expect((await failure(first)).code).toBe("aborted");
    expect((await failure(stream.write(content(1, 1)))).code).toBe("aborted");
    expect((await failure(stream.read())).code).toBe("aborted");
    expect(said.at(-1)).toBe("END misc");
  });

  it("tells that it is broken, whoever broke it, once, also to who asks later", () => {
    for (const act of ["abort", "cut", "circuit"] as const) {
      const { stream, end } = scene();
      const told: string[] = [];
      stream.whenBroken(({ code }) => told.push(code));
      if (act === "abort") stream.abort(enough);
      else if (act === "cut") end("misc");
      else stream.circuitClosed(enough);
      stream.circuitClosed(new TaborError("closed", "here", "later"));
      expect(told).toHaveLength(1);
      stream.whenBroken(({ code }) => told.push(code));
      expect(told[1]).toBe(told[0]);
    }
  });
});
