import { css } from "lit";

export const areaStyles = css`
  :host {
    position: relative;
    display: flex;
    flex-direction: column;
    min-height: 0;
    min-width: 0;
  }
  .place {
    flex: 1;
    min-height: 0;
    display: flex;
    position: relative;
  }
  /* Not display: none, at which frames forget where they are scrolled to. */
  .views {
    position: absolute;
    inset: 0;
    overflow: hidden;
    visibility: hidden;
    background: var(--tabor-sunken);
  }
  .views[data-shown] {
    visibility: visible;
  }
  .text {
    position: relative;
    flex: 1;
    min-width: 0;
    overflow: auto;
  }
  .text:focus-visible {
    outline-offset: -3px;
  }
  .text > * {
    width: min(44rem, 100% - 2 * var(--tabor-space-4));
    margin: var(--tabor-space-6) auto;
  }
  .text > .narrow {
    width: min(32rem, 100% - 2 * var(--tabor-space-4));
  }
  h1:focus {
    outline: none;
  }
  .host {
    overflow-wrap: anywhere;
  }
  h2 {
    margin-block-end: var(--tabor-space-3);
    font-size: 1rem;
  }
  dl {
    display: grid;
    gap: var(--tabor-space-3);
  }
  dt {
    font-size: var(--tabor-text-s);
    color: var(--tabor-ink-soft);
  }
  dd {
    overflow-wrap: anywhere;
  }
  dd::first-letter {
    text-transform: uppercase;
  }
  .strip {
    position: absolute;
    z-index: 1;
    left: 0;
    bottom: 0;
    max-width: min(32rem, 100%);
    padding: var(--tabor-space-2) var(--tabor-space-3);
    display: grid;
    gap: var(--tabor-space-1);
    background: var(--tabor-surface);
    border: 1px solid var(--tabor-line);
    border-width: 1px 1px 0 0;
    border-start-end-radius: var(--tabor-radius-s);
    font-variant-numeric: tabular-nums;
  }
  .strip p {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .strip.broken {
    grid-template-columns: 1fr auto;
    align-items: center;
    gap: var(--tabor-space-3);
    background: var(--tabor-warn-wash);
  }
  .strip.broken p {
    white-space: normal;
  }
  @media (max-width: 48rem) {
    .text > * {
      margin-block: var(--tabor-space-5);
    }
    .strip {
      right: 0;
      border-inline-end: 0;
      border-radius: 0;
    }
  }
`;
