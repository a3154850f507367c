// @ts-check
// What the learner has chosen: how much of the film is shown. Whatever depends on it listens.

import { DETAILS, LAYERS } from "./film.js";

/**
 * @typedef {{ detail: string, hidden: Set<string>, leaf: string, picked: string, predict: boolean }} Chosen `leaf`
 *   narrows Up and Down to one leaf, `picked` is the element in the inspector
 * @typedef {{ now: () => Chosen, set: (patch: Partial<Chosen>) => void, toggle: (layer: string) => void,
 *   nextDetail: () => void, reset: () => void, listen: (ear: (now: Chosen, before: Chosen) => void) => void }} Choice
 */

/**
 * Keep what is chosen, beginning with what the film starts with.
 * @param {Partial<{ detail: string, hide: string[], predict: boolean }>} [start] @returns {Choice}
 */
export function choiceOf({ detail = "chain", hide = [], predict = false } = {}) {
  const first = () => ({ detail, hidden: new Set(hide), leaf: "", picked: "", predict });
  const levels = Object.keys(DETAILS);
  let chosen = first();
  /** @type {((now: Chosen, before: Chosen) => void)[]} */
  const ears = [];
  const set = (/** @type {Partial<Chosen>} */ patch) => {
    const before = chosen;
    chosen = { ...chosen, ...patch };
    for (const ear of ears) ear(chosen, before);
  };
  return {
    now: () => chosen,
    set,
    toggle(layer) {
      const hidden = new Set(chosen.hidden);
      if (!hidden.delete(layer)) hidden.add(layer);
      set({ hidden });
    },
    nextDetail: () => set({ detail: levels[(levels.indexOf(chosen.detail) + 1) % levels.length] }),
    reset: () => set(first()),
    listen: (ear) => ears.push(ear),
  };
}

/** The classes of the page that a choice sets. @param {Chosen} chosen */
export const classesOf = ({ detail, hidden, predict }) => [
  `detail-${detail}`,
  ...LAYERS.filter((layer) => hidden.has(layer)).map((layer) => `hide-${layer}`),
  ...(predict ? ["predicting"] : []),
];
