import { css } from "lit";

const iconStyles = css`
  .mark,
  .spinner,
  img {
    flex: none;
    width: 1rem;
    height: 1rem;
  }
  .mark {
    display: inline-grid;
  }
  .mark svg {
    width: 1rem;
    height: 1rem;
  }
  .spinner {
    border: 2px solid var(--tabor-line-strong);
    border-top-color: var(--tabor-accent);
    border-radius: 50%;
    animation: turn 1s linear infinite;
  }
  @keyframes turn {
    to {
      rotate: 1turn;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .spinner {
      animation: none;
      border-style: dotted;
    }
  }
  .title {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
`;

export const stripStyles = css`
  ${iconStyles}
  :host {
    display: flex;
    align-items: center;
    min-width: 0;
    gap: var(--tabor-space-1);
  }
  .row {
    flex-wrap: nowrap;
    gap: 2px;
    min-width: 0;
    overflow-x: auto;
    scrollbar-width: none;
    align-self: stretch;
    padding-top: var(--tabor-space-1);
  }
  .item {
    position: relative;
    flex: 0 1 auto;
    width: 13rem;
    min-width: 5rem;
    height: 100%;
    display: flex;
    align-items: center;
    border-radius: var(--tabor-radius) var(--tabor-radius) 0 0;
    color: var(--tabor-ink-soft);
  }
  .item:hover {
    background: var(--tabor-ground);
  }
  .item.active {
    background: var(--tabor-surface);
    color: var(--tabor-ink);
  }
  [role="tab"] {
    flex: 1;
    min-width: 0;
    min-height: 2.25rem;
    height: 100%;
    display: flex;
    align-items: center;
    gap: var(--tabor-space-2);
    padding: 0 2rem 0 var(--tabor-space-3);
    border: 0;
    border-radius: inherit;
    font-size: var(--tabor-text-s);
    text-align: start;
  }
  [role="tab"]:hover:not(:disabled) {
    background: transparent;
  }
  :focus-visible {
    outline-offset: -2px;
  }
  button.close {
    position: absolute;
    inset-inline-end: 0.25rem;
    width: 1.5rem;
    min-height: 1.5rem;
    height: 1.5rem;
    border-radius: 50%;
  }
  .close svg {
    width: 0.9rem;
    height: 0.9rem;
  }
`;

export const listStyles = css`
  ${iconStyles}
  ul {
    list-style: none;
    display: grid;
    gap: var(--tabor-space-2);
    margin-bottom: var(--tabor-space-4);
  }
  li {
    display: flex;
    gap: var(--tabor-space-1);
    align-items: center;
    border: 1px solid var(--tabor-line);
    border-radius: var(--tabor-radius-s);
  }
  li[data-active] {
    border-color: var(--tabor-accent);
    background: var(--tabor-accent-wash);
  }
  .open {
    flex: 1;
    min-width: 0;
    min-height: 3.25rem;
    display: flex;
    align-items: center;
    gap: var(--tabor-space-3);
    border: 0;
    padding: 0 var(--tabor-space-3);
    text-align: start;
  }
  .words {
    display: grid;
    min-width: 0;
  }
  .address {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
`;
