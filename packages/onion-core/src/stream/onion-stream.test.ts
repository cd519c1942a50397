import { describe, expect, it } from "vitest";
import { OnionStream, type StreamCarrier } from "./onion-stream.ts";
import { MAX_STREAM_DATA, type StreamId, type StreamMessage } from "../cell/relay-message.ts";
import { FLOW_PARAMETERS } from "../congestion/flow-parameters.ts";
import { TaborError } from "../errors.ts";
import { content, failure } from "../scenarios/support.ts";

const ID = 1 as StreamId;

/** A stream, and what it told its carrier. */
function scene() {
  const said: string[] = [];
  let [buffered, micros] = [0, 1];
  const carrier: StreamCarrier = {
    now: () => micros,
    send: (message: StreamMessage) => {
      said.push(nameOf(message));
    },
    pump: () => {
      while (stream.wait(micros) === 0) stream.sendNext();
    },
    buffered: (bytes) => {
      buffered += bytes;
    },
    ended: () => undefined,
  };
  const stream: OnionStream = new OnionStream(ID, carrier);
  const data = (cells: number, length = 100): void => {
    for (let i = 0; i < cells; i++)
      stream.receive({ command: "DATA", streamId: ID, data: content(i, length) });
  };
  const later = (by: number): void => {
    micros += by;
  };
  const end = (reason: "done" | "misc"): void => {
    stream.receive({ command: "END", streamId: ID, reason });
  };
  return { stream, said, data, end, later, buffered: () => buffered };
}

function nameOf(message: StreamMessage): string {
  if (message.command === "END") return `END ${message.reason}`;
  if (message.command === "XON") return `XON ${String(message.kbps)}`;
  return message.command;
}

/** What fills the buffer of a reader, and some more, in cells. */
const TOO_MUCH = FLOW_PARAMETERS.xoffLimit / MAX_STREAM_DATA + 1;

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

  it("counts and drops what still comes after its own cut, up to what can be under way", () => {
    const { stream, data, buffered } = scene();
    stream.abort(enough);
    data(FLOW_PARAMETERS.maxInFlight / MAX_STREAM_DATA, MAX_STREAM_DATA);
    expect(buffered()).toBe(0);
    expect(() => {
      data(1);
    }).toThrow("in spite of END");
  });

  it("says XOFF to what its reader leaves, and XON with the reader's rate when nothing is left", async () => {
    const { stream, said, data, later } = scene();
    data(TOO_MUCH, MAX_STREAM_DATA);
    expect(said).toEqual([]);
    later(FLOW_PARAMETERS.grace + 1);
    data(1, MAX_STREAM_DATA);
    expect(said).toEqual(["XOFF"]);
    const bytes = (TOO_MUCH + 1) * MAX_STREAM_DATA;
    for (let taken = 0; taken < bytes;) {
      later(10_000);
      taken += (await stream.read())?.length ?? 0;
    }
    expect(said).toEqual(["XOFF", expect.stringMatching(/^XON [1-9]\d*$/)]);
  });

  it("says nothing to a side that has ended", async () => {
    const { stream, said, data, end, later } = scene();
    data(TOO_MUCH, MAX_STREAM_DATA);
    later(FLOW_PARAMETERS.grace + 1);
    data(1);
    end("done");
    while ((await stream.read()) !== null);
    expect(said).toEqual(["XOFF"]);
  });

  it("sends nothing between XOFF and XON, then at the reader's rate, and ends after the last of it", async () => {
    const { stream, said, later } = scene();
    await stream.write(new Uint8Array(FLOW_PARAMETERS.xoffLimit));
    const before = said.length;
    stream.receive({ command: "XOFF", streamId: ID });
    const writing = stream.write(new Uint8Array(20 * MAX_STREAM_DATA));
    stream.end();
    later(10_000_000);
    expect(said.length).toBe(before);
    stream.receive({ command: "XON", streamId: ID, kbps: 10 });
    expect(said.slice(before)).toEqual(Array.from({ length: 5 }, () => "DATA"));
    stream.receive({ command: "XON", streamId: ID, kbps: 0 });
    await writing;
    expect(said.slice(before)).toEqual([...Array.from({ length: 20 }, () => "DATA"), "END done"]);
    expect((await failure(stream.write(content(1, 1)))).code).toBe("usage");
  });

  it("has one write and one end at a time, and takes writes of nothing", async () => {
    const { stream, said } = scene();
    await stream.write(new Uint8Array(0));
    await stream.write(new Uint8Array(FLOW_PARAMETERS.xoffLimit));
    stream.receive({ command: "XOFF", streamId: ID });
    const first = stream.write(content(1, 1));
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
