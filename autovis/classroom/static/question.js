// @ts-check
/** A question that waits for a commitment, or an answer that waits to be opened. What is shown is text, never markup. */

/**
 * What the kernel and the page share.
 * @typedef {object} Fields
 * @property {"choice" | "several" | "number" | "locked"} kind
 * @property {string} legend - what is asked; for `locked` what to do first
 * @property {string[]} labels - the options, in order
 * @property {string} button - the word on the button
 * @property {string[]} answer - what was committed: labels of options, or what was typed
 * @property {string} how_sure - asks how sure the learner is; nobody has to say it
 * @property {[string, string][]} levels - how sure one can be: the value and its word; none for `locked`
 * @property {string} sure - the value that was chosen, or empty
 * @property {string} said - what the kernel has to say about it
 * @property {boolean} settled - nothing more can be chosen
 * @property {boolean} code - what is said is a program
 */

/** @typedef {{get(name: string): any, set(name: string, value: any): void, save_changes(): void,
 *             on(event: string, call: () => void): void, off(event: string, call: () => void): void}} Model */

const INPUTS = { choice: "radio", several: "checkbox", number: "text" };
let made = 0;

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, any>} properties
 * @param {(Node | string)[]} children
 */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * Read what was chosen: the values of ticked inputs, or the text that was typed; empty if there is nothing yet.
 * @param {{type: string, checked: boolean, value: string}[]} inputs
 * @returns {string[]}
 */
export function chosen(inputs) {
  return inputs
    .filter((input) => (input.type === "text" ? input.value.trim() : input.checked))
    .map((input) => input.value.trim());
}

/** @param {Fields["kind"]} kind @param {string[]} labels @param {string} legend @returns {HTMLInputElement[]} */
function inputsOf(kind, labels, legend) {
  if (kind === "locked") return [];
  const name = `autovis-question-${++made}`;
  const values = kind === "number" ? [""] : labels;
  return values.map((value) =>
    /** @type {HTMLInputElement} */ (make("input", { type: INPUTS[kind], name, value, ariaLabel: value || legend })),
  );
}

/**
 * How sure the learner is: buttons of which one or none is down; a second press takes it back.
 * @param {Model} model
 */
function confidence(model) {
  const buttons = model.get("levels").map((/** @type {[string, string]} */ [level, word]) => {
    const button = make("button", { type: "button", textContent: word });
    button.addEventListener("click", () => {
      model.set("sure", model.get("sure") === level ? "" : level);
      show();
    });
    return { level, button };
  });
  const show = () => {
    for (const { level, button } of buttons) button.setAttribute("aria-pressed", String(model.get("sure") === level));
  };
  const name = make("legend", { textContent: model.get("how_sure") });
  const node = make("fieldset", { className: "autovis-sure", hidden: !buttons.length }, name, ...buttons.map(({ button }) => button));
  show();
  return { node, show };
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const [kind, legend] = [model.get("kind"), model.get("legend")];
  const inputs = inputsOf(kind, model.get("labels"), legend);
  const rows = inputs.map((input) => make("label", {}, input, make("span", { textContent: input.value })));
  const options = make("fieldset", {}, make("legend", { textContent: legend }), ...rows);
  const button = make("button", { type: "submit", textContent: model.get("button") });
  const said = make("div", { className: "autovis-said", role: "status", tabIndex: -1 });
  const sure = confidence(model);
  const form = make("form", { className: "autovis-question" }, options, sure.node, button, said);
  form.setAttribute("data-lm-suppress-shortcuts", "true");

  const commit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const answer = kind === "locked" ? [model.get("button")] : chosen(inputs);
    if (!answer.length) return inputs[0].focus();
    model.set("answer", answer);
    model.save_changes();
  };
  const show = () => {
    const settled = model.get("settled");
    said.textContent = model.get("said");
    said.classList.toggle("autovis-code", model.get("code"));
    for (const part of [options, sure.node]) {
      if (settled && part.contains(document.activeElement)) button.focus(); // a disabled input would lose the keyboard
      part.toggleAttribute("disabled", settled);
    }
    sure.show();
    if (kind === "locked" && settled && !button.hidden) {
      if (document.activeElement === button) said.focus();
      button.hidden = options.hidden = true;
    }
    const answer = model.get("answer");
    for (const input of settled ? inputs : []) {
      if (input.type === "text") input.value ||= answer[0] ?? "";
      else input.checked = answer.includes(input.value);
    }
  };
  const stay = (/** @type {Event} */ event) => event.stopPropagation();

  form.addEventListener("submit", commit);
  form.addEventListener("keydown", stay);
  const heard = ["change:said", "change:settled", "change:code"];
  heard.forEach((event) => model.on(event, show));
  show();
  el.append(form);
  return () => {
    heard.forEach((event) => model.off(event, show));
    form.remove();
  };
}

export default { render };
