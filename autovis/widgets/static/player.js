// @ts-check
// The player: one film, stepped in the browser. Above the line only functions of the frames; below it the page.
// Everything on the page is a function of the frame number, so going there and stepping there look the same.

/**
 * @typedef {Record<string, string | number | boolean>} Change
 * @typedef {Record<string, Change>} State what differs from the picture as drawn, by id
 * @typedef {{ to?: string, arrives?: string, local?: string, product?: string, sent?: string }} Row
 * @typedef {{ node: string, before?: string, arriving?: string, after?: string, came?: number, of?: number }} Tray
 * @typedef {{ leaf: string, name: string, event: string, old?: string, arriving?: string, new?: string,
 *   call?: number }} Entry
 * @typedef {{ leaf: string, name: string, entries: { text: string, call: number, frame: number,
 *   current: boolean }[] }} Account the ledger of one leaf
 * @typedef {{ kind: string, text?: string, call?: number, node?: string, links?: string[], rows?: Row[], tray?: Tray,
 *   ledger?: Entry, line?: [number, number], changes?: State }} Frame
 * @typedef {{ id: string, word: string, label?: string } & Change} Item one element, for the list that is read aloud
 * @typedef {{ title?: string, svg: string, frames: Frame[], items?: Item[], legend?: [string, string, string][],
 *   source?: string[], metrics: Metrics }} Film
 * @typedef {{ advance: number, wide_from: number, longest: number, sizes: { token: number },
 *   pill: { pad: number, height: number } }} Metrics how wide texts are; see `measure.py`
 * @typedef {{ node: HTMLElement, show: (index: number, before: number) => void }} Part
 * @typedef {{ index: () => number, goTo: (index: number) => void, play: () => void, speed: (factor: number) => void,
 *   stop: () => void }} Playhead
 */

const SPEEDS = [0.5, 1, 2];
const WAIT = 1600; // milliseconds on a frame at speed 1
const SETTLED = 150; // milliseconds without a step before the kernel hears of it
const TRAVEL = 360; // milliseconds that a gradient takes along its line

/**
 * What a change writes into the slots of the picture; undefined leaves what was drawn.
 * @type {Record<string, (change: Change) => unknown>}
 */
const WRITTEN = {
  value: ({ value }) => value,
  grad: ({ grad }) => grad,
  saved: ({ saved }) => saved,
  version: ({ version }) => version && `v${version}`,
  "tray-text": ({ tray }) => tray || undefined,
};

/** Events that a learner looks for: the word, and the shape on the timeline in a box of 10 by 10.
 * @type {Record<string, [string, string]>} */
const MARKS = {
  seed: ["backward starts", "M9 1v8L1 5z"],
  fan_in: ["fan-in", "M5 1a4 4 0 1 0 .01 0zM5 3a2 2 0 1 1-.01 0z"],
  accumulate: ["added to .grad", "M1 1h8v8H1z"],
  clear: [".grad cleared", "M1 1h8v8H1zM2.5 2.5v5h5v-5z"],
  cut: ["cut", "M5 0l5 5-5 5-5-5z"],
  error: ["error", "M3 0h4l3 3v4L7 10H3L0 7V3z"],
};

/** The nearest frame number that exists. @param {number} index @param {number} count */
export const clamp = (index, count) => Math.max(0, Math.min(Math.round(index) || 0, count - 1));

/** Add up the deltas; an id that did not change keeps its object. @param {Frame[]} frames @returns {State[]} */
export function states(frames) {
  /** @type {State} */
  let now = {};
  return frames.map(({ changes = {} }) => {
    now = { ...now };
    for (const [id, change] of Object.entries(changes)) now[id] = { ...now[id], ...change };
    return now;
  });
}

/**
 * The next frame in which a leaf's `.grad` grows, or the same frame when there is none.
 * @param {Frame[]} frames @param {number} index @param {1 | -1} direction
 */
export function nextLeaf(frames, index, direction) {
  for (let i = index + direction; i >= 0 && i < frames.length; i += direction) {
    if (frames[i].kind === "accumulate") return i;
  }
  return index;
}

/** The events worth a mark on the timeline. @param {Frame[]} frames */
export const marks = (frames) =>
  frames.flatMap(({ kind }, index) =>
    kind in MARKS ? [{ index, kind, word: MARKS[kind][0], shape: MARKS[kind][1] }] : [],
  );

/** One line of the ledger. @param {Entry} entry */
export function entryText({ event, old, arriving, new: after }) {
  if (event === "zero") return `zeroed: ${after ?? 0}`;
  if (event === "none") return "cleared: None";
  return `${old ?? "None"} + ${arriving} = ${after}`;
}

/**
 * What has happened to each leaf's `.grad` up to a frame, leaf by leaf.
 * @param {Frame[]} frames @param {number} index @returns {Account[]}
 */
export function ledgerUpTo(frames, index) {
  /** @type {Map<string, Account>} */
  const groups = new Map();
  frames.slice(0, index + 1).forEach(({ ledger }, frame) => {
    if (!ledger) return;
    const { leaf, name, call = 0 } = ledger;
    if (!groups.has(leaf)) groups.set(leaf, { leaf, name, entries: [] });
    groups.get(leaf)?.entries.push({ text: entryText(ledger), call, frame, current: frame === index });
  });
  return [...groups.values()];
}

/** The sum in a tray. @param {Tray} tray */
export const trayText = ({ before, arriving, after }) => `${before} + ${arriving} = ${after}`;

/** What a tray still needs. @param {Tray} tray */
export const waitingText = ({ came = 0, of = 0 }) => (came < of ? `waiting for ${of - came} more` : "complete");

/**
 * The tray to look at: this frame's, or the last one of this call that is still waiting.
 * @param {Frame[]} frames @param {number} index
 * @returns {{ tray: Tray, current: boolean } | null}
 */
export function trayAt(frames, index) {
  /** @type {Map<string, Tray>} */
  const open = new Map();
  const call = frames[index].call;
  for (const frame of frames.slice(0, index + 1)) {
    if (!frame.tray || frame.call !== call) continue;
    open.delete(frame.tray.node);
    if ((frame.tray.came ?? 0) < (frame.tray.of ?? 0)) open.set(frame.tray.node, frame.tray);
  }
  const now = frames[index].tray;
  const last = now ?? [...open.values()].at(-1);
  return last ? { tray: last, current: last === now } : null;
}

/** How far the film is, and in which call. @param {Frame[]} frames @param {number} index */
export const progressText = (frames, index) => [
  `${index} of ${frames.length - 1}`,
  frames[index].call ? `call ${frames[index].call}` : "",
];

/** An element in words, as a screen reader should say it. @param {Item} item @param {boolean} [active] */
export function describe({ word, label, value, grad, saved, tray, version, ghost, visible }, active = false) {
  if (visible === false) return "";
  const parts = [`${word} ${label ?? ""}`.trim()];
  if (value) parts.push(`value ${value}`);
  if (grad) parts.push(`.grad ${grad}`);
  if (saved) parts.push(`saved values ${saved}`);
  if (tray) parts.push(`fan-in ${tray}`);
  if (version) parts.push(`version ${version}`);
  if (ghost) parts.push("outside of what can be differentiated");
  if (active) parts.push("active in this step");
  return parts.join(", ");
}

const columns = (/** @type {string} */ text, /** @type {Metrics} */ { wide_from }) =>
  [...text].reduce((sum, letter) => sum + ((letter.codePointAt(0) ?? 0) >= wide_from ? 2 : 1), 0);

/** Cut a text as the picture's writer does. @param {string} text @param {Metrics} metrics */
export function shorten(text, metrics) {
  if (columns(text, metrics) <= metrics.longest) return text;
  let kept = "";
  for (const letter of text) {
    if (columns(kept + letter, metrics) > metrics.longest - 1) break;
    kept += letter;
  }
  return `${kept}…`;
}

/** Width of a token in pixels. @param {string} text @param {Metrics} metrics */
export const pillWidth = (text, metrics) =>
  Math.max(columns(text, metrics) * metrics.advance * metrics.sizes.token + 2 * metrics.pill.pad, metrics.pill.height);

/** The text that needs most room. @param {(string | undefined)[]} texts */
export const longest = (texts) => texts.reduce((a = "", b = "") => (b.length > a.length ? b : a), "") ?? "";

// ------------------------------------------------------------------------------------------------ the page

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(
  "svg g path rect circle ellipse line polyline polygon text tspan title desc defs marker pattern clipPath".split(" "),
);
const ICONS = {
  First: "M3 2h2v12H3zM14 2v12L6 8z",
  Previous: "M12 2v12L4 8z",
  Play: "M4 2l9 6-9 6z",
  Pause: "M3 2h4v12H3zM9 2h4v12H9z",
  Next: "M4 2l8 6-8 6z",
  Last: "M11 2h2v12h-2zM2 2l8 6-8 6z",
};

/**
 * Make an element; strings become text, never markup.
 * @param {string} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** @param {string} shape @param {number} size */
function icon(shape, size) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", shape);
  path.setAttribute("fill-rule", "evenodd");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}

/** A text that changes in a place that does not: as high as the longest needs. @param {(string | undefined)[]} texts */
function place(texts) {
  const text = make("span");
  const node = make("span", { class: "autovis-place", "data-longest": longest(texts) }, text);
  return {
    node,
    set: (/** @type {string | undefined} */ words = "") => words === text.textContent || (text.textContent = words),
  };
}

/** @param {string} name @param {string} title @param {Node[]} children */
const panel = (name, title, ...children) =>
  make(
    "section",
    { class: `autovis-panel autovis-${name}`, "aria-label": title },
    make("div", { class: "autovis-title", "aria-hidden": "true" }, title),
    ...children,
  );

/**
 * Read a picture as data: what is not a drawing, or points elsewhere, is dropped.
 * @param {string} text @returns {SVGSVGElement}
 */
function adopt(text) {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (root.namespaceURI !== SVG || root.localName !== "svg") throw new Error("autovis: the picture is not SVG");
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (element.namespaceURI !== SVG || !DRAWN.has(element.localName)) element.remove();
    for (const { name, value } of [...element.attributes]) {
      if (/^on|href$/i.test(name) || /url\((?!#)/i.test(value)) element.removeAttribute(name);
    }
  }
  return /** @type {any} */ (document.importNode(root, true));
}

/**
 * The picture, and what each frame changes in it.
 * @param {Film} film @param {Frame[]} frames @param {State[]} all @returns {Part}
 */
function stage({ svg: text, metrics }, frames, all) {
  const svg = adopt(text);
  const node = make("div", { class: "autovis-stage" }, svg);
  const { width, height } = svg.viewBox.baseVal;
  node.style.setProperty("--width", `${width}px`);
  node.style.setProperty("--ratio", String(width / height || 1));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const things = new Map(
    [...svg.querySelectorAll("[data-id]")].map((group) => {
      const slots = [...group.querySelectorAll("[data-slot]")].map((slot) => [
        slot.getAttribute("data-slot"),
        { slot, drawn: slot.textContent },
      ]);
      return [
        group.getAttribute("data-id") ?? "",
        { group, classes: group.getAttribute("class") ?? "", slots: Object.fromEntries(slots) },
      ];
    }),
  );

  function write(/** @type {string} */ id, /** @type {Change} */ change = {}) {
    const thing = things.get(id);
    if (!thing) return;
    const { group, classes, slots } = thing;
    const { role, visible, saved, token = "" } = change;
    group.setAttribute("class", role ? classes.replace(/^element \S+/, `element ${role}`) : classes);
    if (visible !== undefined) group.classList.toggle("hidden", !visible);
    if (saved !== undefined && slots.saved) {
      group.classList.remove("saved-held", "saved-freed", "saved-stale", "saved-kept");
      if (saved) group.classList.add(`saved-${saved}`);
    }
    for (const [name, words] of Object.entries(WRITTEN)) {
      if (slots[name]) slots[name].slot.textContent = shorten(String(words(change) ?? slots[name].drawn), metrics);
    }
    if (slots.token) carry(group, slots.token.slot, shorten(String(token), metrics));
  }

  function carry(/** @type {Element} */ group, /** @type {Element} */ pill, /** @type {string} */ words) {
    const width = pillWidth(words, metrics);
    pill.querySelector("text")?.replaceChildren(words);
    pill.querySelector("rect")?.setAttribute("width", String(width));
    pill.querySelector("rect")?.setAttribute("x", String(-width / 2));
    group.classList.toggle("carrying", words !== "");
  }

  /** The gradient comes from the operation: its pill slides to its place along the line. */
  function travel(/** @type {string} */ id) {
    const group = things.get(id)?.group;
    const line = /** @type {SVGPathElement | null | undefined} */ (group?.querySelector("path.line"));
    if (!line) return;
    const at = (/** @type {number} */ part) => line.getPointAtLength(line.getTotalLength() * part);
    const translate = [1, 0.9, 0.8, 0.7, 0.6, 0.5].map(
      (part) => `${at(part).x - at(0.5).x}px ${at(part).y - at(0.5).y}px`,
    );
    group
      ?.querySelector("[data-slot=token]")
      ?.animate({ translate, opacity: [0, 1, 1] }, { duration: TRAVEL, easing: "ease-out" });
  }

  /** Scroll the stage, and only the stage, until an element is in it. */
  function follow(/** @type {string} */ id) {
    const box = things.get(id)?.group.getBoundingClientRect();
    const view = node.getBoundingClientRect();
    if (!box || (box.left >= view.left && box.right <= view.right && box.top >= view.top && box.bottom <= view.bottom))
      return;
    const [left, top] = [
      (box.left + box.right - view.left - view.right) / 2,
      (box.top + box.bottom - view.top - view.bottom) / 2,
    ];
    node.scrollBy({ left, top, behavior: calm.matches ? "auto" : "smooth" });
  }

  /** @type {State} */
  let shown = {};
  /** @type {string[]} */
  let lit = [];
  const light = (/** @type {boolean} */ on) => {
    for (const id of lit) things.get(id)?.group.classList.toggle("active", on);
  };
  return {
    node,
    show(index, before) {
      const { node: active = "", links = [], changes = {} } = frames[index];
      for (const animation of svg.getAnimations({ subtree: true })) animation.cancel();
      light(false);
      for (const id of Object.keys({ ...shown, ...all[index] }))
        if (shown[id] !== all[index][id]) write(id, all[index][id]);
      [shown, lit] = [all[index], [active, ...links]];
      light(true);
      if (index === before + 1 && !calm.matches) for (const id of links) if (changes[id]?.token) travel(id);
      if (active) follow(active);
    },
  };
}

/** One sentence, always at the same place. @param {Frame[]} frames */
function caption(frames) {
  const { node: inner, set } = place(frames.map(({ text }) => text));
  const node = make("div", { class: "autovis-caption", "aria-live": "polite" }, inner);
  return {
    node,
    show: (/** @type {number} */ index) => set(frames[index].text),
    // Says nothing while the film runs, and where it stopped when it stops.
    /** @param {boolean} playing @param {number} index */
    hush(playing, index) {
      node.setAttribute("aria-live", playing ? "off" : "polite");
      if (!playing) set("");
      set(frames[index].text);
    },
  };
}

/** The four parts of the chain rule, a row for each receiver. @param {Frame[]} frames @returns {Part} */
function chainRule(frames) {
  const names = /** @type {const} */ (["arrives", "local", "product", "sent"]);
  const cell = (/** @type {Row} */ row, /** @type {"arrives" | "local" | "product" | "sent"} */ name) =>
    name === "sent" && row.sent && row.to ? `${row.sent} to ${row.to}` : (row[name] ?? "");
  const count = Math.max(...frames.map(({ rows = [] }) => rows.length));
  const rows = Array.from({ length: count }, (_, i) =>
    names.map((name) => place(frames.map(({ rows = [] }) => rows[i] && cell(rows[i], name)))),
  );
  const row = (/** @type {Node[]} */ ...cells) => make("div", { role: "row" }, ...cells);
  const head = row(...names.map((name) => make("div", { role: "columnheader" }, name)));
  const body = rows.map((places) =>
    row(...places.map(({ node }, i) => make("div", { role: "cell", "data-name": names[i] }, node))),
  );
  return {
    node: panel("chain", "Chain rule", make("div", { role: "table", "aria-label": "Chain rule" }, head, ...body)),
    show(index) {
      rows.forEach((places, i) => {
        const shown = frames[index].rows?.[i];
        const known = frames[index].kind === "local" ? 2 : 4; // nothing is multiplied yet
        body[i].classList.toggle("empty", !shown);
        places.forEach(({ set }, column) => set(shown && column < known ? cell(shown, names[column]) : ""));
      });
    },
  };
}

/** The sum inside one backward pass. @param {Frame[]} frames @param {(id: string) => string} nameOf @returns {Part} */
function tray(frames, nameOf) {
  const trays = frames.flatMap(({ tray }) => tray ?? []);
  const [who, sum, wait] = [trays.map(({ node }) => nameOf(node)), trays.map(trayText), trays.map(waitingText)].map(
    place,
  );
  const node = panel("tray", "Fan-in", make("p", {}, who.node, sum.node, wait.node));
  return {
    node,
    show(index) {
      const found = trayAt(frames, index);
      node.classList.toggle("past", !found?.current);
      who.set(found ? nameOf(found.tray.node) : "");
      sum.set(found ? trayText(found.tray) : "");
      wait.set(found ? waitingText(found.tray) : "");
    },
  };
}

/**
 * What happened to every `.grad`, across calls: the lines are there from the beginning, and fill.
 * @param {Frame[]} frames @returns {Part}
 */
function ledger(frames) {
  const severalCalls = frames.some(({ call = 0 }) => call > 1);
  /** @type {{ node: HTMLElement, frame: number, words: string, set: (words?: string) => void }[]} */
  const lines = [];
  const groups = ledgerUpTo(frames, frames.length).map(({ name, entries }) => {
    const list = entries.map(({ text, call, frame }) => {
      const words = severalCalls && call ? `${text}  (call ${call})` : text;
      const { node: inner, set } = place([words]);
      const node = make("li", {}, inner);
      lines.push({ node, frame, words, set });
      return node;
    });
    return make("div", {}, make("b", {}, name), make("ul", { "aria-label": `${name}.grad` }, ...list));
  });
  const box = make("div", { class: "autovis-scroll" }, ...groups);
  return {
    node: panel("ledger", "Ledger of .grad", box),
    show(index) {
      for (const { node, frame, words, set } of lines) {
        set(frame <= index ? words : "");
        node.setAttribute("aria-hidden", String(frame > index));
        keepCurrent(node, frame === index, box);
      }
    },
  };
}

/** The recorded code, with the running line marked. @param {Frame[]} frames @param {string[]} source @returns {Part} */
function code(frames, source) {
  const lines = source.map((text) => make("li", {}, make("code", {}, text || " ")));
  const box = make("ol", { class: "autovis-scroll" }, ...lines);
  return {
    node: panel("code", "Code", box),
    show(index) {
      const [first, last] = frames[index].line ?? [0, 0];
      lines.forEach((line, i) => keepCurrent(line, first <= i + 1 && i + 1 <= last, box));
    },
  };
}

/**
 * Mark a line as the current one and keep it in its box.
 * @param {HTMLElement} line @param {boolean} on @param {HTMLElement} box
 */
function keepCurrent(line, on, box) {
  if (!on) return line.removeAttribute("aria-current");
  line.setAttribute("aria-current", "true");
  const [inner, outer] = [line.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top - outer.height / 2;
}

/**
 * The elements as a list that is read aloud.
 * @param {Film} film @param {Frame[]} frames @param {State[]} all @returns {Part}
 */
function reading({ items = [] }, frames, all) {
  const lines = items.map(() => make("li"));
  return {
    node: make("ul", { class: "autovis-unseen", "aria-label": "Elements of the picture" }, ...lines),
    show(index) {
      items.forEach((item, i) => {
        const words = describe(
          /** @type {Item} */ ({ ...item, ...all[index][item.id] }),
          frames[index].node === item.id,
        );
        if (lines[i].textContent !== words) lines[i].textContent = words;
        lines[i].hidden = !words;
      });
    },
  };
}

/**
 * What the legend shows beside a word: the thing itself, cut out of the picture, or its line.
 * @param {string} look @param {Element} picture
 */
function swatch(look, picture) {
  const [kind, role = ""] = look.split(/[ -]/);
  const found = picture.querySelector(
    kind === "saved" ? ".note" : kind === "token" ? ".pill" : `.body.${kind}, path.${kind}`,
  );
  const svg = icon(kind === "region" ? "M0 0h32v14H0z" : "M0 0h32", 36);
  const group = document.createElementNS(SVG, "g");
  const thing = /** @type {Element} */ (found?.cloneNode(true) ?? svg.firstChild);
  if (!found) thing.setAttribute("class", kind === "region" ? "frame" : "line");
  group.setAttribute("class", kind === "region" ? look : found ? `element ${look}` : `link ${role || kind}`);
  group.append(thing);
  svg.replaceChildren(group);
  svg.setAttribute("class", "autovis-picture");
  return svg;
}

/** Only what is painted. @param {Film} film @param {Element} picture @param {AbortSignal} signal */
function key({ frames, legend = [] }, picture, signal) {
  const events = [...new Map(marks(frames).map((mark) => [mark.kind, mark])).values()];
  const list = make("dl");
  const node = make("details", { class: "autovis-legend" }, make("summary", {}, "Legend"), list);
  const fill = () => {
    for (const [look, word, meaning] of legend) {
      const picked = swatch(look, picture);
      list.append(make("div", {}, make("dt", {}, picked, word), make("dd", {}, meaning)));
      const { x, y, width, height } = picked.getBBox(); // without the border
      picked.setAttribute("viewBox", `${x - 2} ${y - 2} ${width + 4} ${height + 4}`);
    }
    for (const { shape, word } of events)
      list.append(make("div", {}, make("dt", {}, icon(shape, 10), word), make("dd", {}, "a mark on the timeline")));
  };
  node.addEventListener("toggle", fill, { signal, once: true }); // measured when first seen
  return node;
}

/**
 * The buttons, the speed and the timeline.
 * @param {Frame[]} frames @param {Playhead} playhead @param {AbortSignal} signal
 */
function transport(frames, playhead, signal) {
  const last = frames.length - 1;
  const button = (
    /** @type {keyof typeof ICONS} */ name,
    /** @type {string} */ key,
    /** @type {() => void} */ press,
  ) => {
    const node = make(
      "button",
      { type: "button", title: `${name} (${key})` },
      icon(ICONS[name], 16),
      make("span", {}, name),
    );
    node.addEventListener("click", press, { signal });
    return node;
  };
  const play = button("Play", "Space", () => playhead.play());
  const speed = /** @type {HTMLSelectElement} */ (
    make(
      "select",
      { "aria-label": "Speed", title: "Speed" },
      ...SPEEDS.map((factor) => make("option", { value: String(factor) }, `${factor}×`)),
    )
  );
  speed.value = "1";
  speed.addEventListener("change", () => playhead.speed(Number(speed.value)), { signal });
  const range = /** @type {HTMLInputElement} */ (
    make("input", { type: "range", min: "0", max: String(last), step: "1", "aria-label": "Frame" })
  );
  range.addEventListener("input", () => playhead.goTo(range.valueAsNumber), { signal });
  const percent = (/** @type {number} */ index) => `${(100 * index) / (last || 1)}%`;
  const events = marks(frames).map(({ index, kind, word, shape }) => {
    const node = make("i", { class: kind, title: `${index}: ${word}` }, icon(shape, 10));
    node.style.left = percent(index);
    return { node, index };
  });
  const progress = make("span", { class: "autovis-progress" });
  const calls = place(frames.map((_, index) => progressText(frames, index)[1]));
  const call = make("span", { class: "autovis-call" }, calls.node);
  const buttons = make(
    "div",
    { class: "autovis-buttons" },
    button("First", "Home", () => playhead.goTo(0)),
    button("Previous", "Left", () => playhead.goTo(playhead.index() - 1)),
    play,
    button("Next", "Right", () => playhead.goTo(playhead.index() + 1)),
    button("Last", "End", () => playhead.goTo(last)),
    speed,
    make("span", { class: "autovis-where" }, call, progress),
  );
  const timeline = make(
    "div",
    { class: "autovis-timeline" },
    make("div", { class: "autovis-marks", "aria-hidden": "true" }, ...events.map(({ node }) => node)),
    range,
  );
  return {
    node: make("div", { class: "autovis-transport" }, buttons, timeline),
    /** @param {number} index */
    show(index) {
      const [step, number] = progressText(frames, index);
      progress.textContent = step;
      calls.set(number);
      range.value = String(index);
      range.setAttribute("aria-valuetext", frames[index].text ?? "");
      range.style.setProperty("--done", percent(index));
      for (const event of events) event.node.classList.toggle("past", event.index <= index);
    },
    /** @param {boolean} on */
    playing(on) {
      const name = on ? "Pause" : "Play";
      play.title = `${name} (Space)`;
      play.replaceChildren(icon(ICONS[name], 16), make("span", {}, name));
    },
  };
}

/**
 * Where the film is: it moves by hand or by itself, and stops by itself on reaching the last frame.
 * @param {number} count @param {number} start
 * @param {{ onMove: (index: number, before: number) => void, onTurn: (playing: boolean, index: number) => void,
 *   onSettle: (index: number) => void }} ears `onSettle` hears where it rests
 * @returns {Playhead}
 */
export function playheadOf(count, start, { onMove, onTurn, onSettle }) {
  const last = count - 1;
  let index = clamp(start, count);
  let factor = 1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let ticking;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let settling;

  function move(/** @type {number} */ wanted) {
    const before = index;
    index = clamp(wanted, count);
    if (index === before) return;
    onMove(index, before);
    clearTimeout(settling);
    settling = setTimeout(() => onSettle(index), SETTLED);
  }
  function turn(/** @type {boolean} */ on) {
    clearTimeout(ticking);
    if (on === (ticking !== undefined)) return;
    ticking = on ? setTimeout(tick, index === last ? WAIT / factor : 0) : undefined;
    onTurn(on, index);
  }
  function tick() {
    // Pause before the last step is taken, so that its caption is announced.
    if (index + 1 >= last) turn(false);
    else ticking = setTimeout(tick, WAIT / factor);
    move(index + 1);
  }
  return {
    index: () => index,
    goTo(wanted) {
      turn(false);
      move(wanted);
    },
    play() {
      turn(ticking === undefined);
      if (ticking !== undefined && index === last) move(0);
    },
    speed(wanted) {
      factor = wanted;
      if (ticking === undefined) return;
      clearTimeout(ticking);
      ticking = setTimeout(tick, WAIT / factor);
    },
    stop() {
      clearTimeout(ticking);
      clearTimeout(settling);
    },
  };
}

/** What each key does while the player has the focus. @param {Frame[]} frames @param {Playhead} playhead */
function keysOf(frames, { index, goTo, play }) {
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowLeft: () => goTo(index() - 1),
    ArrowRight: () => goTo(index() + 1),
    ArrowUp: () => goTo(nextLeaf(frames, index(), -1)),
    ArrowDown: () => goTo(nextLeaf(frames, index(), 1)),
    Home: () => goTo(0),
    End: () => goTo(frames.length - 1),
    " ": play,
  };
  return (/** @type {KeyboardEvent} */ event) => {
    const { key, target, currentTarget } = event;
    const onButton = /** @type {Element} */ (target).matches("button") && key !== " "; // which the button itself takes
    if (!(key in keys) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (target !== currentTarget && !onButton) return;
    event.preventDefault();
    event.stopPropagation();
    keys[key]();
  };
}

/** The panels that this film has something for: the code, and the numbers. @param {Film} film @returns {Part} */
function panelsOf({ frames, items = [], source = [] }) {
  const names = new Map(items.map(({ id, label = "" }) => [id, label]));
  const programs = source.length ? [code(frames, source)] : [];
  /** @type {Part[]} */
  const panels = [];
  if (frames.some(({ rows }) => rows?.length)) panels.push(chainRule(frames));
  if (frames.some((frame) => frame.tray)) panels.push(tray(frames, (id) => names.get(id) || id));
  if (frames.some((frame) => frame.ledger)) panels.push(ledger(frames));
  const node = make("div", { class: "autovis-numbers" }, ...panels.map((part) => part.node));
  return {
    node: make(
      "div",
      { class: "autovis-panels" },
      ...programs.map((part) => part.node),
      ...(panels.length ? [node] : []),
    ),
    show: (index, before) => [...programs, ...panels].forEach((part) => part.show(index, before)),
  };
}

/**
 * Put a film, or a picture (a film without frames), into an element.
 * @param {HTMLElement} element @param {Film} film
 * @param {{ frame?: number, style?: string, onSettle?: (index: number) => void }} [options] `style` is a style sheet
 *   that goes along; `onSettle` hears where the playhead rests
 * @returns {{ goTo: (index: number) => void, index: () => number, remove: () => void }}
 */
export function mount(element, film, { frame = 0, style = "", onSettle = () => {} } = {}) {
  const isFilm = film.frames.length > 0;
  const frames = isFilm ? film.frames : [{ kind: "start" }];
  const all = states(frames);
  const ears = new AbortController();
  const picture = stage(film, frames, all);
  const parts = [picture, reading(film, frames, all)];
  const playhead = playheadOf(frames.length, frame, {
    onMove: (index, before) => parts.forEach((part) => part.show(index, before)),
    onTurn(playing, index) {
      controls.playing(playing);
      words.hush(playing, index);
    },
    onSettle,
  });
  const words = caption(frames);
  const controls = transport(frames, playhead, ears.signal);
  const panels = panelsOf(film);
  const kind = isFilm ? "Film" : "Picture";
  const root = make("div", {
    class: `autovis autovis-${isFilm ? "player" : "still"}`,
    role: "group",
    tabindex: "0",
    "aria-label": film.title ? `${kind}: ${film.title}` : kind,
    "data-lm-suppress-shortcuts": "true",
  });
  root.append(make("style", {}, style), picture.node);
  if (isFilm) {
    parts.push(words, controls, panels);
    root.append(words.node, controls.node, panels.node);
    root.addEventListener("keydown", keysOf(frames, playhead), { signal: ears.signal });
  }
  root.append(key(film, picture.node, ears.signal), parts[1].node);
  element.append(root);
  for (const part of parts) part.show(playhead.index(), playhead.index());
  return {
    goTo: playhead.goTo,
    index: playhead.index,
    remove() {
      playhead.stop();
      ears.abort();
      root.remove();
    },
  };
}

/** What anywidget calls: the film comes once, and only the number of the frame goes back. */
export default {
  /** @param {{ model: any, el: HTMLElement, film: Film, style?: string }} context `loader.js` unpacks film and style */
  render({ model, el, film, style }) {
    const player = mount(el, film, {
      style,
      frame: model.get("frame"),
      onSettle(index) {
        model.set("frame", index);
        model.save_changes();
      },
    });
    const follow = () => model.get("frame") !== player.index() && player.goTo(model.get("frame"));
    model.on("change:frame", follow);
    return () => {
      model.off("change:frame", follow);
      player.remove();
    };
  },
};
