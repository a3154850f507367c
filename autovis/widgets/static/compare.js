// @ts-check
// Two films, or two pictures, under one playhead: frames that tell the same stand side by side, and what differs is marked.

import { choiceOf, classesOf } from "./choice.js";
import { code } from "./code.js";
import { make, panel, SVG } from "./dom.js";
import { corresponding, speaker, states, stopsOf } from "./film.js";
import { inspector } from "./inspect.js";
import { keysOf } from "./keys.js";
import { menuOf } from "./menu.js";
import { caption, key, numbers, reading } from "./panels.js";
import { stage } from "./stage.js";
import { playheadOf, transport } from "./transport.js";
import { walk } from "./walk.js";

/**
 * @typedef {import("./film.js").Film} Film
 * @typedef {import("./film.js").Frame} Frame
 * @typedef {import("./film.js").Item} Item
 * @typedef {import("./film.js").State} State
 * @typedef {import("./film.js").Say} Say
 * @typedef {import("./panels.js").Reel} Reel
 * @typedef {import("./transport.js").Playhead} Playhead
 * @typedef {{ title?: string, pair: [Film, Film], steps: [number, number][], same: [string, string][], gap: number,
 *   words?: Record<string, string>, start?: Film["start"] }} Pair `steps` holds pairs of frame numbers
 * @typedef {{ ids: [string, string], part: string, texts: [string, string] }} Difference
 */

/** What two elements, or two links, can differ in; see `pair.py`. */
const COMPARED = ["role", "value", "grad", "saved", "version", "tray", "token"];

/**
 * For each step the frame that a side shows: its own, or the one before where it has no counterpart.
 * @param {[number, number][]} steps @param {0 | 1} side @param {number} gap
 */
export function shownOf(steps, side, gap) {
  let last = 0;
  return steps.map((step) => (step[side] === gap ? last : (last = step[side])));
}

/**
 * Where two elements or links say something else.
 * @param {[string, string][]} same @param {[Map<string, Item>, Map<string, Item>]} items @param {[State, State]} now
 * @returns {Difference[]}
 */
export function differences(same, items, now) {
  return same.flatMap((ids) => {
    const both = ids.map((id, side) => ({ ...items[side].get(id), ...now[side][id] }));
    if (both.some(({ visible }) => visible === false)) return [];
    return COMPARED.flatMap((part) => {
      const texts = /** @type {[string, string]} */ (both.map((one) => String(one[part] ?? "")));
      return texts[0] === texts[1] ? [] : [{ ids, part, texts }];
    });
  });
}

/**
 * The two films as one, for whoever only asks what a step is about.
 * @param {Pair} pair @param {[Frame[], Frame[]]} frames @param {[string, string]} names @param {Say} say @returns {Frame[]}
 */
export function merged({ steps, gap }, frames, names, say) {
  return steps.map((step) => {
    const here = /** @type {(0 | 1)[]} */ ([0, 1]).filter((side) => step[side] !== gap);
    const told = here.map((side) => frames[side][step[side]]);
    const texts = [...new Set(told.map(({ text = "" }) => text))];
    const text = here.length < 2 ? say("compare_only", { name: names[here[0]], text: texts[0] }) : texts.join(" / ");
    return { ...told[0], text };
  });
}

/** Put the sign of a difference on an element or a link, once; it is seen when it is needed. @param {Element} group */
function sign(group) {
  if (group.querySelector(":scope > .differs")) return;
  const [mark, disc, text] = ["g", "circle", "text"].map((name) => document.createElementNS(SVG, name));
  const token = group.querySelector("[data-slot=token]")?.getAttribute("transform");
  const { x = 0, y = 0 } = /** @type {SVGGraphicsElement | null} */ (group.querySelector(".halo"))?.getBBox() ?? {};
  mark.setAttribute("class", "differs");
  mark.setAttribute("transform", token ? `${token} translate(0 -20)` : `translate(${x} ${y})`);
  disc.setAttribute("r", "11");
  text.setAttribute("text-anchor", "middle");
  text.setAttribute("y", "5");
  text.textContent = "≠";
  mark.append(disc, text);
  group.append(mark);
}

/**
 * One of the two, in its column.
 * @param {Film} film @param {Pair} pair @param {0 | 1} side @param {Say} say @param {Playhead} playhead
 * @param {(side: 0 | 1, id: string) => void} pick
 */
function column(film, { steps, gap }, side, say, playhead, pick) {
  const isFilm = film.frames.length > 0;
  const frames = isFilm ? film.frames : [{ kind: "start" }];
  const choice = choiceOf(film.start);
  /** @type {Reel} */
  const reel = { film, frames, all: states(frames), say, choice };
  const shown = steps.length ? shownOf(steps, side, gap) : [0];
  const own = { ...playhead, goTo: (/** @type {number} */ index) => playhead.goTo(shown.indexOf(index)) };
  const picture = stage(reel);
  const picking = (/** @type {string} */ id) => pick(side, id);
  const walker = walk(reel, picture, picking);
  const inspect = inspector({ ...reel, frames: [] }, own, picking);
  const words = caption(reel);
  const figures = isFilm ? [...(film.source?.length ? [code(reel, own)] : []), numbers(reel)] : [];
  const wait = make("span", { class: "autovis-gap" }, say("compare_gap"));
  const head = make("div", { class: "autovis-name" }, film.title ?? "", " ", wait);
  const parts = [picture, walker, inspect, words, reading(reel), ...figures];
  const top = make("div", { class: "autovis-side", role: "group", "aria-label": film.title ?? "" }, head, picture.node);
  if (isFilm) top.append(words.node);
  top.append(inspect.node, /** @type {any} */ (parts[4]).node);
  const under = make("div", { class: "autovis-name" }, film.title ?? "");
  const below = make("div", {}, under, make("div", { class: "autovis-panels" }, ...figures.map(({ node }) => node)));
  for (const section of [...top.querySelectorAll("section"), ...below.querySelectorAll("section")])
    section.setAttribute("aria-label", `${section.getAttribute("aria-label")} (${film.title ?? ""})`);
  return {
    reel,
    top,
    below,
    picture,
    walker,
    frameAt: (/** @type {number} */ step) => shown[step],
    /** @param {number} step @param {boolean} [stepped] */
    show(step, stepped = false) {
      const [index, before] = [shown[step], shown[Math.max(0, step - 1)]];
      const waits = isFilm && steps[step][side] === gap;
      top.classList.toggle("waits", waits);
      wait.hidden = !waits;
      for (const part of parts) part.show(index, index === before ? index : before, stepped && index !== before);
    },
  };
}

/**
 * Put two films, or two pictures, into an element.
 * @param {HTMLElement} element @param {Pair} pair @param {import("./mount.js").Options} [options]
 */
export function mountPair(element, pair, { frame = 0, style = "", onSettle = () => {} } = {}) {
  const [say, choice] = [speaker(pair.words), choiceOf(pair.start)];
  const isFilm = pair.steps.length > 0;
  const names = /** @type {[string, string]} */ (pair.pair.map(({ title = "" }) => title));
  const all = /** @type {[Frame[], Frame[]]} */ (pair.pair.map(({ frames }) => frames));
  const frames = isFilm ? merged(pair, all, names, say) : [{ kind: "start" }];
  /** @type {Reel} */
  const reel = { film: { ...pair.pair[0], items: [], title: pair.title }, frames, all: () => ({}), say, choice };
  const stops = () => stopsOf(frames, choice.now().detail, choice.now().hidden);
  const start = stops().findLastIndex((stop) => stop <= frame);
  const playhead = playheadOf(stops(), start, {
    onMove: (step, before) => show(step, playhead.stops()[playhead.at() - 1] === before),
    onTurn: (playing) => controls.playing(playing),
    onSettle,
  });
  const mates = [new Map(pair.same), new Map(pair.same.map(([a, b]) => [b, a]))];
  const pick = (/** @type {0 | 1} */ side, /** @type {string} */ id) => {
    columns[side].reel.choice.set({ picked: id });
    columns[1 - side].reel.choice.set({ picked: mates[side].get(id) ?? "" });
  };
  const columns = [0, 1].map((side) => column(pair.pair[side], pair, /** @type {0 | 1} */ (side), say, playhead, pick));
  for (const one of columns) one.reel.choice.listen(() => one.show(playhead.index()));
  const reset = () => {
    choice.reset();
    pick(0, "");
    playhead.jump(0);
  };
  const menu = menuOf(reel, playhead, reset);
  const controls = transport(reel, playhead, menu.opener);
  const table = differing(pair, columns, names, say);
  const root = make("div", {
    role: "group",
    lang: say("lang"),
    tabindex: "0",
    "aria-label": pair.title ?? "",
    "data-lm-suppress-shortcuts": "true",
  });
  function show(/** @type {number} */ step, stepped = false) {
    root.dataset.frame = String(step);
    for (const one of columns) one.show(step, stepped);
    table.show(step);
    menu.show();
    if (isFilm) controls.show(step);
  }
  const dress = () => {
    root.className = ["autovis", "autovis-comparison", ...classesOf(choice.now())].join(" ");
  };
  choice.listen((now, before) => {
    dress();
    for (const one of columns) one.reel.choice.set({ detail: now.detail, hidden: now.hidden, leaf: now.leaf });
    const wanted = stops();
    if (now.detail !== before.detail || now.hidden !== before.hidden)
      playhead.cut(wanted, corresponding(frames, wanted, playhead.index()));
    else show(playhead.index());
  });
  const close = () => {
    if (menu.close()) return;
    if (columns.some((one) => one.reel.choice.now().picked)) pick(0, "");
    else root.focus();
  };
  root.addEventListener("keydown", keysOf(reel, playhead, { reset, help: menu.help, close }));
  dress();
  const pictures = make("div", { class: "autovis-sides" }, ...columns.map(({ top }) => top));
  const panels = make("div", { class: "autovis-sides" }, ...columns.map(({ below }) => below));
  const bar = isFilm ? controls.node : make("div", { class: "autovis-buttons" }, menu.opener);
  root.append(make("style", {}, style), pictures, bar, menu.node, table.node, ...(isFilm ? [panels] : []));
  const legend = new Map(pair.pair.flatMap(({ legend = [] }) => legend.map((row) => [row[0], row])));
  root.append(key({ ...reel, film: { ...reel.film, legend: [...legend.values()] } }, pictures));
  element.append(root);
  show(playhead.index());
  return {
    goTo: playhead.goTo,
    index: playhead.index,
    remove() {
      playhead.stop();
      root.remove();
    },
  };
}

/**
 * The table of what differs at a step, and the signs in both pictures.
 * @param {Pair} pair @param {ReturnType<typeof column>[]} columns @param {[string, string]} names @param {Say} say
 */
function differing({ pair, same, steps, gap }, columns, names, say) {
  const items = /** @type {[Map<string, Item>, Map<string, Item>]} */ (
    pair.map(({ items = [] }) => new Map(items.map((item) => [item.id, item])))
  );
  const paired = [0, 1].map((side) => new Set(same.map((ids) => ids[side])));
  const body = make("div", { role: "table", "aria-label": say("differences") });
  const none = make("p", {}, say("alike"));
  const node = panel("differences", say("differences"), body, none);
  body.tabIndex = 0; // it scrolls
  const row = (/** @type {string} */ role, /** @type {(string | Node)[]} */ ...cells) =>
    make("div", { role: "row" }, ...cells.map((cell) => make("div", { role }, cell)));
  const nameOf = (/** @type {number} */ side, /** @type {string} */ id) => {
    const link = (pair[side].links ?? []).find(([own]) => own === id);
    const stores = link?.[3] === "store";
    const { word = "", label = "" } = items[side].get(link ? link[stores ? 2 : 1] : id) ?? {};
    return link ? say("compare_link", { name: stores ? `${label}.grad` : label || word }) : word === label ? word : `${word} ${label}`.trim();
  };
  /** @type {Element[]} */
  let marked = [];
  return {
    node,
    /** @param {number} step */
    show(step) {
      const now = /** @type {[State, State]} */ (columns.map(({ reel, frameAt }) => reel.all(frameAt(step))));
      const found = differences(same, items, now);
      const alone = columns.flatMap((_, side) =>
        [...items[side].values()].filter(({ id }) => !paired[side].has(id) && now[side][id]?.visible !== false).map(({ id }) => ({ side, id })),
      );
      for (const element of marked) element.removeAttribute("data-differs");
      const ids = [...found.flatMap(({ ids }) => ids.map((id, side) => ({ side, id }))), ...alone];
      marked = ids.flatMap(({ side, id }) => columns[side].picture.groupOf(id) ?? []);
      for (const group of marked) {
        sign(group);
        group.setAttribute("data-differs", "");
      }
      const rows = found.map(({ ids, part, texts }) =>
        row("cell", `${nameOf(0, ids[0])}${part === "token" ? "" : ` ${say(`inspect_${part}`)}`}`, ...texts.map((text) => text || say("nothing"))),
      );
      const only = alone.map(({ side, id }) => row("cell", nameOf(side, id), ...[0, 1].map((i) => say(i === side ? "there" : "missing"))));
      const all = [...rows, ...only];
      body.replaceChildren(row("columnheader", say("compare_what"), ...names), ...all);
      body.hidden = !all.length;
      none.hidden = all.length > 0;
    },
  };
}
