import { expect, test } from "vitest";
import { DataAllowance } from "./data-allowance.ts";
import { VirtualClock } from "../../testing/virtual-clock.ts";

const DAY = 86_400_000;

test("a day's data is free, then low, then spent, until the next day", async () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 30, 12));
  const allowance = new DataAllowance(clock);
  allowance.limit({ perDay: 1000 });
  allowance.add(949);
  expect(allowance.state).toBe("free");
  allowance.add(1);
  expect(allowance.state).toBe("low");
  allowance.add(50);
  expect(allowance.state).toBe("spent");
  await clock.advance(DAY / 2);
  expect(allowance.state).toBe("free");
  expect(allowance.used).toEqual({ day: "2026-01-31", bytesOfDay: 0, bytesOfMonth: 1000 });
});

test("a month's data is counted over its days", async () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 30, 12));
  const allowance = new DataAllowance(clock, { day: "2026-01-29", bytesOfDay: 500, bytesOfMonth: 600 });
  allowance.limit({ perMonth: 1000 });
  expect(allowance.used).toEqual({ day: "2026-01-30", bytesOfDay: 0, bytesOfMonth: 600 });
  allowance.add(400);
  expect(allowance.state).toBe("spent");
  await clock.advance(2 * DAY);
  expect(allowance.used).toEqual({ day: "2026-02-01", bytesOfDay: 0, bytesOfMonth: 0 });
  expect(allowance.state).toBe("free");
});

test("the limit may be changed, and taken away", () => {
  const allowance = new DataAllowance(new VirtualClock());
  allowance.add(1000);
  expect(allowance.state).toBe("free");
  allowance.limit({ perDay: 500, perMonth: undefined });
  expect(allowance.state).toBe("spent");
  allowance.limit({});
  expect(allowance.state).toBe("free");
});

test("days begin where its owner is", () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 31, 23));
  const allowance = new DataAllowance(clock, undefined, (now) =>
    new Date(now + 7_200_000).toISOString().slice(0, 10),
  );
  expect(allowance.used.day).toBe("2026-02-01");
});
