/** `a=candidate:FOUNDATION COMPONENT udp PRIORITY ADDRESS PORT typ host …` (RFC 8839 §5.1). */
const HOST_CANDIDATE = /^a=candidate:(\S+ \d+) udp (\d+) 127\.0\.0\.1 (\d+) typ host/i;

export interface SeenDescription {
  /** Where the peer really listens, on 127.0.0.1. */
  readonly port: number;
  /** The description with a stand-in's port, and no other candidate. */
  readonly withPort: (standIn: number) => string;
}

/** @throws Error for a session description without a UDP host candidate on 127.0.0.1. */
export function seenDescription(sdp: string): SeenDescription {
  const lines = sdp.split("\r\n");
  const candidate = lines.find((line) => HOST_CANDIDATE.test(line));
  const [, foundation = "", priority = "", port] = HOST_CANDIDATE.exec(candidate ?? "") ?? [];
  if (port === undefined) throw new Error("a description without a candidate on this machine");
  const others = (line: string): boolean => line === candidate || !line.startsWith("a=candidate:");
  return {
    port: Number(port),
    withPort: (standIn) =>
      lines
        .filter(others)
        .map((line) =>
          line === candidate
            ? `a=candidate:${foundation} UDP ${priority} 127.0.0.1 ${standIn} typ host`
            : line,
        )
        .join("\r\n"),
  };
}
