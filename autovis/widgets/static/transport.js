// @ts-check
// How a film is moved: the playhead, the buttons, the timeline, the keys.

import { icon, make, place } from "./dom.js";
import { clamp, marks, nextLeaf, progressText } from "./film.js";

/**
 * @typedef {import("./film.js").Frame} Frame
 * @typedef {import("./film.js").Playhead} Playhead
 */

const SPEEDS = [0.5, 1, 2];
const WAIT = 1600; // milliseconds on a frame at speed 1
const SETTLED = 150; // milliseconds without a step before the kernel hears of it
const ICONS = {
  First: "M3 2h2v12H3zM14 2v12L6 8z",
  Previous: "M12 2v12L4 8z",
  Play: "M4 2l9 6-9 6z",
  Pause: "M3 2h4v12H3zM9 2h4v12H9z",
  Next: "M4 2l8 6-8 6z",
  Last: "M11 2h2v12h-2zM2 2l8 6-8 6z",
};

/**
 * The buttons, the speed and the timeline.
 * @param {Frame[]} frames @param {Playhead} playhead @param {AbortSignal} signal
 */
export function transport(frames, playhead, signal) {
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
export function keysOf(frames, { index, goTo, play }) {
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
