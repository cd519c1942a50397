/** Where the focus was before a sheet was opened, and belongs again when it is closed. */
export class SheetFocus {
  #before: HTMLElement | undefined;

  keep(): void {
    // One sheet may lead to another: what counts is where the first one was opened.
    this.#before ??= focused();
  }

  /** Unless it is somewhere already: a sheet says late that it is closed, and the person may have gone on. */
  restore(): void {
    const isNowhere = focused() === document.body;
    if (isNowhere && this.#before?.isConnected === true) this.#before.focus();
    this.#before = undefined;
  }
}

/** Through all shadow roots. */
function focused(): HTMLElement | undefined {
  let element = document.activeElement;
  for (let inner = element; inner !== null; inner = inner.shadowRoot?.activeElement ?? null) element = inner;
  return element instanceof HTMLElement ? element : undefined;
}
