// The search in the header by a key, and wide tables that bring what has the focus into view.
const SEARCH_KEY = "KeyS";

/** Go to the search with Alt+S; without scripts the box has an access key. */
export function startFinding(root) {
  const box = root.getElementById("app-search");
  if (box) {
    root.addEventListener("keydown", (event) => {
      if (event.code === SEARCH_KEY && event.altKey && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        box.select();
      }
    });
  }
  for (const region of root.querySelectorAll(".app-scroll--grid")) {
    region.addEventListener("focusin", ({ target }) => show(target, region));
  }
}

// Browsers leave alone what is partly in view, though a head or number that stays may cover it.
function show(target, region) {
  if (target !== region) {
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
