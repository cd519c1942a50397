import { css } from "lit";

/** What is in sheets: sections, facts in two columns, rows of buttons. */
export const sheetStyles = css`
  :host {
    display: grid;
    gap: var(--tabor-space-5);
  }
  section {
    display: grid;
    gap: var(--tabor-space-3);
  }
  h3 {
    display: flex;
    align-items: center;
    gap: var(--tabor-space-2);
  }
  .bad {
    color: var(--tabor-bad);
  }
  .good {
    color: var(--tabor-good);
  }
  dl {
    display: grid;
    grid-template-columns: minmax(5.5rem, max-content) 1fr;
    gap: var(--tabor-space-1) var(--tabor-space-4);
  }
  dt {
    color: var(--tabor-ink-soft);
    font-size: var(--tabor-text-s);
    padding-top: 0.1rem;
  }
  dd {
    overflow-wrap: anywhere;
    min-width: 0;
  }
  summary {
    cursor: pointer;
    min-height: 2rem;
    align-content: center;
  }
  details dl {
    padding-block: var(--tabor-space-2);
  }
`;
