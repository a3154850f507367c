// @ts-check
// Boxes that open and close: a click or Enter is told to the kernel, which sends the picture drawn anew.

/** What can be opened or closed. */
const FOLDS = ".element.fold, .element.frozen-fold, .region.module";
const GLIDE = 260; // milliseconds in which what stays glides to its new place

/**
 * Let boxes open and frames close.
 * @param {Element} root @param {(id: string) => void} toggle
 */
export function foldable(root, toggle) {
  const svg = root.querySelector(".autovis-stage svg");
  if (!svg) return;
  for (const group of svg.querySelectorAll(FOLDS)) {
    const isOpen = group.classList.contains("region");
    group.setAttribute("role", "button");
    group.setAttribute("aria-expanded", String(isOpen));
    group.classList.add("folds");
    if (isOpen) group.setAttribute("tabindex", "0");
    if (isOpen) group.setAttribute("aria-label", group.querySelector("text")?.textContent ?? "");
  }
  const act = (/** @type {Event} */ event) => {
    const id = /** @type {Element} */ (event.target).closest(FOLDS)?.getAttribute("data-id");
    if (!id || (event instanceof KeyboardEvent && event.key !== "Enter")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    toggle(id);
  };
  svg.addEventListener("click", act, { capture: true }); // before the element is picked
  svg.addEventListener("keydown", act, { capture: true });
}

/** Where everything stands on the screen, by id. @param {Element} root */
const standing = (root) =>
  new Map([...root.querySelectorAll(".autovis-stage [data-id]")].map((group) => [group.getAttribute("data-id"), group.getBoundingClientRect()]));

/**
 * Replace a picture by one with another box open: what stays glides from where it was, what was used keeps the focus.
 * @param {Element} root @param {() => void} redraw @param {string} id of what was opened or closed
 */
export function refold(root, redraw, id) {
  const before = standing(root);
  redraw();
  const used = [...root.querySelectorAll(FOLDS)].find((group) => group.getAttribute("data-id") === id);
  /** @type {any} */ (used ?? root.querySelector(".autovis"))?.focus({ preventScroll: true });
  const stage = root.querySelector(".autovis-stage");
  const [was, is] = [before.get(id), used?.getBoundingClientRect()];
  if (was && is) stage?.scrollBy(is.left + is.width / 2 - was.left - was.width / 2, is.top - was.top);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const [each, now] of standing(root)) {
    const old = before.get(each);
    const group = [...root.querySelectorAll(".element")].find((found) => found.getAttribute("data-id") === each);
    if (!old || !group) continue;
    const scale = /** @type {SVGGraphicsElement} */ (group).getScreenCTM()?.a || 1;
    const [x, y] = [(old.left - now.left) / scale, (old.top - now.top) / scale];
    group.animate({ translate: [`${x}px ${y}px`, "0px 0px"] }, { duration: GLIDE, easing: "ease-out" });
  }
}
