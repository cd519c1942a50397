import { css } from "lit";

export const styles = css`
  .head {
    display: flex;
    align-items: baseline;
    justify-content: space-between;
    gap: var(--tabor-space-4);
  }
  h2 {
    font-size: var(--tabor-text-l);
  }
  .choice {
    display: flex;
    align-items: flex-start;
    gap: var(--tabor-space-2);
    min-height: 2rem;
  }
  .choice input {
    flex: none;
    width: 1.15rem;
    height: 1.15rem;
    margin: 0.2rem 0 0;
    accent-color: var(--tabor-accent);
  }
  .percent {
    color: var(--tabor-ink-soft);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .waiting progress {
    color: var(--tabor-warn);
  }
  .waiting progress::-webkit-progress-value {
    background: var(--tabor-warn);
  }
  .waiting progress::-moz-progress-bar {
    background: var(--tabor-warn);
  }
  .waiting .advice {
    background: var(--tabor-warn-wash);
  }
  .failed .advice {
    background: var(--tabor-bad-wash);
  }
  .advice {
    padding: var(--tabor-space-2) var(--tabor-space-3);
    border-radius: var(--tabor-radius-s);
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
