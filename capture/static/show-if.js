// Shows and hides items, sections and choices by their conditions; without scripts all are shown.
import { evaluate, REDCAP } from "./expressions.js";
import { groupOf, itemValue } from "./item-values.js";

/** Keep a form's conditions up to date with what is typed. */
export function startConditions(form) {
  const conditions = [...form.querySelectorAll("[data-show-if], [data-when]")].map((element) => ({
    element,
    tree: JSON.parse(element.dataset.showIf ?? element.dataset.when),
  }));
  const unmet = new Set();
  const scope = pageScope(form, unmet);
  const update = () => {
    settle(conditions, scope, unmet);
    conditions.forEach(({ element }) => showOrHide(element, !unmet.has(element)));
  };
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  update();
}

/**
 * What expressions may look at: this page's controls first, then what the server sent with it.
 * An answer that is not asked, or not offered, is blank to every condition. unmet: the elements
 * whose conditions do not hold now.
 */
function pageScope(form, unmet) {
  const sent = JSON.parse(form.dataset.scope || "{}");
  const isHere = (reference) =>
    (reference.visit === null || reference.visit === sent.visit) && reference.instance === null;
  return {
    value(reference) {
      const group = isHere(reference) ? groupOf(form, reference.item) : null;
      if (group && !counts(group, unmet)) {
        return null;
      }
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

function counts(group, unmet) {
  for (let around = group; around; around = around.parentElement) {
    if (unmet.has(around)) {
      return false;
    }
  }
  const chosen = [...group.querySelectorAll("input:checked, option:checked")];
  return !chosen.some((choice) => unmet.has(choice.closest("[data-when]")));
}

// One condition may rest on an item that another one hides; the study's check refused circles, so
// as many rounds as there are conditions settle them all.
function settle(conditions, scope, unmet) {
  unmet.clear();
  for (let round = 0, isSettled = false; !isSettled && round <= conditions.length; round += 1) {
    const found = conditions.filter((one) => !isMet(one, scope)).map(({ element }) => element);
    isSettled = found.length === unmet.size && found.every((element) => unmet.has(element));
    unmet.clear();
    found.forEach((element) => unmet.add(element));
  }
}

function isMet({ tree }, scope) {
  try {
    return holds(evaluate(tree, scope, REDCAP));
  } catch (problem) {
    console.error("A condition could not be worked out; its item stays shown.", problem);
    return true;
  }
}

// A hidden answer stays in its control and is sent: the server flags it and never erases it. One
// that was flagged stays on the page, with what is asked about it, until somebody clears it.
function showOrHide(element, isAsked) {
  const isKept = holdsFocus(element) || element.querySelector("[data-not-asked]") !== null;
  element.hidden = !isAsked && !isKept;
}

// As `holds` in forms/formulas.py: a text is never true.
function holds(value) {
  return value === true || (typeof value === "number" && value !== 0);
}

function holdsFocus(element) {
  return element.contains(document.activeElement);
}
