import { css } from "lit";

/** What all elements have in common: text, buttons, cards. */
export const shared = css`
  :host {
    display: block;
    box-sizing: border-box;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: inherit;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }
  h1,
  h2,
  h3 {
    line-height: 1.25;
    font-weight: 650;
    text-wrap: balance;
  }
  h1 {
    font-size: var(--tabor-text-xl);
    letter-spacing: -0.01em;
  }
  h2 {
    font-size: var(--tabor-text-l);
  }
  h3 {
    font-size: var(--tabor-text-m);
  }
  p {
    text-wrap: pretty;
  }
  a {
    color: var(--tabor-accent);
  }
  code {
    font-family: var(--tabor-mono);
    font-size: 0.9em;
  }
  .soft {
    color: var(--tabor-ink-soft);
  }
  .small {
    font-size: var(--tabor-text-s);
  }
  .card {
    background: var(--tabor-surface);
    border: 1px solid var(--tabor-line);
    border-radius: var(--tabor-radius);
    padding: var(--tabor-space-5);
  }
  .stack {
    display: flex;
    flex-direction: column;
    gap: var(--tabor-space-4);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--tabor-space-2);
  }
  .hidden-visually {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  button {
    font: inherit;
    color: inherit;
    min-height: var(--tabor-touch);
    padding: 0 var(--tabor-space-4);
    border-radius: var(--tabor-radius-s);
    border: 1px solid var(--tabor-line-strong);
    background: transparent;
    cursor: pointer;
    transition:
      background-color var(--tabor-motion),
      border-color var(--tabor-motion);
  }
  button:hover:not(:disabled) {
    background: var(--tabor-accent-wash);
  }
  button:disabled {
    cursor: default;
    opacity: 0.45;
  }
  button.primary {
    background: var(--tabor-accent);
    border-color: var(--tabor-accent);
    color: var(--tabor-accent-ink);
    font-weight: 600;
  }
  button.primary:hover:not(:disabled) {
    filter: brightness(1.08);
    background: var(--tabor-accent);
  }
  button.icon {
    width: var(--tabor-touch);
    padding: 0;
    border-color: transparent;
    display: inline-grid;
    place-items: center;
  }
  svg {
    width: 1.25rem;
    height: 1.25rem;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .rows {
    list-style: none;
    padding: 0;
  }
  .rows button {
    width: 100%;
    display: flex;
    align-items: center;
    gap: var(--tabor-space-3);
    padding: 0 var(--tabor-space-2);
    border-color: transparent;
    text-align: start;
  }
  :focus-visible {
    outline: 2px solid var(--tabor-accent);
    outline-offset: 2px;
  }
  progress {
    appearance: none;
    display: block;
    width: 100%;
    height: 0.375rem;
    border: 0;
    border-radius: 1rem;
    overflow: hidden;
    background: var(--tabor-line);
    color: var(--tabor-accent);
  }
  progress::-webkit-progress-bar {
    background: var(--tabor-line);
  }
  /* Opacity alone: what moves by being painted takes a large part of a processor where there is no graphics card. */
  progress:indeterminate {
    background: var(--tabor-accent);
    animation: pulse 0.9s ease-in-out infinite alternate;
  }
  progress:indeterminate::-webkit-progress-bar {
    background: transparent;
  }
  @keyframes pulse {
    from {
      opacity: 0.25;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    progress:indeterminate {
      animation: none;
      opacity: 0.6;
    }
  }
  progress::-webkit-progress-value {
    background: var(--tabor-accent);
    transition: width var(--tabor-motion);
  }
  progress::-moz-progress-bar {
    background: var(--tabor-accent);
  }
`;
