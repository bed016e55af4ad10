// Entry pages: conditions, soft limits, easier controls and drafts, for every form of an instrument.
import { easeControls } from "./controls.js";
import { startDrafts } from "./drafts.js";
import { startConditions } from "./show-if.js";
import { startSoftLimits } from "./soft-limits.js";

for (const form of document.querySelectorAll("form[data-instrument-form]")) {
  easeControls(form);
  startSoftLimits(form);
  startConditions(form);
  startDrafts(form);
}
