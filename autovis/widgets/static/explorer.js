// @ts-check
// The explorer: controls beside a program, what the last two runs came to, and their films. The kernel does the
// work: the page asks (`send`), the kernel answers with the whole state, and all that is shown is a function of it.

import { mountPair } from "./compare.js";
import { icon, make, SVG } from "./dom.js";
import { inflate } from "./inflate.js";
import { mount } from "./mount.js";

/**
 * @typedef {import("./film.js").Film} Film
 * @typedef {import("./compare.js").Pair} Pair
 * @typedef {Record<string, string>} Words
 * @typedef {{ id: string, name: string, line: number, value: string, number: boolean, flag: boolean,
 *   fixed: string }} LeafRow
 * @typedef {{ index: number, line: number, root: string, retain: boolean, seed: string }} PassRow
 * @typedef {{ id: string, text: string, cut: boolean, also: string[] }} Edge
 * @typedef {{ name: string, value_before: string, value_now: string, grad_before: string, grad_now: string,
 *   mark: "same" | "changed" | "new" | "gone" }} ResultRow
 * @typedef {{ kind?: string, sentence?: string, line?: number }} Failure
 * @typedef {{ words: Words, lines: string[], changed: number[], leaves: LeafRow[], passes: PassRow[], edges: Edge[],
 *   rows: ResultRow[], printed: [string, string], errors: [Failure, Failure], compared: boolean, stale: boolean,
 *   told: string, answered: number, auto: boolean, beside: boolean, undo: number, redo: number, history: string[] }} ExplorerState
 * @typedef {(asked: Record<string, unknown>) => void} Ask
 */

const PATIENCE = 5000; // milliseconds until the page says that no kernel answers
const WHAT_BECAME = /** @type {const} */ ({
  changed: "M5 1l4.5 8h-9z",
  same: "M1 3h8v1.4H1zM1 6h8v1.4H1z",
  new: "M4.2 1h1.6v3.2H9v1.6H5.8V9H4.2V5.8H1V4.2h3.2z",
  gone: "M1 4.2h8v1.6H1z",
});
const DOINGS = { run: "Enter", backward: "B", clear: "Z", zeros: "", undo: "U", redo: "Shift+U", reset: "R" };

/** Fill in a sentence. @param {string} sentence @param {Record<string, unknown>} parts */
export const filled = (sentence, parts) =>
  sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in parts ? String(parts[name]) : whole));

/** The range of a slider: round numbers on both sides of a value. @param {number} value */
export function rangeOf(value) {
  const reach = Math.max(5, 10 ** Math.ceil(Math.log10(2 * Math.abs(value) || 1)));
  return { min: -reach, max: reach, step: reach / 50 };
}

/** What a key asks for, outside of fields; empty if nothing. @param {{ key: string, shiftKey: boolean }} event */
export function doingOf({ key, shiftKey }) {
  const name = key === "Enter" ? key : `${shiftKey ? "Shift+" : ""}${key.toUpperCase()}`;
  return Object.entries(DOINGS).find(([, wanted]) => wanted === name)?.[0] ?? "";
}

/** The edge that a thing of the picture stands for. @param {Edge[]} edges @param {string} id */
export const edgeOf = (edges, id) => edges.find((edge) => edge.id === id || edge.also.includes(id));

/** What the live region says. @param {ExplorerState} state */
export function toldBy({ words, told, stale, compared, errors }) {
  if (told) return told;
  if (stale) return words.stale_told;
  if (errors[1].kind) return words.failed_told;
  return compared ? words.run_told : words.first_told;
}

/** What a message asks of the kernel for a button. @param {string} doing */
export const askedBy = (doing) => (doing === "zeros" ? { do: "clear", zeros: true } : { do: doing });

/** @param {string} text @param {string} label @param {Record<string, string>} more */
const field = (text, label, more = {}) =>
  /** @type {HTMLInputElement} */ (
    make("input", { type: "text", value: text, "aria-label": label, spellcheck: "false", ...more })
  );

/** @param {boolean} on @param {string} text @param {string} label @param {string} key @param {(on: boolean) => void} act */
function tick(on, text, label, key, act) {
  const box = /** @type {HTMLInputElement} */ (
    make("input", { type: "checkbox", "aria-label": label, "data-key": key })
  );
  box.checked = on;
  box.addEventListener("change", () => act(box.checked));
  return make("label", {}, box, make("span", { "aria-hidden": "true" }, text));
}

/** @param {string} name @param {string} title @param {Node[]} children */
const part = (name, title, ...children) =>
  make("section", { class: `explorer-${name}`, "aria-label": title }, make("div", { class: "explorer-head" }, title), ...children);

/** One leaf: its name, its numbers, a slider for a single one, its flag. @param {LeafRow} leaf @param {Words} words @param {Ask} ask */
function leafControls(leaf, words, ask) {
  const { id, name } = leaf;
  const text = field(leaf.value, filled(words.value_of, { name }), { "data-key": `value-${id}` });
  const change = (/** @type {string} */ typed) => ask({ do: "value", leaf: id, text: typed });
  text.addEventListener("change", () => text.isConnected && change(text.value));
  text.disabled = !leaf.value || Boolean(leaf.fixed);
  const parts = [make("b", {}, name), text];
  if (leaf.number && !leaf.fixed) {
    const now = Number(leaf.value);
    const [label, limits] = [filled(words.slider_of, { name }), rangeOf(now)];
    const slider = field(leaf.value, label, { type: "range", "data-key": `slider-${id}` });
    for (const [key, limit] of Object.entries(limits)) slider.setAttribute(key, String(limit));
    slider.value = leaf.value;
    slider.addEventListener("input", () => (text.value = slider.value));
    slider.addEventListener("change", () => slider.isConnected && change(slider.value));
    parts.push(slider);
  } else parts.push(make("span"));
  const flag = tick(leaf.flag, "requires_grad", filled(words.flag_of, { name }), `flag-${id}`, (on) =>
    ask({ do: "flag", leaf: id, on }),
  );
  if (leaf.fixed) flag.querySelector("input")?.setAttribute("disabled", "");
  const why = leaf.fixed ? [make("p", {}, leaf.fixed)] : [];
  return make("div", { class: "explorer-row" }, ...parts, flag, ...why);
}

/** One backward call: its vector and whether it keeps the graph. @param {PassRow} pass @param {Words} words @param {Ask} ask */
function passControls(pass, words, ask) {
  const line = filled(words.line, { line: pass.line });
  const seed = field(pass.seed, filled(words.seed_of, { line }), {
    placeholder: "1",
    "data-key": `seed-${pass.index}`,
  });
  const start = () => ask({ do: "seed", pass: pass.index, text: seed.value.trim() });
  seed.addEventListener("change", () => seed.isConnected && start());
  const keep = tick(pass.retain, "retain_graph", filled(words.retain_of, { line }), `retain-${pass.index}`, (on) =>
    ask({ do: "retain", pass: pass.index, on }),
  );
  const call = make("code", {}, `${pass.root}.backward`);
  const vector = make("label", {}, make("i", { "aria-hidden": "true" }, "v"), seed);
  return make("div", { class: "explorer-row pass" }, call, make("small", {}, line), vector, keep);
}

/** The edges as a list to choose from, and the scissors. @param {ExplorerState} state @param {string} chosen @param {(id: string) => void} choose @param {Ask} ask */
function edgeControls({ edges, words }, chosen, choose, ask) {
  const list = /** @type {HTMLSelectElement} */ (
    make(
      "select",
      { "aria-label": words.edges, "data-key": "edges" },
      ...edges.map(({ id, text }) => make("option", { value: id }, text)),
    )
  );
  list.value = chosen;
  const isCut = edgeOf(edges, chosen)?.cut;
  const cut = make("button", { type: "button", "data-key": "cut", title: "X" }, isCut ? words.join : words.cut);
  list.addEventListener("change", () => choose(list.value));
  cut.addEventListener("click", () => ask({ do: "cut", edge: list.value }));
  cut.toggleAttribute("disabled", !edges.length);
  return make("div", { class: "explorer-row edge" }, list, cut);
}

/** The program, with the lines that differ from the run before. @param {ExplorerState} state @param {() => void} copied */
function programOf({ lines, changed, words, errors, stale }, copied) {
  const failing = stale ? 0 : errors[1].line;
  const list = make(
    "ol",
    {},
    ...lines.map((text, i) => {
      const [differs, fails] = [changed.includes(i + 1), failing === i + 1];
      const tags = [differs ? words.line_changed : "", fails ? (errors[1].kind ?? "") : ""].filter(Boolean);
      const line = make("li", {}, make("code", {}, text || " "), make("span", {}, ...tags.map((tag) => make("em", {}, tag))));
      line.className = `${differs ? "changed" : ""} ${fails ? "failing" : ""}`.trim();
      return line;
    }),
  );
  const copy = make("button", { type: "button", "data-key": "copy" }, words.copy);
  copy.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(lines.join("\n")).catch(() => {});
    copied();
  });
  const box = part("program", words.program, list);
  box.firstElementChild?.append(copy);
  return box;
}

/** Values and gradients of the two runs, side by side. @param {ExplorerState} state */
function resultsOf({ rows, words, stale, printed, errors, compared }) {
  const heads = compared
    ? [words.name, `${words.value}, ${words.before}`, `${words.value}, ${words.now}`, `${words.grad}, ${words.before}`]
    : [words.name, words.value];
  heads.push(compared ? `${words.grad}, ${words.now}` : words.grad, ...(compared ? [words.mark] : []));
  const cells = (/** @type {ResultRow} */ row) => {
    const texts = compared ? [row.value_before, row.value_now, row.grad_before, row.grad_now] : [row.value_now, row.grad_now];
    const became = make("td", { class: row.mark }, icon(WHAT_BECAME[row.mark], 10), words[row.mark]);
    return [
      make("th", { scope: "row" }, row.name),
      ...texts.map((text, i) => {
        const pair = compared ? texts[i ^ 1] : text;
        return make("td", text !== pair && i % 2 ? { class: "differs" } : {}, text || "–");
      }),
      ...(compared ? [became] : []),
    ];
  };
  const table = make(
    "table",
    {},
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...rows.map((row) => make("tr", { class: row.mark }, ...cells(row)))),
  );
  const box = part("results", compared ? words.results : words.result, make("div", { class: "explorer-scroll", tabindex: "0" }, table));
  box.lastElementChild?.setAttribute("aria-label", words.results);
  box.lastElementChild?.setAttribute("role", "group");
  if (stale) box.firstElementChild?.append(make("strong", { class: "stale-word" }, words.stale));
  const which = [words.before, words.now];
  [0, 1].forEach((run) => {
    if (!compared && !run) return;
    const { kind, line, sentence } = errors[run];
    const label = compared ? `${which[run]}: ` : "";
    if (kind) box.append(make("p", { class: "failure" }, label + filled(words.error, { kind, line, sentence })));
    if (printed[run])
      box.append(make("div", { class: "printed" }, make("small", {}, `${label}${words.printed}`), make("pre", {}, printed[run])));
  });
  return box;
}

/** Put one film, or two in step, into an element, at its end: there every edge can be seen. @param {HTMLElement} stage @param {Film | Pair} film */
function shown(stage, film) {
  if ("pair" in film) return mountPair(stage, film, { frame: Math.max(film.steps.length - 1, 0) });
  return mount(stage, film, { frame: Math.max(film.frames.length - 1, 0) });
}

/** Make the lines of the picture easy to hit, and let them be cut. @param {Element} picture @param {ExplorerState} state */
function grips(picture, { edges, words }) {
  const last = [...picture.querySelectorAll(".autovis-side")].at(-1) ?? picture; // of two films, that of the last run
  for (const group of last.querySelectorAll(".link[data-id], .element.cut[data-id]")) {
    const edge = edgeOf(edges, group.getAttribute("data-id") ?? "");
    if (!edge) continue;
    group.setAttribute("data-edge", edge.id);
    const line = group.querySelector("path.line.forth");
    const grip = /** @type {Element | undefined} */ (line?.cloneNode(false));
    const title = document.createElementNS(SVG, "title");
    title.textContent = filled(words.grip, { text: edge.text });
    grip?.setAttribute("class", "grip");
    grip?.append(title);
    if (grip) group.append(grip);
  }
}

/**
 * Put the explorer into an element.
 * @param {HTMLElement} element @param {Film | Pair} film
 * @param {{ state: ExplorerState, style?: string, ask: Ask }} options
 */
export function mountExplorer(element, film, { state, style = "", ask: send }) {
  let now = state;
  let drawing = false; // a field that is taken away while it has the focus would tell what is in it once more
  const ask = (/** @type {Record<string, unknown>} */ asked) => drawing || send(asked);
  let [chosen, named] = [state.edges[0]?.id ?? "", ""];
  const ears = new AbortController();
  const { signal } = ears;
  const [bench, results, stage] = ["bench", "after", "film"].map((name) => make("div", { class: `explorer-${name}` }));
  const told = make("div", { class: "explorer-told", role: "status" });
  const root = make("div", {
    class: "autovis autovis-explorer",
    role: "group",
    lang: now.words.lang,
    tabindex: "0",
    "aria-label": filled(now.words.group, { title: film.title ?? "" }),
    "aria-description": now.words.keys,
    "data-lm-suppress-shortcuts": "true",
  });
  root.append(make("style", {}, style), bench, told, results, stage);
  element.append(root);
  let player = shown(stage, film);

  const say = (/** @type {string} */ text) => text !== told.textContent && (told.textContent = text);
  function choose(/** @type {string} */ id) {
    const edge = edgeOf(now.edges, id) ?? now.edges[0];
    [chosen, named] = [edge?.id ?? "", edge?.text ?? ""];
    for (const link of stage.querySelectorAll("[data-edge]"))
      link.toggleAttribute("data-chosen", link.getAttribute("data-edge") === chosen);
    const cut = bench.querySelector("[data-key=cut]");
    if (cut) cut.textContent = edgeOf(now.edges, chosen)?.cut ? now.words.join : now.words.cut;
  }
  function buttons() {
    const { words, undo, redo, stale, auto } = now;
    const dead = /** @type {Record<string, boolean>} */ ({ undo: !undo, redo: !redo, reset: !undo });
    const all = Object.entries(DOINGS).map(([doing, key]) => {
      const word = doing === "backward" ? words.again : words[doing];
      const button = make("button", { type: "button", "data-key": doing, ...(key ? { title: key } : {}) }, word);
      button.addEventListener("click", () => ask(askedBy(doing)));
      button.setAttribute("aria-disabled", String(dead[doing] ?? false)); // keeps the keyboard where it is
      if (doing === "run") button.className = stale ? "wanted" : "";
      return button;
    });
    const always = tick(auto, words.auto, words.auto, "auto", (on) => ask({ do: "auto", on }));
    const both = tick(now.beside, words.beside, words.beside, "beside", (on) => ask({ do: "beside", on }));
    return make("div", { class: "explorer-buttons" }, ...all, always, both);
  }
  /** Draw all from the state; the keyboard, and what is being typed, stay where they are. */
  function show() {
    const active = /** @type {HTMLInputElement | null} */ (root.contains(document.activeElement) ? document.activeElement : null);
    const [key = "", typed = ""] = [active?.dataset.key, active?.value];
    const typing = pending.has(key);
    if (typing && active?.type === "range") return; // it is being dragged; its own change is answered, too
    const { words, leaves, passes, edges } = now;
    const copied = () => say(words.copied);
    const controls = make(
      "div",
      { class: "explorer-controls" },
      ...(leaves.length ? [part("leaves", words.leaves, ...leaves.map((leaf) => leafControls(leaf, words, ask)))] : []),
      ...(passes.length ? [part("passes", words.passes, ...passes.map((pass) => passControls(pass, words, ask)))] : []),
      ...(edges.length ? [part("edges", words.edges, edgeControls(now, chosen, choose, ask))] : []),
      buttons(),
    );
    drawing = true;
    bench.replaceChildren(programOf(now, copied), controls);
    drawing = false;
    results.replaceChildren(resultsOf(now));
    root.classList.toggle("stale", now.stale);
    say(toldBy(now));
    choose(chosen);
    const again = key && /** @type {HTMLInputElement | null} */ (root.querySelector(`[data-key="${CSS.escape(key)}"]`));
    if (!again) {
      if (key) root.focus();
      return;
    }
    again.focus();
    pending.clear();
    if (!typing) return;
    again.value = typed;
    pending.add(key);
  }
  /** Fields in which somebody types while the kernel answers. @type {Set<string>} */
  const pending = new Set();
  const keyOf = (/** @type {Event} */ { target }) => /** @type {HTMLElement} */ (target).dataset.key ?? "";
  root.addEventListener("input", (event) => pending.add(keyOf(event)), { signal });
  root.addEventListener("change", (event) => pending.delete(keyOf(event)), { signal, capture: true });
  stage.addEventListener(
    "click",
    ({ target }) => {
      const id = /** @type {Element} */ (target).closest("[data-edge]")?.getAttribute("data-edge");
      if (id) ask({ do: "cut", edge: id });
    },
    { signal },
  );
  root.addEventListener(
    "keydown",
    (event) => {
      const { key, target, ctrlKey, metaKey, altKey } = event;
      const spot = /** @type {HTMLInputElement} */ (target);
      event.stopPropagation();
      if (ctrlKey || metaKey || altKey) return;
      if (spot.type === "text") {
        if (key !== "Enter") return;
        event.preventDefault();
        if (pending.has(spot.dataset.key ?? "")) spot.dispatchEvent(new Event("change", { bubbles: true }));
        else ask({ do: "run" });
        return;
      }
      if (key === "Enter" && spot.matches("button, select, summary, input")) return;
      if (spot.matches("select") && key !== "x" && key !== "X") return; // letters find an entry there
      const doing = doingOf(event);
      if (key === "x" || key === "X") ask({ do: "cut", edge: chosen });
      else if (doing) ask(askedBy(doing));
      else return;
      event.preventDefault();
    },
    { signal },
  );
  grips(stage, now);
  show();
  return {
    /** @param {ExplorerState} state @param {Film | Pair} [film] */
    update(state, film) {
      now = state;
      chosen = state.edges.find(({ text }) => text === named)?.id ?? state.edges[0]?.id ?? ""; // another film, other ids
      if (film) {
        const there = stage.contains(document.activeElement);
        player.remove();
        player = shown(stage, film);
        if (there) /** @type {HTMLElement | null} */ (stage.querySelector(".autovis"))?.focus();
        grips(stage, now);
      }
      show();
    },
    say,
    remove() {
      ears.abort();
      player.remove();
      root.remove();
    },
  };
}

/** What anywidget calls: the page asks by message, the kernel answers with state and film. */
export default {
  /** @param {{ model: any, el: HTMLElement, film: Film | Pair, style?: string }} context */
  render({ model, el, film, style }) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let waiting;
    let shown = model.get("film");
    let asks = model.get("state").answered; // the last question; an answer to an earlier one is out of date
    const answered = () => clearTimeout(waiting);
    const explorer = mountExplorer(el, film, {
      style,
      state: model.get("state"),
      ask(asked) {
        asks += 1;
        model.send({ ...asked, number: asks });
        clearTimeout(waiting);
        waiting = setTimeout(() => explorer.say(model.get("state").words.no_answer), PATIENCE);
      },
    });
    const update = async () => {
      const { answered: number } = model.get("state");
      if (number < asks) return;
      asks = number;
      answered();
      const packed = model.get("film");
      const other = packed === shown ? undefined : JSON.parse(await inflate(packed));
      if (packed !== model.get("film")) return; // a newer one is on its way
      shown = packed;
      explorer.update(model.get("state"), other);
    };
    model.on("change:state", update);
    return () => {
      answered();
      model.off("change:state", update);
      explorer.remove();
    };
  },
};
