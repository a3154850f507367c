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

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const [kind, legend] = [model.get("kind"), model.get("legend")];
  const inputs = inputsOf(kind, model.get("labels"), legend);
  const rows = inputs.map((input) => make("label", {}, input, make("span", { textContent: input.value })));
  const options = make("fieldset", {}, make("legend", { textContent: legend }), ...rows);
  const button = make("button", { type: "submit", textContent: model.get("button") });
  const said = make("div", { className: "autovis-said", role: "status", tabIndex: -1 });
  const form = make("form", { className: "autovis-question" }, options, button, said);
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
    if (settled && options.contains(document.activeElement)) button.focus(); // a disabled input would lose the keyboard
    options.toggleAttribute("disabled", settled);
    if (kind === "locked" && settled && !button.hidden) {
      if (document.activeElement === button) said.focus();
      button.hidden = options.hidden = true;
    }
    for (const input of inputs) if (settled && input.type !== "text") input.checked = model.get("answer").includes(input.value);
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
