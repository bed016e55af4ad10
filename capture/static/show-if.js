// Shows and hides items, sections and choices by their conditions; without scripts all are shown.
import { evaluate, REDCAP } from "./expressions.js";
import { groupOf, itemValue } from "./item-values.js";

/** Keep a form's conditions up to date with what is typed. */
export function startConditions(form) {
  const conditions = [...form.querySelectorAll("[data-show-if], [data-when]")].map((element) => ({
    element,
    tree: JSON.parse(element.dataset.showIf ?? element.dataset.when),
  }));
  const scope = pageScope(form);
  const update = () => conditions.forEach((one) => applyCondition(one, scope));
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  update();
}

/** What expressions may look at: this page's controls first, then what the server sent with it. */
function pageScope(form) {
  const sent = JSON.parse(form.dataset.scope || "{}");
  const isHere = (reference) =>
    (reference.visit === null || reference.visit === sent.visit) && reference.instance === null;
  return {
    value(reference) {
      const group = isHere(reference) ? groupOf(form, reference.item) : null;
      return group ? itemValue(group, reference.code) : sent.values?.[referenceKey(reference)] ?? null;
    },
    now: () => sent.now ?? "",
    today: () => sent.today ?? "",
    context: (name, given) => sent.facts?.[JSON.stringify([name, ...given])] ?? null,
  };
}

function referenceKey({ item, visit, code, instance, modifier }) {
  return JSON.stringify([item, visit, code, instance, modifier]);
}

// A hidden answer stays in its control and is sent: the server flags it and never erases it.
function applyCondition({ element, tree }, scope) {
  let isShown = true;
  try {
    isShown = holds(evaluate(tree, scope, REDCAP));
  } catch (problem) {
    console.error("A condition could not be worked out; its item stays shown.", problem);
  }
  element.hidden = !isShown && !holdsFocus(element);
}

// As `holds` in forms/formulas.py: a text is never true.
function holds(value) {
  return value === true || (typeof value === "number" && value !== 0);
}

function holdsFocus(element) {
  return element.contains(document.activeElement);
}
