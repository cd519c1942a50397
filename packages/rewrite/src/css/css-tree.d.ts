/** The two parts of css-tree that we use; it brings no types of its own. */
declare module "css-tree/tokenizer" {
  /** Calls back for each token of CSS Syntax §4 with its type and where it stands: [start, end). */
  export function tokenize(source: string, onToken: (type: number, start: number, end: number) => void): void;
  /** Codes of token types. */
  export const tokenTypes: Readonly<
    Record<
      | "EOF"
      | "Ident"
      | "Function"
      | "AtKeyword"
      | "Hash"
      | "String"
      | "BadString"
      | "Url"
      | "BadUrl"
      | "Delim"
      | "Number"
      | "Percentage"
      | "Dimension"
      | "WhiteSpace"
      | "CDO"
      | "CDC"
      | "Colon"
      | "Semicolon"
      | "Comma"
      | "LeftSquareBracket"
      | "RightSquareBracket"
      | "LeftParenthesis"
      | "RightParenthesis"
      | "LeftCurlyBracket"
      | "RightCurlyBracket"
      | "Comment",
      number
    >
  >;
}

declare module "css-tree/utils" {
  /** Between a token's text and what it says, escapes resolved. */
  interface Codec {
    decode(token: string): string;
  }
  export const ident: Codec;
  export const string: Codec;
  export const url: Codec;
}
