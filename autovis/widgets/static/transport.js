// @ts-check
// How a film is moved: the playhead, the buttons, the timeline.

import { button, icon, make, place, selection } from "./dom.js";
import { clamp, DETAILS, marks } from "./film.js";

/**
 * @typedef {import("./film.js").Frame} Frame
 * @typedef {import("./film.js").Say} Say
 * @typedef {import("./choice.js").Choice} Choice
 * @typedef {{ index: () => number, at: () => number, stops: () => number[], goTo: (index: number) => void,
 *   step: (by: number) => void, jump: (at: number) => void, play: () => void, pause: () => void,
 *   speed: (factor: number) => void, cut: (stops: number[], index: number) => void, stop: () => void }} Playhead `index` is a frame of
 *   the film, `at` its place among the stops, which are the frames that are shown
 */

export const SPEEDS = [0.5, 1, 2];
const WAIT = 1600; // milliseconds on a frame at speed 1
const SETTLED = 150; // milliseconds without a step before the kernel hears of it
const ICONS = {
  first: "M3 2h2v12H3zM14 2v12L6 8z",
  previous: "M12 2v12L4 8z",
  play: "M4 2l9 6-9 6z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  next: "M4 2l8 6-8 6z",
  last: "M11 2h2v12h-2zM2 2l8 6-8 6z",
  predict: "M8 1a5 5 0 0 0-5 5h2.2a2.8 2.8 0 1 1 4 2.5C7.600 9.300 6.900 10 6.900 11.500h2.200c0-.6.3-1 1.200-1.500A5 5 0 0 0 8 1zM6.800 13h2.400v2.300H6.800z",
  menu: "M2 3h12v2H2zM2 7h12v2H2zM2 11h12v2H2z",
};

/**
 * Where the film is: it moves by hand or by itself, and stops by itself at a question and on reaching the last frame.
 * @param {number[]} stops @param {number} start
 * @param {{ onMove: (index: number, before: number) => void, onTurn: (playing: boolean, index: number) => void,
 *   onSettle: (index: number) => void, waits?: (index: number) => boolean }} ears `onSettle` hears where it rests;
 *   `waits` says that playing may not go on from here
 * @returns {Playhead}
 */
export function playheadOf(stops, start, { onMove, onTurn, onSettle, waits = () => false }) {
  let at = clamp(start, stops.length);
  let factor = 1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let ticking;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let settling;
  const isLast = () => at === stops.length - 1;

  function move(/** @type {number} */ wanted) {
    const before = stops[at];
    at = clamp(wanted, stops.length);
    if (stops[at] === before) return;
    onMove(stops[at], before);
    clearTimeout(settling);
    settling = setTimeout(() => onSettle(stops[at]), SETTLED);
  }
  function turn(/** @type {boolean} */ on) {
    clearTimeout(ticking);
    if (on === (ticking !== undefined)) return;
    ticking = on ? setTimeout(tick, isLast() ? WAIT / factor : 0) : undefined;
    onTurn(on, stops[at]);
  }
  function tick() {
    // Pause before the last step is taken, so that its caption is announced.
    if (at + 2 >= stops.length || waits(stops[at + 1])) turn(false);
    else ticking = setTimeout(tick, WAIT / factor);
    move(at + 1);
  }
  const jump = (/** @type {number} */ wanted) => {
    turn(false);
    move(wanted);
  };
  return {
    index: () => stops[at],
    at: () => at,
    stops: () => stops,
    jump,
    step: (by) => jump(at + by),
    goTo: (index) => jump(stops.findLastIndex((stop) => stop <= index)),
    play() {
      if (ticking === undefined && waits(stops[at])) return;
      turn(ticking === undefined);
      if (ticking !== undefined && isLast()) move(0);
    },
    pause: () => turn(false),
    speed(wanted) {
      factor = wanted;
      if (ticking === undefined) return;
      clearTimeout(ticking);
      ticking = setTimeout(tick, WAIT / factor);
    },
    cut(wanted, index) {
      turn(false);
      const before = stops[at];
      stops = wanted;
      at = Math.max(0, stops.indexOf(index));
      onMove(stops[at], before);
    },
    stop() {
      clearTimeout(ticking);
      clearTimeout(settling);
    },
  };
}

/** The buttons, the level of detail, and where the film is. */
export function transport(
  /** @type {import("./panels.js").Reel} */ { frames, say, choice, asks },
  /** @type {Playhead} */ playhead,
  /** @type {HTMLButtonElement} */ menu,
) {
  const press = (
    /** @type {keyof typeof ICONS} */ name,
    /** @type {string} */ key,
    /** @type {() => void} */ act,
  ) => button(say(name), act, { title: say("with_key", { name: say(name), key }), shape: ICONS[name] });
  const play = press("play", say("key_space"), () => playhead.play());
  play.classList.add("autovis-main");
  const predict = press("predict", "H", () => choice.set({ predict: !choice.now().predict }));
  const levels = /** @type {[string, string][]} */ (Object.keys(DETAILS).map((name) => [name, say(`detail_${name}`)]));
  const detail = selection(say("detail"), levels, (value) => choice.set({ detail: value }));
  detail.label.title = say("with_key", { name: say("detail"), key: "D" });
  const progress = make("span", { class: "autovis-progress" });
  const callOf = (/** @type {Frame} */ { call }) => (call ? say("call", { number: call }) : "");
  const call = place(frames.map(callOf));
  const line = timeline({ frames, say }, playhead);
  const buttons = make(
    "div",
    { class: "autovis-buttons" },
    press("first", "Home", () => playhead.jump(0)),
    press("previous", "←", () => playhead.step(-1)),
    play,
    press("next", "→", () => playhead.step(1)),
    press("last", "End", () => playhead.jump(Infinity)),
    ...[detail.label, ...(asks ? [predict] : []), menu],
    make("span", { class: "autovis-where" }, make("span", { class: "autovis-call" }, call.node), progress),
  );
  menu.prepend(icon(ICONS.menu, 16));
  return {
    node: make("div", { class: "autovis-transport" }, buttons, line.node),
    show(/** @type {number} */ index) {
      progress.textContent = say("progress", { number: playhead.at(), last: playhead.stops().length - 1 });
      call.set(callOf(frames[index]));
      detail.node.value = choice.now().detail;
      predict.setAttribute("aria-pressed", String(choice.now().predict));
      line.show(index);
    },
    playing(/** @type {boolean} */ on) {
      const name = on ? "pause" : "play";
      play.title = say("with_key", { name: say(name), key: say("key_space") });
      play.replaceChildren(icon(ICONS[name], 16), make("span", {}, say(name)));
    },
  };
}

/** The slider, with a mark at each event. @param {{ frames: Frame[], say: Say }} reel @param {Playhead} playhead */
function timeline({ frames, say }, playhead) {
  const range = /** @type {HTMLInputElement} */ (
    make("input", { type: "range", min: "0", step: "1", "aria-label": say("frame") })
  );
  range.addEventListener("input", () => playhead.jump(range.valueAsNumber));
  const box = make("div", { class: "autovis-marks", "aria-hidden": "true" });
  /** @type {{ node: HTMLElement, index: number }[]} */
  let events = [];
  /** @type {number[]} */
  let drawn = [];
  const percent = (/** @type {number} */ at) => `${(100 * at) / (playhead.stops().length - 1 || 1)}%`;
  function draw() {
    drawn = playhead.stops();
    range.max = String(drawn.length - 1);
    events = marks(frames, drawn).map(({ at, index, kind, shape }) => {
      const node = make("i", { class: kind, title: `${at}: ${say(`mark_${kind}`)}` }, icon(shape, 10));
      node.style.left = percent(at);
      return { node, index };
    });
    box.replaceChildren(...events.map(({ node }) => node));
  }
  return {
    node: make("div", { class: "autovis-timeline" }, box, range),
    show(/** @type {number} */ index) {
      if (drawn !== playhead.stops()) draw();
      range.value = String(playhead.at());
      range.setAttribute("aria-valuetext", frames[index].text ?? "");
      range.style.setProperty("--done", percent(playhead.at()));
      for (const event of events) event.node.classList.toggle("past", event.index <= index);
    },
  };
}
