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
