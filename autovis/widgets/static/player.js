// @ts-check
// The player as a widget: the film comes once, and only the number of the frame goes back.

import { mount } from "./mount.js";

/** @typedef {import("./film.js").Film} Film */

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
