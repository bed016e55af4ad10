/* Evaluates the expression trees of forms/expressions in the browser, by the same rules.
 *
 * A tree is what to_json gives: a literal is itself; ["ref", item, visit, code, instance, modifier];
 * ["fact", name, argument, …]; else [operator or function, operand, …]. Values are null (blank),
 * {m: "reason"} (missing), UNKNOWN, numbers, texts and booleans. A property test holds this file
 * and the Python evaluator together; docs/expressions.md states the rules.
 */

import {
  ARITHMETIC,
  DATES,
  finite,
  readMoment,
  readNumber,
  showNumber,
  STATISTICS,
  TEXTS,
  undecidedBounds,
} from "./expressions-functions.js";

export const UNKNOWN = Object.freeze({ unknown: true });
export const REDCAP = "redcap";
export const KLEENE = "kleene";

/* scope: value(reference), now(), today(), context(name, arguments), as Scope in Python. */
export function evaluate(tree, scope, mode) {
  const kleene = mode === KLEENE;
  const result = node(tree, { scope, kleene });
  if (kleene) return isAbsent(result) || result === "" ? UNKNOWN : result;
  return result === UNKNOWN ? null : result;
}

// ---- values ----

const isMissing = (value) => typeof value === "object" && value !== null && value !== UNKNOWN;
const isAbsent = (value) => value === null || typeof value === "object";
const present = (value) => (isAbsent(value) ? null : value);

function clean(value, run) {
  if (value === undefined || value === "" || (value === UNKNOWN && !run.kleene)) return null;
  return typeof value === "number" ? finite(value) : value;
}

function toNumber(value) {
  if (value === null) return null;
  return typeof value === "string" ? readNumber(value) : Number(value);
}

function toText(value) {
  if (value === null) return "";
  return typeof value === "string" ? value : showNumber(Number(value));
}

// ---- the tree ----

function node(tree, run) {
  if (!Array.isArray(tree)) return tree === "" && !run.kleene ? null : tree;
  const [name, ...rest] = tree;
  if (name === "ref") return reference(rest, run);
  if (name === "if") return choose(rest, run);
  if (name === "fact") return fact(rest[0], rest.slice(1).map((one) => node(one, run)), run);
  return call(name, rest.map((one) => node(one, run)), run);
}

function reference([item, visit = null, code = null, instance = null, modifier = null], run) {
  return clean(run.scope.value({ item, visit, code, instance, modifier }), run);
}

function choose([condition, then, otherwise], run) {
  const truth = truthOf(node(condition, run), run);
  if (truth !== UNKNOWN) return node(truth ? then : otherwise, run);
  const first = node(then, run);
  const second = node(otherwise, run);
  const same = isMissing(first) && isMissing(second) ? first.m === second.m : first === second;
  return same ? first : UNKNOWN;
}

function truthOf(value, run) {
  const number = toNumber(present(value));
  if (number !== null) return number !== 0;
  return run.kleene ? UNKNOWN : present(value) !== null;
}

function fact(name, operands, run) {
  if (name === "today") return run.scope.today();
  if (name === "now") return run.scope.now();
  const isKnown = !operands.some(isAbsent);
  const known = isKnown ? operands.map((operand) => dated(operand, run)) : [];
  const isDated = name !== "consent.in_force" || (isKnown && readMoment(toText(known[1])) !== null);
  if (!isKnown || !isDated) return run.kleene ? UNKNOWN : null;
  return clean(run.scope.context(name, known), run);
}

function dated(value, run) {
  const word = typeof value === "string" ? value.toLowerCase() : "";
  if (word === "today") return run.scope.today();
  return word === "now" ? run.scope.now() : value;
}

function call(name, operands, run) {
  if (Object.hasOwn(LOGIC, name)) {
    return LOGIC[name](operands.map((operand) => truthOf(operand, run)));
  }
  if (Object.hasOwn(MISSING, name)) return testMissing(name, operands);
  if (run.kleene && operands.some(isAbsent)) return UNKNOWN;
  const known = operands.map(present);
  if (Object.hasOwn(ORDERS, name)) {
    return run.kleene ? compareThreeValued(name, ...known) : compareTwoValued(name, ...known);
  }
  const result = compute(name, known, run);
  if (result === null && run.kleene) return UNKNOWN;
  return result === "" && !run.kleene ? null : result;
}

function compute(name, operands, run) {
  if (Object.hasOwn(ARITHMETIC, name) || Object.hasOwn(STATISTICS, name)) {
    return calculate(name, operands.map(toNumber), run);
  }
  if (Object.hasOwn(TEXTS, name)) return TEXTS[name](...operands.map(toText));
  const { letters, count } = DATES[name];
  const texts = operands.map((operand, place) => {
    const isDate = letters[place] === "d" && operand !== null;
    return toText(isDate ? dated(operand, run) : operand);
  });
  return finite(count(...texts));
}

function calculate(name, numbers, run) {
  const there = numbers.filter((number) => number !== null);
  const isStatistic = Object.hasOwn(STATISTICS, name);
  if (isStatistic && !run.kleene) return there.length ? finite(STATISTICS[name](there)) : null;
  if (there.length < numbers.length) return null;
  return finite(isStatistic ? STATISTICS[name](there) : ARITHMETIC[name](...there));
}

// ---- logic ----

const negated = (truth) => (truth === UNKNOWN ? UNKNOWN : !truth);

function allOf(truths) {
  if (truths.includes(false)) return false;
  return truths.includes(UNKNOWN) ? UNKNOWN : true;
}

const LOGIC = {
  and: allOf,
  or: (truths) => negated(allOf(truths.map(negated))),
  not: ([truth]) => negated(truth),
};

const MISSING = {
  isblankormissingcode: (blank, missing) => blank || missing,
  isblanknotmissingcode: (blank) => blank,
  ismissingcode: (blank, missing) => missing,
  hasmissingcode: (blank, missing) => missing,
};

function testMissing(name, operands) {
  if (operands.includes(UNKNOWN)) return UNKNOWN;
  const isBlank = operands[0] === null || operands[0] === "";
  return MISSING[name](isBlank, operands.some(isMissing));
}

// ---- comparison ----

const ORDERS = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/* Texts sort by code point; JavaScript's own `<` sorts by UTF-16 unit. */
function orderOfTexts(left, right) {
  const first = Array.from(left);
  const second = Array.from(right);
  const shorter = Math.min(first.length, second.length);
  for (let place = 0; place < shorter; place += 1) {
    const difference = first[place].codePointAt(0) - second[place].codePointAt(0);
    if (difference) return difference;
  }
  return first.length - second.length;
}

function compare(sign, left, right) {
  const first = toNumber(left);
  const second = toNumber(right);
  if (first === null || second === null) {
    return ORDERS[sign](orderOfTexts(toText(left), toText(right)));
  }
  return ORDERS[sign](first < second ? -1 : Number(first > second));
}

function compareTwoValued(sign, left, right) {
  if (left !== null && right !== null) return compare(sign, left, right);
  const same = left === right;
  return sign === "=" ? same : sign === "<>" && !same;
}

function compareThreeValued(sign, left, right) {
  const isEquality = sign === "=" || sign === "<>";
  if (left === "" || right === "") return isEquality ? compare(sign, left, right) : UNKNOWN;
  const bounds = undecidedBounds(left, right);
  if (bounds === null) return compare(sign, left, right);
  const [first, second] = bounds;
  if (isEquality) {
    const apart = first[1] < second[0] || second[1] < first[0];
    return apart ? sign === "<>" : UNKNOWN;
  }
  const answer = compare(sign, first[0], second[1]);
  return answer === compare(sign, first[1], second[0]) ? answer : UNKNOWN;
}
