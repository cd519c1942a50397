import { css } from "lit";

export const styles = css`
  :host {
    position: relative;
    display: flex;
    flex-direction: column;
    min-height: 0;
    min-width: 0;
  }
  .area {
    flex: 1;
    min-height: 0;
    overflow: auto;
    display: flex;
    flex-direction: column;
  }
  .area > section,
  .area > tabor-welcome {
    width: min(40rem, 100% - 2 * var(--tabor-space-4));
    margin: var(--tabor-space-6) auto;
    flex: none;
  }
  tabor-page-frame {
    flex: 1;
    min-height: 0;
  }
  h2:focus {
    outline: none;
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
  [data-testid="file-name"] {
    overflow-wrap: anywhere;
  }
  .notice {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: var(--tabor-space-4);
    padding: var(--tabor-space-2) var(--tabor-space-4);
    background: var(--tabor-accent-wash);
    border-bottom: 1px solid var(--tabor-line);
  }
  .notice button {
    flex: none;
  }
  .pointed {
    position: absolute;
    inset: auto auto 0 0;
    max-width: 80%;
    padding: var(--tabor-space-1) var(--tabor-space-3);
    background: var(--tabor-surface);
    border: 1px solid var(--tabor-line);
    border-top-right-radius: var(--tabor-radius-s);
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    pointer-events: none;
  }
`;

export const frameStyles = css`
  :host {
    display: flex;
  }
  iframe {
    flex: 1;
    width: 100%;
    border: 0;
    background: var(--tabor-surface);
  }
`;

export const welcomeStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    gap: var(--tabor-space-4);
  }
  .title {
    font-size: var(--tabor-text-xl);
    letter-spacing: -0.01em;
  }
  .lead {
    font-size: var(--tabor-text-l);
  }
  ul {
    display: grid;
    gap: var(--tabor-space-2);
    padding-inline-start: 1.1rem;
  }
`;
