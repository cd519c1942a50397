import type { FromChild, FromParent } from "./messages.ts";

/** Says something to the process that runs the measurement. */
export function tell(message: FromChild): void {
  process.send?.(message);
}

export function onParent<T extends FromParent["type"]>(
  type: T,
  listener: (message: FromParent & { type: T }) => void,
): void {
  process.on("message", (message: FromParent) => {
    if (message.type === type) listener(message as FromParent & { type: T });
  });
}

process.on("disconnect", () => process.exit());
