// @ts-check
// One film on a page, put together. Everything on the page is a function of the frame number and of what is chosen, so
// going there and stepping there look the same.

import { choiceOf, classesOf } from "./choice.js";
import { code } from "./code.js";
import { make } from "./dom.js";
import { corresponding, speaker, states, stopsOf } from "./film.js";
import { inspector } from "./inspect.js";
import { keysOf } from "./keys.js";
import { menuOf } from "./menu.js";
import { caption, key, numbers, reading } from "./panels.js";
import { quiz } from "./quiz.js";
import { stage } from "./stage.js";
import { playheadOf, transport } from "./transport.js";
import { walk } from "./walk.js";

/**
 * @typedef {import("./film.js").Film} Film
 * @typedef {import("./panels.js").Reel} Reel
 * @typedef {{ frame?: number, style?: string, onSettle?: (index: number) => void,
 *   onAnswers?: (answers: Record<string, unknown>[]) => void }} Options `style` is a style sheet that goes along;
 *   `onSettle` hears where the playhead rests, `onAnswers` what was predicted
 */

/**
 * Put a film, or a picture (a film without frames), into an element.
 * @param {HTMLElement} element @param {Film} film @param {Options} [options]
 * @returns {{ goTo: (index: number) => void, index: () => number, remove: () => void }}
 */
export function mount(element, film, { frame = 0, style = "", onSettle = () => {}, onAnswers = () => {} } = {}) {
  const isFilm = film.frames.length > 0;
  const frames = isFilm ? film.frames : [{ kind: "start" }];
  const [say, choice] = [speaker(film.words), choiceOf(film.start)];
  /** @type {Reel} */
  const reel = { film, frames, all: states(frames), say, choice, asks: true };
  const stops = () => stopsOf(frames, choice.now().detail, choice.now().hidden);
  const start = stops().findLastIndex((stop) => stop <= frame);
  const playhead = playheadOf(stops(), start, {
    onMove: (index, before) => show(index, before, playhead.stops()[playhead.at() - 1] === before),
    onTurn(playing, index) {
      controls.playing(playing);
      words.hush(playing, index);
    },
    onSettle,
    waits: (index) => questions.waits(index, playhead.stops()),
  });
  const questions = quiz(reel, onAnswers);
  const picture = stage(reel, (index) => questions.asked(index, playhead.stops()));
  const pick = (/** @type {string} */ id, moved = false) => {
    if (id && !moved && questions.offer(id)) return;
    const { picked } = choice.now();
    if (!id && panel.node.contains(document.activeElement)) walker.focus(picked);
    choice.set({ picked: id });
  };
  const walker = walk(reel, picture, pick);
  const panel = inspector(reel, playhead, pick);
  const reset = () => {
    questions.reset();
    choice.reset();
    playhead.jump(0);
  };
  const menu = menuOf(reel, playhead, reset);
  const words = caption(reel);
  const controls = transport(reel, playhead, menu.opener);
  const spoken = reading(reel);
  const figures = [...(film.source?.length ? [code(reel, playhead)] : []), numbers(reel)];
  const parts = [picture, walker, panel, menu, spoken, ...(isFilm ? [words, controls, ...figures] : [])];
  const root = make("div", {
    role: "group",
    lang: say("lang"),
    tabindex: "0",
    "aria-label": film.title ? say(isFilm ? "film" : "still", { title: film.title }) : say(isFilm ? "film_bare" : "still_bare"),
    "data-lm-suppress-shortcuts": "true",
  });
  const show = (/** @type {number} */ index, /** @type {number} */ before, stepped = false) => {
    root.dataset.frame = String(index);
    for (const part of parts) part.show(index, before, stepped);
    questions.show(index, playhead.stops());
  };
  const dress = () => {
    root.className = ["autovis", `autovis-${isFilm ? "player" : "still"}`, ...classesOf(choice.now())].join(" ");
  };
  choice.listen((now, before) => {
    dress();
    if (now.detail !== before.detail || now.hidden !== before.hidden) {
      const wanted = stops();
      playhead.cut(wanted, corresponding(frames, wanted, playhead.index()));
    } else show(playhead.index(), playhead.index());
  });
  root.addEventListener(
    "keydown",
    keysOf(reel, playhead, {
      reset,
      help: menu.help,
      close() {
        if (menu.close()) return;
        if (choice.now().picked) pick("");
        else root.focus();
      },
    }),
  );
  dress();
  root.append(make("style", {}, style), picture.node);
  if (isFilm) root.append(words.node, questions.node, controls.node, menu.node, panel.node);
  else root.append(make("div", { class: "autovis-buttons" }, menu.opener), menu.node, panel.node);
  if (isFilm) root.append(make("div", { class: "autovis-panels" }, ...figures.map((part) => part.node)));
  root.append(key(reel, picture.svg), spoken.node);
  element.append(root);
  show(playhead.index(), playhead.index());
  return {
    goTo: playhead.goTo,
    index: playhead.index,
    remove() {
      playhead.stop();
      root.remove();
    },
  };
}
