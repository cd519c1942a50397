/**
 * Every message that is sent on a data channel leaves so many milliseconds later: a long link with all the bandwidth that
 * there is. Runs in a page, or is loaded into a Node program before its own code (`node --import`).
 *
 * @param {{ prototype: object }} channel `RTCDataChannel`
 * @param {number} ms
 */
export function delayChannels({ prototype }, ms) {
  /** @type {unknown} */
  const original = Reflect.get(prototype, "send");
  const send = /** @type {(this: RTCDataChannel, data: Uint8Array) => void} */ (original);
  /** @this {RTCDataChannel} @param {Uint8Array} data */
  function sendLater(data) {
    // Senders use their buffers again.
    const copy = data.slice();
    setTimeout(() => {
      if (this.readyState === "open") send.call(this, copy);
    }, ms);
  }
  Reflect.set(prototype, "send", sendLater);
}
