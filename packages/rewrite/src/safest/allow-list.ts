/**
 * What a page may consist of at Safest. An allow-list: what is not here does not reach the browser, so a new element or attribute that
 * browsers invent is harmless until somebody adds it.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Elements that stay, with what is in them. */
export const KEPT_ELEMENTS = words(`
  a abbr acronym address area article aside audio b bdi bdo big blockquote body br button caption center cite code col colgroup data
  datalist dd del details dfn dialog dir div dl dt em fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head
  header hgroup hr html i iframe img input ins kbd label legend li link main map mark marquee menu meta meter nav nobr ol optgroup option
  output p picture pre progress q rb rp rt rtc ruby s samp search section select small source span strike strong style sub summary sup
  table tbody td textarea tfoot th thead time title tr track tt u ul var video wbr`);

/** Elements that go with everything in them: it is code, or meant for other programs than a reader. All others leave their children. */
export const DROPPED_ELEMENTS = words(`
  applet base basefont bgsound embed fencedframe noembed noframes param portal script template`);

/**
 * Whether an element is a page's own: of names with a hyphen the HTML standard (§4.13.3) makes none itself. Stylesheets speak of them.
 */
export function isCustomElement(name: string): boolean {
  return /^[a-z][a-z0-9._]*-[a-z0-9._-]*$/.test(name) && !RESERVED.has(name);
}

const RESERVED = words(`annotation-xml color-profile font-face font-face-src font-face-uri font-face-format
  font-face-name missing-glyph`);

/** Without `name`, `autofocus`, `accesskey`, `contenteditable`, `slot`, `is`, `nonce`, `style` and all that acts. */
const EVERYWHERE = words(`align class dir hidden id inert itemid itemprop itemref itemscope itemtype lang
  popover popovertarget popovertargetaction role tabindex title translate`);

const CELL = "abbr axis bgcolor char charoff colspan headers height nowrap rowspan scope valign width";
const ROWS = "bgcolor char charoff valign";

const ON_ELEMENT: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    a: "hreflang name type",
    area: "alt coords nohref shape",
    audio: "controls loop muted preload",
    blockquote: "",
    body: "alink bgcolor bottommargin leftmargin link marginheight marginwidth rightmargin text topmargin vlink",
    br: "clear",
    button: "disabled form formenctype formmethod formnovalidate name type value",
    col: "bgcolor char charoff span valign width",
    colgroup: "bgcolor char charoff span valign width",
    data: "value",
    del: "datetime",
    details: "name open",
    dialog: "open",
    dir: "compact",
    dl: "compact",
    fieldset: "disabled form name",
    font: "color face size",
    form: "accept-charset enctype method novalidate",
    frame: "bordercolor frameborder marginheight marginwidth noresize scrolling",
    frameset: "border bordercolor cols frameborder framespacing rows",
    hr: "color noshade size width",
    iframe: "frameborder height loading marginheight marginwidth scrolling width",
    img: "alt border decoding height hspace loading sizes usemap vspace width",
    input: `accept alt checked dirname disabled form formenctype formmethod formnovalidate height inputmode list max
      maxlength min minlength multiple name pattern placeholder readonly required size step type value width`,
    ins: "datetime",
    label: "for",
    legend: "",
    li: "type value",
    link: "media title",
    map: "name",
    marquee: "behavior bgcolor direction height hspace loop scrollamount scrolldelay truespeed vspace width",
    menu: "compact",
    meter: "high low max min optimum value",
    ol: "compact reversed start type",
    optgroup: "disabled label",
    option: "disabled label selected value",
    output: "for form name",
    pre: "width",
    progress: "max value",
    select: "disabled form multiple name required size",
    source: "height media sizes type width",
    style: "media title",
    table: "bgcolor border bordercolor cellpadding cellspacing cols frame height rules summary width",
    tbody: ROWS,
    td: CELL,
    textarea: `cols dirname disabled form inputmode maxlength minlength name placeholder readonly required rows wrap`,
    tfoot: ROWS,
    th: CELL,
    thead: ROWS,
    time: "datetime",
    tr: `${ROWS} height`,
    track: "default kind label srclang",
    ul: "compact type",
    video: "controls height loop muted playsinline preload width",
  }).map(([element, names]) => [element, words(names)]),
);

/** Whether a page may bring this attribute as it is. None of them holds an address, code or a style. */
export function isKeptAttribute(element: string, attribute: string): boolean {
  return (
    EVERYWHERE.has(attribute) ||
    ON_ELEMENT.get(element)?.has(attribute) === true ||
    /^(?:data|aria)-[a-z0-9_.:-]+$/.test(attribute)
  );
}

/** `<meta name>` that only say how the page is laid out. */
export const KEPT_META = words("color-scheme viewport");
