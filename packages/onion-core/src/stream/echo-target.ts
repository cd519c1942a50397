import type { StreamTarget } from "../cell/stream-bodies.ts";

/**
 * Where every relay sends back what it is sent (SPEC §7.6): a name that no name service has (RFC 6761), at the port of the echo
 * service (RFC 862).
 */
export const ECHO_TARGET: StreamTarget = { host: "echo.invalid", port: 7 };
