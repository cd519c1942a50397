/** RFC 9110 §5.6.2, as subprotocols are. */
export function isToken(value: string): boolean {
  return /^[!#$%&'*+.^_`|~\w-]+$/.test(value);
}

/** Of `WebSocket.close` (WebSockets Standard §3). @param reasonLength bytes of UTF-8. @returns true, or the DOMException that it throws. */
export function validClose(
  code: number | undefined,
  reasonLength: number,
): true | { readonly name: "InvalidAccessError" | "SyntaxError"; readonly message: string } {
  if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999))
    return {
      name: "InvalidAccessError",
      message: `The close code must be either 1000, or between 3000 and 4999. ${code} is neither.`,
    };
  return (
    reasonLength <= 123 || {
      name: "SyntaxError",
      message: "The close reason must not be greater than 123 UTF-8 bytes.",
    }
  );
}
