/* Evaluates the cases on standard input with the page's own evaluator, in both modes. */

import { readFileSync } from "node:fs";
import { KLEENE, REDCAP, UNKNOWN, evaluate } from "../../capture/static/expressions.js";

const { today, now, cases } = JSON.parse(readFileSync(0, "utf-8"));

function scopeOf({ values, facts }) {
  return {
    value: ({ item, visit, code, instance, modifier }) =>
      values[JSON.stringify([item, visit, code, instance, modifier])],
    today: () => today,
    now: () => now,
    context: (name, given) =>
      name === "consent.in_force" && facts[name] !== null ? String(given[1]) >= "2024" : facts[name],
  };
}

const shown = (value) => (value === UNKNOWN ? { unknown: true } : value);
const answers = cases.map((one) =>
  [REDCAP, KLEENE].map((mode) => shown(evaluate(one.tree, scopeOf(one), mode))),
);
process.stdout.write(JSON.stringify(answers));
