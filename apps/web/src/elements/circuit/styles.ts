import { css } from "lit";

export const styles = css`
  ol {
    list-style: none;
    display: grid;
  }
  li {
    position: relative;
    display: grid;
    gap: 0.1rem;
    padding: 0 0 var(--tabor-space-4) var(--tabor-space-5);
    overflow-wrap: anywhere;
  }
  li::before {
    content: "";
    position: absolute;
    left: 0.1rem;
    top: 0.35rem;
    width: 0.75rem;
    height: 0.75rem;
    border-radius: 50%;
    background: var(--station, var(--tabor-ink-soft));
  }
  li:not(:last-child)::after {
    content: "";
    position: absolute;
    left: calc(0.475rem - 1px);
    top: 1.3rem;
    bottom: -0.2rem;
    width: 2px;
    background: var(--tabor-line-strong);
  }
  .you {
    --station: var(--tabor-you);
  }
  .guard {
    --station: var(--tabor-guard);
  }
  .middle {
    --station: var(--tabor-middle);
  }
  .exit {
    --station: var(--tabor-exit);
  }
  .site::before {
    border-radius: 0.15rem;
  }
  li[data-failed] {
    --station: var(--tabor-bad);
  }
  .failed {
    color: var(--tabor-bad);
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--tabor-space-2);
    font-variant-numeric: tabular-nums;
  }
  .badge {
    padding: 0 0.45rem;
    border: 1px solid var(--tabor-line-strong);
    border-radius: 1rem;
    font-size: 0.75rem;
  }
  .reads {
    border-color: var(--tabor-bad);
    color: var(--tabor-bad);
  }
  .actions {
    display: grid;
    gap: var(--tabor-space-2);
  }
`;
