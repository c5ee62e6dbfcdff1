// The form: what it says now, and which of its parts belong to the view that is chosen.

const form = document.getElementById("controls");

/** {view, target, background, color, refine, compare, mirror} as they stand. */
export function chosen() {
  const {view, target, background, color, refine, compare, mirror} = form.elements;
  return {
    view: view.value, target: target.value, background: background.value, color: color.value,
    refine: refine.value, compare: Number(compare.value), mirror: mirror.checked,
  };
}

/** Calls `changed` with the name of each control that changes, live ones while they are moved. */
export function onChange(changed) {
  form.addEventListener("input", event => {
    if (event.target.name) changed(event.target.name);
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
