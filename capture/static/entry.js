// Entry pages: conditions, soft limits, easier controls and drafts, for every form of an instrument.
import { easeControls } from "./controls.js";
import { startDrafts } from "./drafts.js";
import { startSoftLimits } from "./soft-limits.js";

for (const form of document.querySelectorAll("form[data-instrument-form]")) {
  easeControls(form);
  startSoftLimits(form);
  startDrafts(form);
  // The evaluator is fetched only where something depends on it.
  if (form.querySelector("[data-show-if], [data-when]")) {
    import("./show-if.js").then(({ startConditions }) => startConditions(form));
  }
}
