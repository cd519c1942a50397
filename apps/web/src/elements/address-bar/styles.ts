import { css } from "lit";

export const styles = css`
  form {
    display: flex;
    align-items: center;
    gap: var(--tabor-space-1);
  }
  input {
    flex: 1;
    min-width: 0;
    height: var(--tabor-touch);
    margin: 0 var(--tabor-space-1);
    padding: 0 var(--tabor-space-4);
    font: inherit;
    color: inherit;
    background: var(--tabor-sunken);
    border: 1px solid var(--tabor-line-strong);
    border-radius: 2rem;
  }
  input:focus-visible {
    outline-offset: 0;
    background: var(--tabor-surface);
  }
  input::placeholder {
    color: var(--tabor-ink-soft);
    opacity: 1;
  }
  #why {
    color: var(--tabor-bad);
  }
  #why:not(:empty) {
    padding: var(--tabor-space-1) var(--tabor-space-2) 0;
  }
  @media (max-width: 34rem) {
    .go {
      display: none;
    }
    [data-testid="forward"]:disabled {
      display: none;
    }
  }
`;
