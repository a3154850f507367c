// @ts-check
// A page of its own: the film lies in the page, and the address remembers the frame.

import { inflate } from "./inflate.js";

/**
 * Put the film in the place of the still picture, which stays if anything fails.
 * @param {(element: HTMLElement, film: any, options: import("./mount.js").Options) => import("./widget.js").Mounted} mounts
 */
export async function open(mounts) {
  const place = /** @type {HTMLElement} */ (document.getElementById("film"));
  const packed = document.getElementById("data")?.textContent ?? "";
  const { film, style } = JSON.parse(await inflate(packed));
  const asked = () => Number(location.hash.slice(1)) || 0;
  const player = mounts(place, film, {
    style,
    frame: asked(),
    onSettle: (index) => history.replaceState(null, "", `#${index}`),
  });
  document.getElementById("still")?.remove();
  addEventListener("hashchange", () => player.goTo(asked()));
}
