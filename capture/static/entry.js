// Entry pages: conditions, soft limits, easier controls and drafts, for every form of an instrument.
import { easeControls } from "./controls.js";
import { startDrafts } from "./drafts.js";
import { startConditions } from "./show-if.js";
import { startSoftLimits } from "./soft-limits.js";

for (const form of document.querySelectorAll("form[data-instrument-form]")) {
  easeControls(form);
  startSoftLimits(form);
  startDrafts(form);
  // With the rest, and not a moment later: a form must not move under a hand that has begun.
  startConditions(form);
}

// Ctrl+S presses Save, so that a browser never offers to save the page instead.
document.addEventListener("keydown", (event) => {
  const isMeant = event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey);
  const button = document.querySelector("form[data-instrument-form] button[value=save]");
  if (isMeant && button && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    if (!event.repeat) {
      button.click();
    }
  }
});
