import { css } from "lit";

export const styles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100vh;
    height: 100dvh;
    color: var(--tabor-ink);
  }
  header {
    display: flex;
    align-items: center;
    gap: var(--tabor-space-4);
    padding: var(--tabor-space-2) var(--tabor-space-4);
    background: var(--tabor-surface);
    border-bottom: 1px solid var(--tabor-line);
  }
  .brand {
    display: inline-flex;
    align-items: center;
    gap: var(--tabor-space-2);
    font-weight: 700;
    font-size: var(--tabor-text-l);
    letter-spacing: -0.01em;
  }
  .brand svg {
    color: var(--tabor-accent);
    width: 1.6rem;
    height: 1.6rem;
    stroke-width: 2.4;
  }
  nav {
    display: flex;
    gap: var(--tabor-space-1);
    flex: 1;
  }
  nav button {
    border-color: transparent;
    padding: 0 var(--tabor-space-3);
    color: var(--tabor-ink-soft);
  }
  nav button[aria-current="page"] {
    color: var(--tabor-ink);
    font-weight: 600;
    background: var(--tabor-accent-wash);
  }
  main {
    flex: 1;
    min-height: 0;
    display: flex;
  }
  main:focus {
    outline: none;
  }
  .browse {
    flex: 1;
    min-width: 0;
    display: flex;
    flex-direction: column;
  }
  tabor-address-bar {
    padding: var(--tabor-space-2) var(--tabor-space-3);
    background: var(--tabor-surface);
    border-bottom: 1px solid var(--tabor-line);
  }
  .split {
    flex: 1;
    min-height: 0;
    display: flex;
  }
  tabor-page-view {
    flex: 1;
  }
  aside {
    width: 19rem;
    flex: none;
    overflow: auto;
    padding: var(--tabor-space-4);
    background: var(--tabor-surface);
    border-inline-start: 1px solid var(--tabor-line);
  }
  .text {
    flex: 1;
    overflow: auto;
  }
  .text > * {
    width: min(44rem, 100% - 2 * var(--tabor-space-4));
    margin: var(--tabor-space-6) auto;
  }
  footer {
    padding: var(--tabor-space-2) var(--tabor-space-4);
    color: var(--tabor-ink-soft);
    border-top: 1px solid var(--tabor-line);
    background: var(--tabor-surface);
  }
  @media (max-width: 48rem) {
    .split {
      flex-direction: column;
      overflow: auto;
    }
    tabor-page-view {
      flex: 1 0 auto;
      min-height: 60vh;
    }
    aside {
      order: -1;
      width: auto;
      border-inline-start: 0;
      border-bottom: 1px solid var(--tabor-line);
    }
    .text > * {
      margin-block: var(--tabor-space-5);
    }
  }
  @media (max-width: 34rem) {
    header {
      gap: var(--tabor-space-2);
      padding-inline: var(--tabor-space-3);
    }
    .brand > span {
      display: none;
    }
    nav button {
      padding: 0 var(--tabor-space-2);
    }
  }
`;

export const chipStyles = css`
  :host {
    display: flex;
    gap: var(--tabor-space-2);
    min-width: 0;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: var(--tabor-space-2);
    min-width: 0;
    padding: var(--tabor-space-1) var(--tabor-space-3);
    border: 1px solid var(--tabor-line);
    border-radius: 2rem;
    font-size: var(--tabor-text-s);
    white-space: nowrap;
  }
  .words {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .dot {
    flex: none;
    width: 0.6rem;
    height: 0.6rem;
    border-radius: 50%;
    background: var(--tabor-ink-soft);
  }
  .ready .dot {
    background: var(--tabor-good);
  }
  .waiting .dot {
    background: var(--tabor-warn);
  }
  .failed .dot {
    background: var(--tabor-bad);
  }
  .busy .dot {
    animation: breathe 1.6s ease-in-out infinite;
  }
  @keyframes breathe {
    50% {
      opacity: 0.3;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .busy .dot {
      animation: none;
    }
  }
  .short {
    display: none;
  }
  @media (max-width: 48rem) {
    .chip {
      padding: var(--tabor-space-1) var(--tabor-space-2);
    }
    .words {
      position: absolute;
      width: 1px;
      height: 1px;
      clip-path: inset(50%);
    }
    .short {
      display: inline;
    }
  }
`;
