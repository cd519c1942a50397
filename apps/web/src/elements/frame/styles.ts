import { css } from "lit";

export const styles = css`
  :host,
  .frame {
    display: flex;
    flex-direction: column;
    height: 100vh;
    height: 100dvh;
    color: var(--tabor-ink);
  }
  header {
    display: flex;
    align-items: center;
    gap: var(--tabor-space-2);
    height: 2.75rem;
    padding: 0 var(--tabor-space-2) 0 var(--tabor-space-3);
    background: var(--tabor-sunken);
  }
  .brand {
    display: inline-flex;
    color: var(--tabor-accent);
  }
  .brand svg {
    width: 1.5rem;
    height: 1.5rem;
    stroke-width: 2.4;
  }
  tabor-tab-strip {
    align-self: stretch;
    flex: 0 1 auto;
  }
  .space {
    flex: 1;
  }
  .quiet {
    display: inline-flex;
    align-items: center;
    gap: var(--tabor-space-2);
    flex: none;
    min-height: 2rem;
    padding: 0 var(--tabor-space-2);
    border-color: transparent;
    color: var(--tabor-ink-soft);
    font-size: var(--tabor-text-s);
  }
  .quiet svg {
    width: 1rem;
    height: 1rem;
  }
  .chip {
    padding: 0;
    border-radius: 2rem;
  }
  .tools {
    display: flex;
    align-items: center;
    background: var(--tabor-surface);
    border-bottom: 1px solid var(--tabor-line);
  }
  tabor-toolbar {
    flex: 1;
    min-width: 0;
  }
  main {
    flex: 1;
    min-height: 0;
    display: flex;
  }
  main:focus {
    outline: none;
  }
  tabor-page-area {
    flex: 1;
  }
  ::slotted(iframe) {
    position: absolute;
    inset: 0;
    margin: 0 auto auto;
    width: var(--view-width, 0);
    height: var(--view-height, 0);
    border: 0;
    border-radius: 0 0 var(--tabor-radius) var(--tabor-radius);
    box-shadow: 0 0 0 1px var(--tabor-line);
    background: #fff;
    /* Pages must not learn how the person likes the colours of the system. */
    color-scheme: light;
  }
  ::slotted(iframe:not([data-shown])) {
    visibility: hidden;
  }
  .bottom {
    display: flex;
    justify-content: space-around;
    padding: var(--tabor-space-1) var(--tabor-space-2);
    padding-bottom: max(var(--tabor-space-1), env(safe-area-inset-bottom));
    background: var(--tabor-surface);
    border-top: 1px solid var(--tabor-line);
  }
  .count {
    display: inline-grid;
    place-items: center;
    min-width: 1.4rem;
    height: 1.4rem;
    padding: 0 0.25rem;
    border: 1.8px solid currentColor;
    border-radius: 0.3rem;
    font-size: 0.75rem;
    font-weight: 700;
    font-variant-numeric: tabular-nums;
  }
  @media (max-width: 48rem) {
    .tools {
      padding-inline-end: var(--tabor-space-2);
    }
  }
`;
