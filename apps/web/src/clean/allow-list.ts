/**
 * What a cleaned page may consist of. An allow-list: what is not here does not reach the browser, so a new element or
 * attribute that browsers invent is harmless until somebody adds it.
 */

/** Elements that are kept, without their attributes but those below. */
export const KEPT_ELEMENTS: ReadonlySet<string> = new Set(
  [
    "abbr address article aside b bdi bdo big blockquote br button caption center cite code col colgroup data dd del",
    "details dfn dir div dl dt em fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i input ins kbd",
    "label legend li main mark menu meter nav ol optgroup option output p pre progress q rp rt ruby s samp search",
    "section select small span strike strong sub summary sup table tbody td textarea tfoot th thead time tr tt u ul",
    "var wbr",
  ].flatMap((line) => line.split(" ")),
);

/** Elements that go with everything in them: it is code, style, or meant for other programs than a reader. */
export const DROPPED_ELEMENTS: ReadonlySet<string> = new Set(
  [
    "script style template link meta base basefont title noembed noframes canvas param source track datalist portal",
    "fencedframe bgsound keygen",
  ].flatMap((line) => line.split(" ")),
);

/** Controls of forms: kept to be seen, never to be used. */
export const FORM_CONTROLS: ReadonlySet<string> = new Set([
  "button",
  "input",
  "select",
  "textarea",
  "fieldset",
]);

/** Types of `<input>` that show something without doing anything. */
export const INPUT_TYPES: ReadonlySet<string> = new Set(
  "text search email tel url number password checkbox radio submit reset button date time range".split(" "),
);

const EVERYWHERE: ReadonlySet<string> = new Set(["dir", "hidden", "id", "lang", "title"]);

const ON_ELEMENT: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    col: "span",
    colgroup: "span",
    data: "value",
    details: "open",
    input: "type value placeholder checked size",
    label: "for",
    li: "value",
    meter: "value min max low high optimum",
    ol: "start reversed type",
    optgroup: "label",
    option: "selected label value",
    progress: "value max",
    td: "colspan rowspan headers align valign",
    textarea: "rows cols placeholder",
    th: "colspan rowspan headers scope abbr align valign",
    time: "datetime",
    tr: "align valign",
    button: "value",
  }).map(([element, names]) => [element, new Set(names.split(" "))]),
);

/** Whether a page may bring this attribute. None of them holds a URL, code, a style or a name. */
export function isKeptAttribute(element: string, attribute: string): boolean {
  return EVERYWHERE.has(attribute) || ON_ELEMENT.get(element)?.has(attribute) === true;
}
