// @ts-check
// One film on a page, put together. Everything on the page is a function of the frame number, so going
// there and stepping there look the same.

import { make } from "./dom.js";
import { states } from "./film.js";
import { caption, key, panelsOf, reading } from "./panels.js";
import { stage } from "./stage.js";
import { keysOf, playheadOf, transport } from "./transport.js";

/**
 * @typedef {import("./film.js").Film} Film
 */

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
