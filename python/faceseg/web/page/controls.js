// The form: what it says now, and which of its parts belong to the view that is chosen.

const form = document.getElementById("controls");
let hasRecolored = false;

/** {view, target, background, color, paint, strength, refine, compare, mirror} as they stand. */
export function chosen() {
  const {view, target, background, color, paint, strength, refine, compare, mirror} = form.elements;
  return {
    view: view.value, target: target.value, background: background.value, color: color.value,
    paint: paint.value, strength: Number(strength.value) / 100, refine: refine.value, compare: Number(compare.value), mirror: mirror.checked,
  };
}

/**
 * Calls `changed` with the name of each control that changes, and whether it is still being moved: colours and
 * strength are told on their way and once more when they stay.
 */
export function onChange(changed) {
  const moves = name => ["paint", "strength"].includes(name);
  form.addEventListener("input", ({target: {name, value}}) => {
    if (name === "view" && value === "recolor" && !hasRecolored) {
      form.elements.target.value = "hair"; // what is mostly wanted
      hasRecolored = true;
    }
    if (name) changed(name, moves(name));
  });
  form.addEventListener("change", ({target: {name}}) => {
    if (moves(name)) changed(name, false);
  });
  form.addEventListener("submit", event => event.preventDefault());
}

/** Shows the parts that the view has. source: "none", "photo" or "live". */
export function arrange(source) {
  const {view, background} = chosen();
  for (const part of form.querySelectorAll("[data-of]")) part.hidden = !part.dataset.of.split(" ").includes(view);
  const show = (id, seen) => { document.getElementById(id).hidden = !seen; };
  show("color-row", background === "color");
  show("edges", source !== "live");
  show("compare-row", source === "photo");
  show("mirror-row", source === "live");
  show("take", source === "live");
  show("rate", source === "live");
  show("download", source !== "live");
}
